"""Who else is at an incident, and whether somebody has posted since one opened it."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.test import Client

from incidents.domain.roles import Role
from incidents.models import Incident, Page, Presence
from tests.console.conftest import signed_in
from tests.console.forms import post
from tests.factories import make_member


def beat(client: Client, incident: Incident, **more: str) -> str:
    response = client.post(
        f"/console/incidents/{incident.code}/presence", {"version": incident.version, **more}
    )
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_colleague_who_looks_is_named(staff: Client, colleague: Client, incident: Incident) -> None:
    beat(colleague, incident)
    assert "<strong>erin</strong> is looking at this" in beat(staff, incident)


def test_a_colleague_who_writes_is_named_first(staff: Client, colleague: Client, incident: Incident) -> None:
    beat(colleague, incident, writing="1")
    assert "<strong>erin</strong> is writing an update" in beat(staff, incident)
    page = staff.get(f"/console/incidents/{incident.code}").content.decode()
    assert "is writing an update" in page


def test_nobody_is_told_of_themselves(staff: Client, incident: Incident) -> None:
    beat(staff, incident, writing="1")
    assert "dana" not in beat(staff, incident)


def test_who_has_gone_is_not_there(staff: Client, colleague: Client, incident: Incident) -> None:
    beat(colleague, incident, writing="1")
    for row in Presence.objects.all():
        Presence.objects.filter(pk=row.pk).update(seen_at=row.seen_at - timedelta(minutes=1))
    assert "erin" not in beat(staff, incident)


def test_a_post_of_somebody_else_is_said(staff: Client, colleague: Client, incident: Incident) -> None:
    assert "Somebody has posted" not in beat(staff, incident)
    post(colleague, f"/console/incidents/{incident.code}", body="Theirs.")
    assert "Somebody has posted since you opened this" in beat(staff, incident)


def test_a_version_that_is_no_number_is_nothing(staff: Client, incident: Incident) -> None:
    assert "Somebody has posted" not in beat(staff, incident, version="<script>")


def test_a_viewer_seems_to_write_to_nobody(
    staff: Client, page: Page, frank: User, incident: Incident
) -> None:
    viewer = signed_in(make_member(frank, Role.VIEWER, page))
    response = viewer.post(f"/console/incidents/{incident.code}/presence", {"writing": "1"})
    assert response.status_code == 403
    assert not Presence.objects.exists()
    assert "frank" not in beat(staff, incident)
    assert b"/presence" not in viewer.get(f"/console/incidents/{incident.code}").content
