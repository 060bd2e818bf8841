"""Saying more about an incident from the console: updates, resolution, conflicts, second taps."""

from datetime import timedelta

import pytest
from django.test import Client

from incidents.console.forms.components import field_name
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.models import Component, Event, Incident
from incidents.operations.components import set_status
from tests.console.forms import fields, post, send
from tests.factories import DEMO, make_incident, make_rfo, make_update, resolve


def url(incident: Incident) -> str:
    return f"/console/incidents/{incident.code}"


def statuses(incident: Incident) -> list[str]:
    return [update.status for update in incident.updates.order_by("created_at", "id")]


def test_the_current_status_is_preselected(staff: Client, incident: Incident) -> None:
    make_update(incident, status=IncidentStatus.IDENTIFIED)
    assert fields(staff.get(url(incident)))["status"] == "identified"


def test_a_link_may_preselect_resolved(staff: Client, incident: Incident) -> None:
    assert fields(staff.get(url(incident) + "?status=resolved"))["status"] == "resolved"


def test_an_update_is_posted_with_status_words_and_components(
    staff: Client, incident: Incident, network: Component, pbx: Component
) -> None:
    post(
        staff,
        url(incident),
        status="identified",
        body="We have found the cause.",
        **{field_name(network): "degraded_performance", field_name(pbx): "partial_outage"},
    )
    update = incident.updates.last()
    assert (update.status, update.body) == ("identified", "We have found the cause.")
    said = {row.component: (row.old_status, row.new_status) for row in update.affected.all()}
    assert said == {network: ("major_outage", "degraded_performance"), pbx: ("operational", "partial_outage")}


def test_a_component_that_the_author_left_alone_keeps_what_others_made_of_it(
    staff: Client, incident: Incident, network: Component
) -> None:
    values = fields(staff.get(url(incident)))
    set_status(
        network, status=ComponentStatus.DEGRADED_PERFORMANCE, by=DEMO, at=incident.created_at + timedelta(1)
    )
    send(staff, url(incident), values, body="Still looking.")
    network.refresh_from_db()
    assert network.state == ComponentStatus.DEGRADED_PERFORMANCE


def test_resolving_brings_the_affected_components_back(
    staff: Client, incident: Incident, network: Component
) -> None:
    post(staff, url(incident), status="resolved", body="It is over.")
    incident.refresh_from_db()
    network.refresh_from_db()
    assert incident.state == IncidentStatus.RESOLVED
    assert network.state == ComponentStatus.OPERATIONAL
    assert incident.updates.last().next_update_by is None


def test_resolving_leaves_a_component_to_another_incident_that_is_open(
    staff: Client, incident: Incident, network: Component
) -> None:
    make_incident(incident.page, components={network: ComponentStatus.PARTIAL_OUTAGE})
    post(staff, url(incident), status="resolved", body="It is over.")
    network.refresh_from_db()
    assert network.state == ComponentStatus.PARTIAL_OUTAGE


def test_after_the_rfo_only_reopening_is_offered(staff: Client, incident: Incident) -> None:
    resolve(incident)
    make_rfo(incident)
    assert 'value="resolved"' not in staff.get(url(incident)).content.decode()
    response = send(staff, url(incident), fields(staff.get(url(incident))), status="resolved", body="Again.")
    assert response.status_code == 422
    assert statuses(incident)[-1] == "postmortem"


@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "0001-01-02T00:00", "1969-12-31T23:59"])
def test_a_year_before_all_incidents_is_refused_beside_its_field(
    staff: Client, incident: Incident, typed: str
) -> None:
    response = post(staff, url(incident), body="All is well.", happened_at=typed)
    assert response.status_code == 422
    assert 'id="id_happened_at_error"' in response.content.decode()
    assert incident.updates.count() == 1


def test_resolving_leaves_the_components_where_the_tick_is_taken_away(
    staff: Client, incident: Incident, network: Component
) -> None:
    post(staff, url(incident), status="resolved", body="It is over.", restore=None)
    network.refresh_from_db()
    assert network.state == ComponentStatus.MAJOR_OUTAGE


def test_a_stale_form_shows_the_others_words_and_keeps_what_was_typed(
    staff: Client, colleague: Client, incident: Incident
) -> None:
    values = fields(staff.get(url(incident)))
    post(colleague, url(incident), status="monitoring", body="We have mended it.")
    response = send(staff, url(incident), values, body="We have found the cause.", next_update="60")
    assert response.status_code == 409
    assert incident.updates.count() == 2
    notice = response.content.decode().split('role="alert"')[1].split("<form")[0]
    assert "We have mended it." in notice
    again = fields(response)
    assert (again["body"], again["next_update"]) == ("We have found the cause.", "60")
    assert send(staff, url(incident), again).status_code == 302
    assert statuses(incident) == ["investigating", "monitoring", "monitoring"]


def test_a_conflict_keeps_the_status_and_components_that_the_author_chose(
    staff: Client, colleague: Client, incident: Incident, network: Component, pbx: Component
) -> None:
    values = fields(staff.get(url(incident)))
    changed = {field_name(network): "partial_outage", field_name(pbx): "degraded_performance"}
    post(colleague, url(incident), status="monitoring", body="Mended.", **changed)
    response = send(
        staff,
        url(incident),
        values,
        status="identified",
        body="Found it.",
        **{field_name(pbx): "major_outage"},
    )
    again = fields(response)
    assert again["status"] == "identified"
    assert again[field_name(pbx)] == "major_outage"
    assert again[field_name(network)] == "partial_outage"
    send(staff, url(incident), again)
    network.refresh_from_db()
    pbx.refresh_from_db()
    assert (network.status, pbx.status) == ("partial_outage", "major_outage")


def test_a_stale_tab_does_not_resolve_an_incident_a_second_time(
    staff: Client, colleague: Client, incident: Incident
) -> None:
    values = fields(staff.get(url(incident)))
    post(colleague, url(incident), status="resolved", body="It is over.")
    response = send(staff, url(incident), values, status="resolved", body="Resolved.")
    assert response.status_code == 409
    assert statuses(incident) == ["investigating", "resolved"]


def test_a_stale_tab_does_not_reopen_what_was_resolved(
    staff: Client, colleague: Client, incident: Incident
) -> None:
    values = fields(staff.get(url(incident)))
    post(colleague, url(incident), status="resolved", body="It is over.")
    response = send(staff, url(incident), values, body="Still looking.")
    assert fields(response)["status"] == "resolved"
    incident.refresh_from_db()
    assert incident.state == IncidentStatus.RESOLVED


def test_a_double_tap_posts_one_update(staff: Client, incident: Incident) -> None:
    values = fields(staff.get(url(incident)))
    taps = [send(staff, url(incident), values, body="We have found the cause.") for _ in range(2)]
    assert [tap.status_code for tap in taps] == [302, 302]
    assert incident.updates.count() == 2
    assert Event.objects.filter(incident=incident, notifies=True, user__isnull=False).count() == 1


def test_resolving_twice_with_a_double_tap_resolves_once(staff: Client, incident: Incident) -> None:
    values = fields(staff.get(url(incident)))
    taps = [send(staff, url(incident), values, status="resolved", body="It is over.") for _ in range(2)]
    assert [tap.status_code for tap in taps] == [302, 302]
    assert statuses(incident) == ["investigating", "resolved"]


def test_a_resolved_incident_can_be_reopened_on_purpose(staff: Client, incident: Incident) -> None:
    resolve(incident)
    post(staff, url(incident), status="investigating", body="It is back.")
    incident.refresh_from_db()
    assert incident.state == IncidentStatus.INVESTIGATING


def test_a_control_character_posts_nothing(staff: Client, incident: Incident) -> None:
    response = post(staff, url(incident), body="all \x07 well")
    assert response.status_code == 422
    assert "U+0007" in response.content.decode().split('id="id_body_error"')[1]
    assert incident.updates.count() == 1


def test_what_the_operation_refuses_is_said_beside_its_field(staff: Client, incident: Incident) -> None:
    response = post(staff, url(incident), body="All is well.", happened_at="2099-01-01T00:00")
    assert response.status_code == 422
    assert "lies in the future" in response.content.decode().split('id="id_happened_at_error"')[1]
    assert incident.updates.count() == 1


@pytest.mark.parametrize("version", ["", "abc", "-1", "99999999999999999999"])
def test_a_forged_version_posts_nothing(staff: Client, incident: Incident, version: str) -> None:
    response = post(staff, url(incident), body="We have found the cause.", version=version)
    assert response.status_code in {409, 422}
    assert incident.updates.count() == 1


def test_markup_in_words_is_shown_as_words(staff: Client, incident: Incident) -> None:
    post(staff, url(incident), body="<script>alert(1)</script>")
    content = staff.get(url(incident)).content
    assert b"<script>alert" not in content
    assert b"&lt;script&gt;alert" in content


def test_an_unknown_incident_is_not_found(staff: Client, incident: Incident) -> None:
    assert staff.get("/console/incidents/abcdefghijkl").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_updates(
    staff: Client, incident: Incident, django_assert_max_num_queries: object
) -> None:
    for number in range(30):
        make_update(incident, f"Update {number}.")
    with django_assert_max_num_queries(26):
        staff.get(url(incident))
