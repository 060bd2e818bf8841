"""Keys of the management API: how they are shown, when they end, and what is noted of their use."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from incidents.models import AuditLine, IncidentUpdate, Page
from incidents.models.keys import Scope
from incidents.operations.actors import SHELL
from incidents.operations.keys import revoke_key
from tests.api.asking import Script, key_row

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("word", ["OAuth", "Bearer", "bearer", "oauth"])
def test_a_key_is_shown_as_oauth_or_bearer(page: Page, word: str) -> None:
    script = Script(page, Scope.READ)
    reply = script.client.get(f"/v1/pages/{page.code}", headers={"Authorization": f"{word} {script.secret}"})
    assert reply.status_code == 200


def test_a_key_in_the_address_is_refused_with_the_two_ways_out_unless_the_installation_takes_it(
    page: Page, settings: Any
) -> None:
    script = Script(page, Scope.READ)
    path = f"/v1/pages/{page.code}?api_key={script.secret}"
    refused = script.client.get(path)
    assert refused.status_code == 401
    assert "Send the header 'Authorization: OAuth <key>'" in refused.json()["error"]
    assert "let the operator set API_KEY_IN_URL=true" in refused.json()["error"]
    settings.API_KEY_IN_URL = True
    assert script.client.get(path).status_code == 200


def test_the_address_of_the_next_part_does_not_carry_the_key(page: Page, settings: Any) -> None:
    settings.API_KEY_IN_URL = True
    script = Script(page)
    for name in ("One", "Two"):
        script.post("/incidents", {"incident": {"name": name}})
    path = f"/v1/pages/{page.code}/incidents?limit=1&api_key={script.secret}"
    link = script.client.get(path)["Link"]
    assert script.secret not in link
    assert "limit=1&after=" in link


def test_a_revoked_and_an_expired_key_end_at_once(page: Page) -> None:
    script = Script(page)
    at = datetime.now(UTC)
    key = key_row(script)
    key.expires_at = at - timedelta(seconds=1)
    key.save()
    assert script.ask("GET").status == 401
    key.expires_at = None
    key.save()
    assert script.ask("GET").status == 200
    revoke_key(key, by=SHELL, at=at)
    assert script.ask("GET").status == 401


def test_a_session_of_the_console_opens_nothing(page: Page) -> None:
    script = Script(page)
    script.client.force_login(User.objects.create_superuser("dana"))
    assert script.client.get(f"/v1/pages/{page.code}").status_code == 401


def test_its_use_is_noted_once_a_minute_and_what_it_does_in_its_name(page: Page) -> None:
    user = User.objects.create_superuser("erin")
    script = Script(page, user=user)
    script.post("/incidents", {"incident": {"name": "Calls fail"}})
    first = key_row(script).last_used_at
    assert first
    script.get("/incidents")
    assert key_row(script).last_used_at == first
    assert IncidentUpdate.objects.get().author == user
    assert AuditLine.objects.filter(actor="key NOC").exists()


def test_what_a_script_says_is_a_persons_word_so_that_automation_steps_back(page: Page) -> None:
    script = Script(page)
    script.post("/incidents", {"incident": {"name": "Calls fail"}})
    update = IncidentUpdate.objects.select_related("incident").get()
    assert update.incident.taken_over_at
    assert not update.automatic
    assert not update.incident.automatic


def test_a_key_that_runs_wild_is_told_how_long_to_wait(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incidents.api.keys.KeyThrottle.rate", "3/min")
    script = Script(page, Scope.READ)
    statuses = [script.ask("GET").status for _ in range(3)]
    reply = script.ask("GET")
    assert (statuses, reply.status) == ([200, 200, 200], 429)
    assert 1 <= int(reply.headers["Retry-After"]) <= 60
    assert Script(page, Scope.READ).ask("GET").status == 200


def test_an_address_that_no_database_takes_is_refused(page: Page) -> None:
    script = Script(page)
    for path in ("/incidents/%00", "/components?page=%00", "/incidents?q=1&q=2"):
        assert script.ask("GET", path).status == 400


def test_a_path_that_there_is_not_says_so_in_json(page: Page) -> None:
    script = Script(page)
    for path in ("/nothing", "/incidents/a/b/c", "/components.json.json"):
        reply = script.ask("GET", path)
        assert reply.status == 404
        assert reply.errors[0].startswith("There is no ")
