"""A script that sends a file is asked for its key, its scope, its page and the RFO before the body is read."""

from datetime import UTC, datetime

import pytest

from incidents.api.senders import sender_by_key
from incidents.domain.body_limits import Sender
from incidents.models import ApiKey, Page, Rfo
from incidents.models.keys import Scope
from incidents.operations.actors import SHELL
from incidents.operations.keys import make_key
from incidents.operations.rfos import draft_rfo
from tests.factories import make_incident, make_page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rfo() -> Rfo:
    incident = make_incident(make_page("SIPcity"), "Calls fail")
    return draft_rfo(incident, body="Why it failed.", by=SHELL, at=datetime.now(UTC)).rfo


def secret(page: Page | None, *scopes: Scope) -> str:
    return make_key(name="k", page=page, scopes=scopes, by=SHELL, at=datetime.now(UTC))[1]


def sender(path: str, key: str = "") -> Sender:
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "x"}
    return sender_by_key(environ | ({"HTTP_AUTHORIZATION": f"OAuth {key}"} if key else {}))


def path_of(rfo: Rfo) -> str:
    return f"/v1/pages/{rfo.page.code}/rfos/{rfo.code}/attachments"


@pytest.mark.parametrize("scope", [Scope.RFO, Scope.ADMIN])
@pytest.mark.parametrize("ending", ["", ".json"])
def test_a_key_for_it_may_send(rfo: Rfo, scope: Scope, ending: str) -> None:
    assert sender(path_of(rfo) + ending, secret(rfo.page, scope)) is Sender.SCRIPT
    assert sender(path_of(rfo) + ending, secret(None, scope)) is Sender.SCRIPT


@pytest.mark.parametrize("scope", [Scope.READ, Scope.INCIDENTS, Scope.SUBSCRIBERS])
def test_a_key_for_something_else_may_not(rfo: Rfo, scope: Scope) -> None:
    assert sender(path_of(rfo), secret(rfo.page, scope)) is Sender.NOT_ALLOWED


def test_a_key_of_another_page_and_an_rfo_that_does_not_exist_lead_nowhere(rfo: Rfo) -> None:
    key = secret(rfo.page, Scope.RFO)
    assert sender(path_of(rfo), secret(make_page("Another"), Scope.RFO)) is Sender.NOWHERE
    for path in (f"/v1/pages/{rfo.page.code}/rfos/x/attachments", "/v1/pages/x/rfos/x/attachments", "/v1/x"):
        assert sender(path, key) is Sender.NOWHERE, path


def test_no_key_a_wrong_one_and_a_revoked_one_are_unknown(rfo: Rfo) -> None:
    revoked = secret(rfo.page, Scope.RFO)
    ApiKey.objects.update(revoked_at=datetime.now(UTC))
    assert {sender(path_of(rfo), key) for key in ("", "dt_wrong", revoked)} == {Sender.UNKNOWN}
