"""An Idempotency-Key: the same request twice is carried out once, and answered alike."""

import pytest

from incidents.models import Incident, Page, Reply
from tests.api.asking import Script

pytestmark = pytest.mark.django_db
BODY = {"incident": {"name": "Calls fail"}}


def test_the_same_request_again_is_answered_alike_and_does_nothing(script: Script) -> None:
    first = script.post("/incidents", BODY, Idempotency_Key="a")
    again = script.post("/incidents", BODY, Idempotency_Key="a")
    assert (first.status, first.body) == (again.status, again.body) == (201, again.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert Incident.objects.count() == 1


def test_another_body_under_the_same_key_is_refused(script: Script) -> None:
    script.post("/incidents", BODY, Idempotency_Key="a")
    reply = script.post("/incidents", {"incident": {"name": "Other"}}, Idempotency_Key="a")
    assert reply.status == 422
    assert reply.errors == [
        "Idempotency-Key: This key was used for another request. Use a new one for each request."
    ]
    assert Incident.objects.count() == 1


def test_a_refusal_is_not_kept_so_that_the_mended_request_may_use_the_key(script: Script) -> None:
    assert script.post("/incidents", {"incident": {}}, Idempotency_Key="a").status == 422
    assert not Reply.objects.exists()
    assert script.post("/incidents", BODY, Idempotency_Key="a").status == 201


def test_keys_of_two_scripts_do_not_meet(script: Script, page: Page) -> None:
    script.post("/incidents", BODY, Idempotency_Key="a")
    assert Script(page).post("/incidents", BODY, Idempotency_Key="a").status == 201
    assert Incident.objects.count() == 2


def test_a_secret_that_is_shown_once_is_kept_sealed(script: Script) -> None:
    body = {"event_source": {"name": "Nagios"}}
    first, again = (script.post("/event_sources", body, Idempotency_Key="s") for _ in range(2))
    assert first.body == again.body
    assert first.body["secret"] not in Reply.objects.get().body


def test_a_deletion_again_is_answered_although_the_thing_is_gone(script: Script) -> None:
    made = script.post("/incidents", BODY).body["id"]
    replies = [script.ask("DELETE", f"/incidents/{made}", Idempotency_Key="d") for _ in range(2)]
    assert [each.status for each in replies] == [200, 200]
    assert script.ask("DELETE", f"/incidents/{made}").status == 404


@pytest.mark.parametrize("name", ["x" * 256, "a\tb"])
def test_a_key_that_is_none_is_refused(script: Script, name: str) -> None:
    assert script.post("/incidents", BODY, Idempotency_Key=name).status == 422
    assert not Incident.objects.exists()
