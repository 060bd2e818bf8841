"""Planning a maintenance from the console, and saying more: windows, steps, conflicts, second taps."""

from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import now

from incidents.console.forms.components import field_name
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.domain.zones import AmbiguousTime, LocalTimeError, NonexistentTime, in_zone, resolve_local
from incidents.models import Component, Event, Incident, Maintenance, Page
from incidents.operations.actors import staff as staff_actor
from incidents.operations.maintenances import BEGUN, advance_due, update_maintenance
from tests.console.forms import fields, post, send
from tests.factories import DEMO, make_maintenance, make_page

HOUR = timedelta(hours=1)
IN_PROGRESS, VERIFYING = IncidentStatus.IN_PROGRESS, IncidentStatus.VERIFYING


@pytest.fixture
def maintenance(page: Page, network: Component, pbx: Component) -> Incident:
    begins = minute() + 3 * HOUR
    return make_maintenance(
        page, "Core switch", components=[network], begins=begins, ends=begins + 2 * HOUR, at=now()
    )


def minute() -> datetime:
    return now().replace(second=0, microsecond=0)


def typed(at: datetime, page: Page) -> str:
    return in_zone(at, page.zone).strftime("%Y-%m-%dT%H:%M")


def planning(page: Page) -> str:
    return f"/console/pages/{page.code}/maintenances/new"


def url(incident: Incident) -> str:
    return f"/console/maintenances/{incident.code}"


def plan(client: Client, page: Page, **changes: str | None) -> object:
    begins = minute() + 24 * HOUR
    given = {
        "title": "Core switch",
        "body": "Calls may drop for a minute.",
        "begins": typed(begins, page),
        "ends": typed(begins + 2 * HOUR, page),
    }
    return post(client, planning(page), **given | changes)


def begin(incident: Incident, *, ago: timedelta = HOUR) -> None:
    """It has begun by itself some time ago."""
    Maintenance.objects.filter(incident=incident).update(scheduled_for=now() - ago)
    assert advance_due(at=now() - ago) == 1


def statuses(incident: Incident) -> list[str]:
    return [update.status for update in incident.updates.all()]


def test_a_maintenance_is_planned_with_its_window_and_components(
    staff: Client, page: Page, network: Component, pbx: Component
) -> None:
    begins = minute() + 24 * HOUR
    response = plan(staff, page, **{field_name(network): "on"})
    incident = Incident.objects.get()
    assert response.status_code == 302
    assert response.headers["Location"] == url(incident)
    assert (incident.state, incident.title) == (IncidentStatus.SCHEDULED, "Core switch")
    known = incident.maintenance
    assert (known.scheduled_for, known.scheduled_until) == (begins, begins + 2 * HOUR)
    assert (known.starts_itself, known.ends_itself) == (True, True)
    assert [row.component for row in incident.updates.get().affected.all()] == [network]
    network.refresh_from_db()
    assert network.state == ComponentStatus.OPERATIONAL


def test_it_may_wait_for_a_person_and_tell_nobody(staff: Client, page: Page) -> None:
    plan(staff, page, starts_itself=None, ends_itself=None, notify=None)
    known = Maintenance.objects.get()
    assert (known.starts_itself, known.ends_itself) == (False, False)
    assert not Event.objects.filter(notifies=True).exists()


def test_a_double_tap_plans_once(staff: Client, page: Page) -> None:
    begins = minute() + 24 * HOUR
    values = fields(staff.get(planning(page))) | {"title": "Core switch", "body": "Words."}
    values |= {"begins": typed(begins, page), "ends": typed(begins + HOUR, page)}
    taps = [send(staff, planning(page), values) for _ in range(2)]
    assert [tap.status_code for tap in taps] == [302, 302]
    assert Incident.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "change", "words"),
    [
        ("title", {"title": ""}, "what do you work on?"),
        ("body", {"body": " "}, "Say at least one sentence"),
        ("body", {"body": "all \x07 well"}, "U+0007"),
        ("begins", {"begins": ""}, "Say when the work begins."),
        ("ends", {"ends": ""}, "Say when the work ends."),
        ("begins", {"begins": "tonight"}, "Write the time as"),
        ("ends", {"begins": "2026-11-28T04:00", "ends": "2026-11-28T02:00"}, "must end after it begins"),
        ("ends", {"begins": "2021-10-09T02:00", "ends": "2021-10-09T04:00"}, "has passed"),
        ("begins", {"begins": "1969-10-09T02:00"}, "lies before 1970"),
        (
            "begins",
            {"begins": "2062-11-28T02:00", "ends": "2062-11-28T04:00"},
            "more than two years ahead",
        ),
        ("begins", {"begins": "9999-12-31T23:59"}, "more than two years ahead"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said_beside_its_field_and_nothing_is_lost(
    staff: Client, page: Page, field: str, change: dict[str, str], words: str
) -> None:
    response = plan(staff, page, **change)
    content = response.content.decode()
    assert response.status_code == 422
    assert words in content.split(f'id="id_{field}_error"')[1].split("</ul>")[0]
    assert fields(response)["title"] == change.get("title", "Core switch")
    assert not Incident.objects.exists()


def test_an_hour_that_clocks_jump_over_gets_the_shifted_one_offered(staff: Client, page: Page) -> None:
    day, reading = next_change(page, NonexistentTime)
    response = plan(staff, page, begins=f"{day}T02:30", ends=f"{day}T05:00")
    content = response.content.decode()
    assert "does not exist in Australia/Sydney" in content.split('id="id_begins_error"')[1]
    assert "- 03:30 AEDT (UTC+11)" in content
    assert f'name="begins_reading" value="{reading.isoformat()}"' in content
    chosen = {"begins_reading": reading.isoformat()}
    assert send(staff, planning(page), fields(response), **chosen).status_code == 302
    assert Maintenance.objects.get().scheduled_for == reading


def test_an_hour_that_comes_twice_is_asked_for_in_each_field(staff: Client, page: Page) -> None:
    day, first = next_change(page, AmbiguousTime)
    response = plan(staff, page, begins=f"{day}T02:30", ends=f"{day}T02:45")
    content = response.content.decode()
    assert content.count('name="begins_reading"') == content.count('name="ends_reading"') == 2
    last = first + timedelta(hours=1, minutes=15)
    chosen = {"begins_reading": first.isoformat(), "ends_reading": last.isoformat()}
    assert send(staff, planning(page), fields(response), **chosen).status_code == 302
    known = Maintenance.objects.get()
    assert (known.scheduled_for, known.scheduled_until) == (first, last)


def next_change(page: Page, kind: type[LocalTimeError]) -> tuple[date, datetime]:
    """The next day on which 02:30 does not exist, or comes twice, and the first instant that is offered for it."""
    for days in range(1, 400):
        day = in_zone(now() + timedelta(days=days), page.zone).date()
        try:
            resolve_local(datetime(day.year, day.month, day.day, 2, 30), page.zone)
        except LocalTimeError as error:
            if isinstance(error, kind):
                return day, error.shifted if isinstance(error, NonexistentTime) else error.options[0]  # type: ignore[attr-defined]
    raise AssertionError("the clocks of this zone do not change")


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


def test_undo_and_send_now_lead_back_to_the_maintenance(staff: Client, page: Page) -> None:
    plan(staff, page)
    incident = Incident.objects.get()
    event = Event.objects.get(incident=incident)
    content = staff.get(url(incident)).content.decode()
    assert f"/console/events/{event.pk}/undo" in content
    response = staff.post(f"/console/events/{event.pk}/undo")
    assert response.headers["Location"] == url(incident)
    assert Event.objects.get(pk=event.pk).cancelled_at is not None


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


def test_markup_in_words_is_shown_as_words(staff: Client, page: Page) -> None:
    plan(staff, page, title="<b>Switch</b>", body="<script>alert(1)</script>")
    content = staff.get(url(Incident.objects.get())).content
    assert b"<script>alert" not in content
    assert b"&lt;b&gt;Switch" in content


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
