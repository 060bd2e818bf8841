"""The planner: a series looked at before it is kept, changed, ended; overlaps; what work brought about."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from incidents.models import Component, Incident, Maintenance, Page, Series
from tests.console.forms import fields, post
from tests.factories import make_incident, make_maintenance


def new(page: Page) -> str:
    return f"/console/pages/{page.code}/series/new"


def kept(client: Client, page: Page, **words: str) -> object:
    facts = {"title": "Patches", "body": "We patch.", "first": "2027-01-03T02:30", **words}
    return post(client, new(page), **facts)


def test_the_next_times_are_shown_before_anything_is_kept(staff: Client, page: Page) -> None:
    response = kept(staff, page, step="look", first="2030-10-06T02:30")
    content = response.content.decode()  # type: ignore[attr-defined]
    assert "Oct 06, 2030 - 03:30 AEDT" in content
    assert "Oct 13, 2030 - 02:30 AEDT" in content
    assert fields(response)["title"] == "Patches"  # type: ignore[arg-type]
    assert not Series.objects.exists()


@pytest.mark.parametrize(
    ("how", "rule"),
    [
        ("weekly", "FREQ=WEEKLY;BYDAY=SU"),
        ("fortnightly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU"),
        ("monthly-weekday", "FREQ=MONTHLY;BYDAY=1SU"),
        ("monthly-day", "FREQ=MONTHLY;BYMONTHDAY=3"),
    ],
)
def test_plain_words_become_a_rule(
    staff: Client, page: Page, network: Component, how: str, rule: str
) -> None:
    kept(staff, page, how=how, until="2031-12-31", **{f"component-{network.code}": "on"})
    series = Series.objects.get()
    assert series.rule == f"{rule};UNTIL=20311231T235959"
    assert list(series.components.all()) == [network]


def test_what_is_near_is_on_the_page_at_once(staff: Client, page: Page) -> None:
    first = (now() + timedelta(days=2)).astimezone(page.zone)
    kept(staff, page, first=f"{first:%Y-%m-%dT%H:%M}")
    assert Maintenance.objects.filter(series=Series.objects.get()).count() == 2
    content = staff.get("/console/maintenances").content.decode()
    assert "recurs" in content
    assert "FREQ=WEEKLY" in content


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"title": ""}, "title"),
        ({"body": ""}, "body"),
        ({"first": ""}, "first"),
        ({"first": "soon"}, "first"),
        ({"how": "custom", "rule": "FREQ=HOURLY"}, "rule"),
        ({"how": "custom", "rule": "x" * 501}, "rule"),
        ({"minutes": "0"}, "minutes"),
        ({"lead_days": "365"}, "lead_days"),
        ({"until": "2020-01-01"}, "rule"),
        ({"remind_hours": "7"}, "remind_hours"),
    ],
)
def test_what_cannot_recur_is_said_beside_its_field(
    staff: Client, page: Page, words: dict[str, str], field: str
) -> None:
    response = kept(staff, page, **words)
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert list(response.context["form"].errors) == [field]  # type: ignore[attr-defined]
    assert not Series.objects.exists()


def test_a_series_is_changed_and_ended(staff: Client, page: Page) -> None:
    kept(staff, page)
    series = Series.objects.get()
    post(staff, f"/console/series/{series.code}", title="Updates")
    series.refresh_from_db()
    assert (series.title, series.rule) == ("Updates", "FREQ=WEEKLY;BYDAY=SU")
    staff.post(f"/console/series/{series.code}/end")
    assert b"Nothing recurs" in staff.get("/console/maintenances").content


def test_works_that_touch_the_same_component_at_once_are_marked(
    staff: Client, page: Page, network: Component, pbx: Component
) -> None:
    begins = now() + timedelta(days=1)
    for title, component in (("Switch", network), ("Cable", network), ("Phones", pbx)):
        make_maintenance(
            page, title, components=[component], begins=begins, ends=begins + timedelta(hours=2), at=now()
        )
    content = staff.get("/console/maintenances").content.decode()
    assert content.count(">overlaps<") == 2


def test_an_incident_is_linked_to_the_work_that_caused_it_and_back(staff: Client, page: Page) -> None:
    begins = now() - timedelta(hours=1)
    work = make_maintenance(page, "Switch", begins=begins, ends=begins + timedelta(hours=2), at=begins)
    incident = make_incident(page, "Calls fail", at=now())
    url = f"/console/maintenances/{work.code}"
    assert b"It caused this" in staff.get(url).content
    staff.post(f"{url}/caused", {"incident": incident.code})
    assert Incident.objects.get(pk=incident.pk).caused_by == work
    assert b"Caused by the maintenance" in staff.get(f"/console/incidents/{incident.code}").content
    assert b"Choose the incident." in staff.post(f"{url}/caused", {"incident": "x"}, follow=True).content
    staff.post(f"{url}/caused", {"incident": incident.code, "way": "unlink"})
    assert Incident.objects.get(pk=incident.pk).caused_by is None
