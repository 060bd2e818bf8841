"""Saying more about a maintenance from the console: windows, steps, conflicts, second taps."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import now

from incidents.console.forms.components import field_name
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.domain.zones import AmbiguousTime
from incidents.models import Component, Incident, Maintenance, Page
from incidents.operations.actors import staff as staff_actor
from incidents.operations.maintenances import BEGUN, advance_due, update_maintenance
from tests.console.forms import fields, post, send
from tests.console.windows import minute, next_change, typed, url
from tests.factories import DEMO, make_maintenance, make_page

HOUR = timedelta(hours=1)


@pytest.fixture
def maintenance(page: Page, network: Component, pbx: Component) -> Incident:
    begins = minute() + 3 * HOUR
    return make_maintenance(
        page, "Core switch", components=[network], begins=begins, ends=begins + 2 * HOUR, at=now()
    )


def begin(incident: Incident, *, ago: timedelta = HOUR) -> None:
    """It has begun by itself some time ago."""
    Maintenance.objects.filter(incident=incident).update(scheduled_for=now() - ago)
    assert advance_due(at=now() - ago) == 1


def statuses(incident: Incident) -> list[str]:
    return [update.status for update in incident.updates.all()]


@pytest.mark.parametrize(
    ("left", "expected"),
    [(3 * HOUR, "scheduled"), (timedelta(minutes=14), "in_progress"), (-HOUR, "in_progress")],
)
def test_the_beginning_is_suggested_once_it_is_near(
    staff: Client, page: Page, left: timedelta, expected: str
) -> None:
    begins = now() + left
    incident = make_maintenance(page, begins=begins, ends=begins + 4 * HOUR, at=now())
    assert fields(staff.get(url(incident)))["status"] == expected


def test_each_step_suggests_the_next_one(staff: Client, maintenance: Incident, network: Component) -> None:
    begin(maintenance)
    seen = []
    for _ in range(2):
        values = fields(staff.get(url(maintenance)))
        seen.append(values["status"])
        assert send(staff, url(maintenance), values, body=f"Now {values['status']}.").status_code == 302
    assert seen == ["verifying", "completed"]
    network.refresh_from_db()
    assert network.state == ComponentStatus.OPERATIONAL
    assert statuses(maintenance) == ["scheduled", "in_progress", "verifying", "completed"]


def test_a_link_chooses_the_status(staff: Client, maintenance: Incident) -> None:
    begin(maintenance)
    for status in ("in_progress", "completed"):
        assert fields(staff.get(f"{url(maintenance)}?status={status}"))["status"] == status


def test_an_extension_moves_the_end_and_nothing_else(
    staff: Client, page: Page, maintenance: Incident
) -> None:
    begin(maintenance)
    before = Maintenance.objects.get()
    longer = before.scheduled_until + HOUR
    post(staff, url(maintenance), status="in_progress", body="An hour more.", ends=typed(longer, page))
    after = Maintenance.objects.get()
    assert (after.scheduled_for, after.scheduled_until) == (before.scheduled_for, longer)
    assert statuses(maintenance)[-1] == "in_progress"


def test_a_window_left_as_it_was_keeps_its_seconds_and_its_hour_of_two(staff: Client, page: Page) -> None:
    begins = next_change(page, AmbiguousTime)[1] + timedelta(hours=1, seconds=42)
    incident = make_maintenance(page, begins=begins, ends=begins + 2 * HOUR, at=now())
    values = fields(staff.get(url(incident)))
    assert values["begins"].endswith("T02:30")
    assert send(staff, url(incident), values, body="Bring a torch.").status_code == 302
    assert Maintenance.objects.get().scheduled_for == begins


def test_putting_off_asks_for_a_new_beginning(
    staff: Client, page: Page, maintenance: Incident, network: Component
) -> None:
    begin(maintenance)
    response = post(staff, url(maintenance), status="scheduled", body="The spare part is late.")
    assert response.status_code == 422
    assert "is to begin instead" in response.content.decode().split('id="id_begins_error"')[1]
    later = minute() + 24 * HOUR
    window = {"begins": typed(later, page), "ends": typed(later + HOUR, page)}
    assert send(staff, url(maintenance), fields(response), **window).status_code == 302
    network.refresh_from_db()
    assert network.state == ComponentStatus.OPERATIONAL
    assert Maintenance.objects.get().scheduled_for == later


def test_completing_ignores_the_window(staff: Client, page: Page, maintenance: Incident) -> None:
    begin(maintenance)
    before = Maintenance.objects.get().scheduled_until
    post(staff, url(maintenance), status="completed", body="Done.", ends="2021-01-01T00:00")
    assert Maintenance.objects.get().scheduled_until == before
    assert statuses(maintenance)[-1] == "completed"


def test_a_further_component_joins_the_work(
    staff: Client, maintenance: Incident, network: Component, pbx: Component
) -> None:
    begin(maintenance)
    values = fields(staff.get(url(maintenance)))
    assert field_name(network) not in staff.get(url(maintenance)).content.decode()
    send(staff, url(maintenance), values, body="The PBX too.", **{field_name(pbx): "on"})
    pbx.refresh_from_db()
    assert pbx.state == ComponentStatus.UNDER_MAINTENANCE


def test_a_double_tap_posts_one_update(staff: Client, maintenance: Incident) -> None:
    begin(maintenance)
    values = fields(staff.get(url(maintenance)))
    taps = [send(staff, url(maintenance), values, body="Looking.") for _ in range(2)]
    assert [tap.status_code for tap in taps] == [302, 302]
    assert statuses(maintenance) == ["scheduled", "in_progress", "verifying"]


def test_a_stale_form_shows_the_others_words_and_keeps_what_was_typed(
    staff: Client, colleague: Client, page: Page, maintenance: Incident
) -> None:
    begin(maintenance)
    values = fields(staff.get(url(maintenance)))
    ends = Maintenance.objects.get().scheduled_until
    theirs = {"status": "in_progress", "body": "An hour more.", "ends": typed(ends + HOUR, page)}
    post(colleague, url(maintenance), **theirs)
    response = send(staff, url(maintenance), values, body="All calls work.")
    assert response.status_code == 409
    assert "An hour more." in response.content.decode().split('role="alert"')[1].split("<form")[0]
    again = fields(response)
    assert (again["body"], again["status"]) == ("All calls work.", "in_progress")
    assert again["ends"] == typed(ends + HOUR, page)
    assert send(staff, url(maintenance), again).status_code == 302
    assert Maintenance.objects.get().scheduled_until == ends + HOUR


def test_what_the_author_chose_survives_a_conflict_with_the_clock(
    staff: Client, page: Page, maintenance: Incident, pbx: Component
) -> None:
    values = fields(staff.get(url(maintenance)))
    ends = Maintenance.objects.get().scheduled_until + HOUR
    begin(maintenance)
    chosen = {"status": "verifying", "ends": typed(ends, page), field_name(pbx): "on"}
    response = send(staff, url(maintenance), values, body="Early today.", **chosen)
    assert response.status_code == 409
    assert BEGUN in response.content.decode().split('role="alert"')[1].split("<form")[0]
    again = fields(response)
    assert {name: again[name] for name in chosen} == chosen
    assert send(staff, url(maintenance), again).status_code == 302
    assert Maintenance.objects.get().scheduled_until == ends


def test_the_clocks_words_are_the_clocks(staff: Client, maintenance: Incident) -> None:
    begin(maintenance)
    content = staff.get(url(maintenance)).content.decode()
    assert "by the clock" in content.rpartition(BEGUN)[2].split("</article>")[0]


def test_a_completed_one_can_be_taken_up_again(staff: Client, page: Page, maintenance: Incident) -> None:
    begin(maintenance)
    post(staff, url(maintenance), status="completed", body="Done.")
    response = post(staff, url(maintenance), status="in_progress", body="Not quite.")
    assert response.status_code == 302
    assert statuses(maintenance)[-1] == "in_progress"


@pytest.mark.parametrize("version", ["", "abc", "-1", "99999999999999999999"])
def test_a_forged_version_posts_nothing(staff: Client, maintenance: Incident, version: str) -> None:
    response = post(staff, url(maintenance), body="Words.", version=version)
    assert response.status_code in {409, 422}
    assert maintenance.updates.count() == 1


@pytest.mark.parametrize("status", ["resolved", "postmortem", "", "x" * 300])
def test_a_forged_status_posts_nothing(staff: Client, maintenance: Incident, status: str) -> None:
    assert post(staff, url(maintenance), body="Words.", status=status).status_code == 422
    assert staff.get(f"{url(maintenance)}?status={status}").status_code == 200
    assert maintenance.updates.count() == 1


def test_an_incident_has_no_page_of_a_maintenance_and_the_other_way_round(
    staff: Client, incident: Incident, maintenance: Incident
) -> None:
    assert staff.get(url(incident)).status_code == 404
    assert staff.get(f"/console/incidents/{maintenance.code}").status_code == 404
    assert staff.get(f"/console/incidents/{maintenance.code}/rfo").status_code == 404


def test_another_pages_component_cannot_be_forged_in(staff: Client, page: Page, pbx: Component) -> None:
    other = make_maintenance(make_page("Arena"), begins=now() + HOUR, ends=now() + 2 * HOUR, at=now())
    post(staff, url(other), body="Words.", **{field_name(pbx): "on"})
    assert not other.updates.last().affected.exists()


def test_the_number_of_queries_does_not_grow_with_the_updates(
    staff: Client, maintenance: Incident, dana: User, django_assert_max_num_queries: object
) -> None:
    for number in range(20):
        update_maintenance(
            maintenance,
            status=IncidentStatus.SCHEDULED,
            body=f"Update {number}.",
            by=staff_actor(dana) if number % 2 else DEMO,
            at=now(),
        )
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        staff.get(url(maintenance))
