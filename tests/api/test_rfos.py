"""RFOs by the management API: as Statuspage's postmortem, and with all that ours has."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents.domain.roles import Role
from incidents.models import Incident, Page, RfoPolicy, RfoVersion
from incidents.models.keys import Scope
from incidents.operations.actors import SHELL, staff
from incidents.operations.reviews import approve
from incidents.operations.staff import give_roles
from tests.api.asking import Script
from tests.factories import make_incident, make_member, resolve

pytestmark = pytest.mark.django_db
LETTER = "# What happened\n\nA certificate was malformed, and calls failed."


@pytest.fixture
def incident(page: Page) -> Incident:
    made = make_incident(page)
    resolve(made)
    return made


@pytest.fixture
def script(page: Page) -> Script:
    return Script(page, Scope.RFO, Scope.INCIDENTS)


def alone(page: Page) -> None:
    """A page whose RFOs nobody has to approve."""
    RfoPolicy.objects.create(page=page, approvals=0)


def path_of(incident: Incident, step: str = "") -> str:
    return f"/incidents/{incident.code}/postmortem{step}"


def test_a_postmortem_is_drafted_published_and_taken_back(
    script: Script, page: Page, incident: Incident
) -> None:
    alone(page)
    assert script.ask("GET", path_of(incident)).status == 404
    drafted = script.ask("PUT", path_of(incident), {"postmortem": {"body_draft": LETTER}})
    assert (drafted.status, drafted.body["body_draft"], drafted.body["body"]) == (200, LETTER, None)
    assert script.get(f"/incidents/{incident.code}")["postmortem_body"] is None
    published = script.ask(
        "PUT", path_of(incident, "/publish"), {"postmortem": {"notify_subscribers": False}}
    )
    assert (published.status, published.body["body"], published.body["body_draft"]) == (200, LETTER, None)
    told = script.get(f"/incidents/{incident.code}")
    assert told["status"] == "postmortem"
    assert "certificate was malformed" in told["postmortem_body"]
    assert told["postmortem_published_at"]
    back = script.ask("PUT", path_of(incident, "/revert"))
    assert (back.status, back.body["body"], back.body["body_draft"]) == (200, None, LETTER)
    assert script.get(f"/incidents/{incident.code}")["postmortem_body"] is None


@pytest.mark.parametrize("scopes", [(Scope.READ, Scope.RFO), (Scope.READ, Scope.ADMIN)])
def test_a_key_whose_creator_is_a_viewer_now_reads_no_draft(
    script: Script, page: Page, incident: Incident, scopes: tuple[Scope, ...]
) -> None:
    grace = make_member(User.objects.create_user("grace", is_staff=True), Role.ADMIN, page)
    User.objects.create_superuser("root")
    own = Script(page, *scopes, user=grace)
    script.ask("PUT", path_of(incident), {"postmortem": {"body_draft": LETTER}})
    assert own.get(path_of(incident))["body_draft"] == LETTER
    give_roles(grace, roles={page: Role.VIEWER}, by=SHELL, at=datetime.now(UTC))
    shown = own.get(path_of(incident))
    assert (shown["body_draft"], shown["body_draft_updated_at"]) == (None, None)


def test_what_the_page_asks_of_a_publication_is_asked_of_a_script_too(
    script: Script, incident: Incident
) -> None:
    script.ask("PUT", path_of(incident), {"postmortem": {"body_draft": LETTER}})
    reply = script.ask("PUT", path_of(incident, "/publish"))
    assert reply.status == 422
    assert reply.errors == ["postmortem: It has to be approved by somebody who did not write it."]


def test_a_draft_is_deleted_without_a_trace_and_an_open_incident_waits(script: Script, page: Page) -> None:
    alone(page)
    opened = make_incident(page)
    script.ask("POST", path_of(opened), {"postmortem": {"body_draft": LETTER}})
    assert script.ask("PUT", path_of(opened, "/publish")).errors == [
        "postmortem: Resolve the incident first; its RFO follows."
    ]
    gone = script.ask("DELETE", path_of(opened))
    assert (gone.status, gone.body) == (204, None)
    assert script.ask("GET", path_of(opened)).status == 404
    assert script.get("/rfos") == []


def test_no_key_approves_and_a_persons_approval_lets_a_key_publish(page: Page, incident: Incident) -> None:
    erin, dana = (User.objects.create_superuser(name) for name in ("erin", "dana"))
    writer, reader = Script(page, Scope.RFO, user=erin), Script(page, Scope.RFO, user=dana)
    made = writer.post("/rfos", {"rfo": {"incident_id": incident.code, "body": LETTER}})
    assert made.status == 201, made
    path, version = f"/rfos/{made.body['number']}", made.body["versions"][0]
    step: dict[str, Any] = {"digest": version["digest"], "accept_warnings": True}
    assert writer.post(f"{path}/review").body["versions"][0]["state"] == "in_review"
    for key in (writer, reader, Script(page)):
        for sent in (step, {}, {"digest": "0" * 64}):
            refused = key.post(f"{path}/approve", sent)
            assert (refused.status, "approves it in the console" in refused.errors[0]) == (403, True)
    assert "It has to be approved" in writer.get(f"{path}/standing")["lacks"][0]
    assert writer.post(f"{path}/publish", step).status == 422
    draft = RfoVersion.objects.get()
    approve(draft, digest=version["digest"], by=staff(dana), at=datetime.now(UTC))
    reviewed = writer.get(path)["versions"][0]
    assert (reviewed["approvals"], reviewed["approvals_required"]) == (1, None)
    published = writer.post(f"{path}/publish", step)
    assert published.status == 200, published
    assert published.body["versions"][0]["state"] == "published"
    assert (
        published.body["versions"][0]["approvals"] == published.body["versions"][0]["approvals_required"] == 1
    )
    assert len(published.body["versions"][0]["sha256"]) == 64
    assert writer.get(f"{path}/versions/1")["body"] == LETTER
    assert writer.ask("GET", f"{path}/versions/2").status == 404
    withdrawn = writer.post(f"{path}/withdraw", {"reason": "It named the wrong day."})
    assert [each["kind"] for each in withdrawn.body["versions"]] == ["withdrawn", "final"]


def test_documents_are_attached_to_the_draft_and_hostile_ones_refused(
    script: Script, incident: Incident
) -> None:
    made = script.post("/rfos", {"rfo": {"incident_id": incident.code, "body": LETTER}}).body
    path = f"/v1/pages/{script.page.code}/rfos/{made['id']}/attachments"
    headers = {"Authorization": f"OAuth {script.secret}", "Idempotency-Key": "once"}
    for _ in range(2):
        text = SimpleUploadedFile("trace.txt", b"INVITE sip:echo@example.com SIP/2.0")
        answer = script.client.post(path, {"file": text}, headers=headers)
        assert answer.status_code == 201, answer.content
    assert len(script.get(f"/rfos/{made['id']}")["versions"][0]["attachments"]) == 1
    for number, sent in enumerate(({}, {"file": "no file"})):
        answer = script.client.post(path, sent, headers={**headers, "Idempotency-Key": f"none {number}"})
        assert answer.json()["error"][0].startswith("file: ")
    wrong = SimpleUploadedFile("trace.pdf", b"MZ")
    del headers["Idempotency-Key"]
    assert script.client.post(path, {"file": wrong}, headers=headers).status_code == 422
    assert script.client.post(path, {}, headers=headers).json()["error"][0].startswith("file: ")


def test_it_may_be_published_by_itself_later(script: Script, page: Page, incident: Incident) -> None:
    alone(page)
    made = script.post("/rfos", {"rfo": {"incident_id": incident.code, "body": LETTER}}).body
    later = f"{datetime.now(UTC).year + 1}-01-01T00:00:00Z"
    step = {"digest": made["versions"][0]["digest"], "accept_warnings": True, "publish_at": later}
    reply = script.post(f"/rfos/{made['id']}/publish", step)
    assert reply.status == 200, reply
    assert reply.body["versions"][0]["publish_at"] == later
    assert reply.body["versions"][0]["published_at"] is None


def test_an_rfo_for_no_incident_is_refused(script: Script) -> None:
    reply = script.post("/rfos", {"rfo": {"incident_id": "nosuchcode00", "body": LETTER}})
    assert reply.errors == ["incident_id: there is no such incident on this page."]
