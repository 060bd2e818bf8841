"""Maintenance on the console's first screen: what goes on, what comes, and what waits for whom."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from incidents.console.maintenances import Work, works
from incidents.domain.incidents import IncidentStatus
from incidents.domain.waiting import Tone
from incidents.models import Incident, Page
from incidents.operations.maintenances import update_maintenance
from tests.factories import BEGAN, DEMO, make_maintenance, make_page

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ENDS = BEGAN + 2 * HOUR


def home(client: Client) -> str:
    return client.get("/console/").content.decode()


def work(page: Page, status: IncidentStatus, at: datetime, *, by_itself: bool) -> Work:
    """A maintenance that begins at BEGAN and ends at ENDS, as it stands at `at`."""
    facts = {"starts_itself": by_itself, "ends_itself": by_itself}
    incident = make_maintenance(page, begins=BEGAN, ends=ENDS, at=BEGAN - HOUR, **facts)
    if status != IncidentStatus.SCHEDULED:
        update_maintenance(incident, status=status, body="Words.", by=DEMO, at=BEGAN)
    pressing, coming = works(Page.objects.all(), at=at)
    (found,) = [*pressing, *coming]
    return found


@pytest.mark.parametrize(
    ("status", "minutes", "by_itself", "tone"),
    [
        ("scheduled", -30, True, Tone.CALM),
        ("scheduled", 0, True, Tone.CALM),
        ("scheduled", 1, True, Tone.LATE),
        ("scheduled", -16, False, Tone.CALM),
        ("scheduled", -15, False, Tone.DUE),
        ("scheduled", 0, False, Tone.LATE),
        ("in_progress", 104, False, Tone.CALM),
        ("verifying", 105, False, Tone.DUE),
        ("verifying", 120, False, Tone.LATE),
        ("in_progress", 119, True, Tone.CALM),
        ("in_progress", 121, True, Tone.LATE),
    ],
)
def test_a_card_turns_amber_and_red_where_it_waits_for_a_person_or_for_a_dead_worker(
    page: Page, status: str, minutes: int, by_itself: bool, tone: Tone
) -> None:
    at = BEGAN + minutes * MINUTE
    assert work(page, IncidentStatus(status), at, by_itself=by_itself).tone == tone


def test_what_goes_on_stands_before_what_comes_and_each_by_its_instant(page: Page) -> None:
    at = now()
    for title, begins, ends in (("Later", 30, 40), ("Sooner", 20, 50), ("Long", -2, 9), ("Short", -1, 3)):
        incident = make_maintenance(page, title, begins=at + begins * HOUR, ends=at + ends * HOUR, at=at)
        if begins < 0:
            update_maintenance(incident, status=IncidentStatus.IN_PROGRESS, body="Words.", by=DEMO, at=at)
    pressing, coming = works(Page.objects.all(), at=at)
    assert [each.incident.title for each in pressing] == ["Short", "Long"]
    assert [each.incident.title for each in coming] == ["Sooner", "Later"]


def test_the_window_is_that_of_the_page_and_the_next_step_is_one_tap_away(staff: Client, page: Page) -> None:
    at = now()
    incident = make_maintenance(page, "Core switch", begins=at - HOUR, ends=at + HOUR, at=at - HOUR)
    update_maintenance(incident, status=IncidentStatus.IN_PROGRESS, body="Words.", by=DEMO, at=at)
    content = home(staff)
    local = (at - HOUR).astimezone(page.zone)
    assert f"{local:%b %d, %Y - %H:%M} to " in content
    assert "Completed by itself in <strong>" in content
    link = f"/console/maintenances/{incident.code}?status="
    assert f'href="{link}verifying#say">Verify</a>' in content
    assert f'href="{link}in_progress#say">Say more or extend</a>' in content


def test_one_that_is_over_is_gone_from_it(staff: Client, page: Page) -> None:
    incident = make_maintenance(page, "Core switch", begins=now(), ends=now() + HOUR, at=now())
    assert "Core switch" in home(staff)
    update_maintenance(incident, status=IncidentStatus.COMPLETED, body="Done.", by=DEMO, at=now())
    assert "Core switch" not in home(staff)
    assert "None is planned." in home(staff)


def test_it_is_no_fire_and_no_recent_incident(staff: Client, page: Page) -> None:
    incident = make_maintenance(page, "Core switch", begins=now(), ends=now() + HOUR, at=now())
    update_maintenance(incident, status=IncidentStatus.IN_PROGRESS, body="Words.", by=DEMO, at=now())
    context = staff.get("/console/").context
    assert (context["fires"], list(context["recent"])) == ([], [])


def test_a_held_notice_can_be_undone_from_there(staff: Client, page: Page) -> None:
    make_maintenance(page, begins=now() + HOUR, ends=now() + 2 * HOUR, at=now(), hold=HOUR)
    assert "Undo: tell nobody" in home(staff)


def test_each_page_has_its_own_way_to_plan(staff: Client, page: Page) -> None:
    assert f'href="/console/pages/{page.code}/maintenances/new">Plan maintenance</a>' in home(staff)
    other = make_page("Arena", zone="Europe/London")
    assert f'href="/console/pages/{other.code}/maintenances/new">Plan maintenance on Arena</a>' in home(staff)


def test_the_number_of_queries_does_not_grow_with_them(
    staff: Client, page: Page, django_assert_max_num_queries: object
) -> None:
    incidents: list[Incident] = [
        make_maintenance(page, begins=now() + HOUR, ends=now() + 2 * HOUR, at=now()) for _ in range(20)
    ]
    assert len(incidents) == 20
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        home(staff)
