"""Pages and their hosts in the admin."""

import pytest
from django.test import Client

from incidents.models import Event, Page, PageHost
from tests.factories import make_page

ADD = "/admin/incidents/page/add/"


def form(*hosts: str, stored: int = 0, **fields: str) -> dict[str, str]:
    rows = {f"hosts-{number}-host": host for number, host in enumerate(hosts)}
    management = {"hosts-TOTAL_FORMS": str(len(hosts)), "hosts-INITIAL_FORMS": str(stored)}
    words = {"name": "Arena", "zone_name": "Europe/London", "url": "", "uptime_weight": "0.3"}
    return {**words, **management, **rows, **fields}


def said(page: Page) -> list[str]:
    return [event.data.get("what", "") for event in Event.objects.filter(page=page).order_by("id")]


def test_a_page_is_made_by_its_operation_and_keeps_every_field(staff: Client) -> None:
    assert staff.post(ADD, form("status.arena.test", uptime_weight="0.5")).status_code == 302
    page = Page.objects.get()
    assert (page.name, page.zone_name, page.uptime_weight, page.is_default) == (
        "Arena",
        "Europe/London",
        0.5,
        True,
    )
    assert [host.host for host in page.hosts.all()] == ["status.arena.test"]
    assert said(page) == ["created", "hosts changed"]
    assert Event.objects.first().actor == "dana"


def test_a_change_is_journaled_so_that_the_page_is_rendered_anew(staff: Client, page: Page) -> None:
    change = form(name="SIPcity", zone_name="Australia/Perth")
    assert staff.post(f"/admin/incidents/page/{page.pk}/change/", change).status_code == 302
    page.refresh_from_db()
    assert page.zone_name == "Australia/Perth"
    assert said(page)[-1] == "page SIPcity changed"
    assert page.updated_at > page.created_at


def test_a_save_that_changes_nothing_journals_nothing(staff: Client, page: Page) -> None:
    before = Event.objects.count()
    staff.post(f"/admin/incidents/page/{page.pk}/change/", form(name="SIPcity", zone_name=page.zone_name))
    assert Event.objects.count() == before


def test_what_the_publisher_wrote_meanwhile_is_kept(staff: Client, page: Page) -> None:
    Page.objects.update(published_through=41)
    staff.post(f"/admin/incidents/page/{page.pk}/change/", form(name="SIPcity!"))
    page.refresh_from_db()
    assert (page.name, page.published_through) == ("SIPcity!", 41)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("zone_name", "AEDT", "Unknown time zone"),
        ("zone_name", "../etc/passwd", "Unknown time zone"),
        ("name", "SIP\x07city", "U+0007"),
        ("name", "   ", "required"),
        ("uptime_weight", "2", "less than or equal"),
        ("url", "javascript:alert(1)", "valid URL"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(staff: Client, field: str, value: str, words: str) -> None:
    response = staff.post(ADD, form(**{field: value}))
    assert response.status_code == 200
    assert words in str(response.context["adminform"].form.errors[field])
    assert not Page.objects.exists()


@pytest.mark.parametrize(
    "host", ["Status.Arena.test", "arena.test:8000", "http://arena.test", "-", "a b", "../x"]
)
def test_a_host_that_would_never_match_is_refused(staff: Client, host: str) -> None:
    assert staff.post(ADD, form(host)).status_code == 200
    assert not Page.objects.exists()


def test_a_host_that_another_page_claims_is_refused(staff: Client, page: Page) -> None:
    PageHost.objects.create(page=page, host="status.arena.test")
    assert staff.post(ADD, form("status.arena.test")).status_code == 200
    assert Page.objects.count() == 1


def test_another_page_may_take_over_as_the_default(staff: Client, page: Page) -> None:
    other = make_page("Arena")
    change = form(name="Arena", zone_name=other.zone_name, make_default="on")
    staff.post(f"/admin/incidents/page/{other.pk}/change/", change)
    assert list(Page.objects.filter(is_default=True)) == [other]
    assert said(page)[-1] == "no longer the default"
    assert said(other)[-1] == "now the default"


def test_a_page_is_not_deleted_here(staff: Client, page: Page) -> None:
    assert staff.post(f"/admin/incidents/page/{page.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Page.objects.exists()
