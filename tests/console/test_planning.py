"""Planning a maintenance from the console: its window, its components, and what is wrong with them."""

from datetime import timedelta

import pytest
from django.test import Client

from incidents.console.forms.components import field_name
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.domain.zones import AmbiguousTime, NonexistentTime
from incidents.models import Component, Event, Incident, Maintenance, Page
from tests.console.forms import fields, send
from tests.console.windows import minute, next_change, plan, planning, typed, url

HOUR = timedelta(hours=1)


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


def test_undo_leads_to_the_words_so_that_they_can_be_mended(staff: Client, page: Page) -> None:
    plan(staff, page)
    incident = Incident.objects.get()
    event = Event.objects.get(incident=incident)
    content = staff.get(url(incident)).content.decode()
    assert f"/console/events/{event.pk}/undo" in content
    response = staff.post(f"/console/events/{event.pk}/undo")
    assert response.headers["Location"] == f"/console/updates/{incident.updates.get().code}/edit"
    assert Event.objects.get(pk=event.pk).cancelled_at is not None


def test_markup_in_words_is_shown_as_words(staff: Client, page: Page) -> None:
    plan(staff, page, title="<b>Switch</b>", body="<script>alert(1)</script>")
    content = staff.get(url(Incident.objects.get())).content
    assert b"<script>alert" not in content
    assert b"&lt;b&gt;Switch" in content
