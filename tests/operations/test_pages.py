"""A page's address: its hosts belong to it alone, and every change is journalled."""

import pytest

from incidents.domain.journal import EventKind
from incidents.models import Event, Page, PageHost
from incidents.operations.errors import Refused
from incidents.operations.pages import create_page, set_address
from tests.factories import BEGAN, DEMO, make_page

pytestmark = pytest.mark.django_db


def hosts(page: Page) -> list[str]:
    return sorted(PageHost.objects.filter(page=page).values_list("host", flat=True))


def test_hosts_are_kept_as_requests_are_matched() -> None:
    assert hosts(make_page(hosts=("Status.SIPcity.test",))) == ["status.sipcity.test"]


def test_a_host_of_another_page_is_refused_and_no_page_is_made() -> None:
    make_page("SIPcity", hosts=("status.sipcity.test",))
    with pytest.raises(Refused) as refused:
        create_page(name="2talk", zone_name="UTC", hosts=("STATUS.sipcity.test",), by=DEMO, at=BEGAN)
    assert refused.value.field == "hosts"
    assert Page.objects.get().name == "SIPcity"


def test_an_address_is_set_with_further_hosts_and_one_event() -> None:
    page = make_page(hosts=("a.test",))
    before = Event.objects.count()
    set_address(page, url="http://b.test", hosts=("b.test", "a.test"), by=DEMO, at=BEGAN)
    page.refresh_from_db()
    assert (page.url, hosts(page)) == ("http://b.test", ["a.test", "b.test"])
    event = Event.objects.order_by("pk").last()
    assert event is not None
    assert (event.kind, Event.objects.count()) == (EventKind.PAGE_CHANGED, before + 1)


def test_an_address_that_it_has_already_writes_nothing() -> None:
    page = make_page(hosts=("a.test",), url="http://a.test")
    before = Event.objects.count()
    set_address(page, url="http://a.test", hosts=("A.test",), by=DEMO, at=BEGAN)
    assert Event.objects.count() == before


def test_an_address_with_a_host_of_another_page_changes_nothing() -> None:
    make_page(hosts=("b.test",))
    page = make_page(hosts=("a.test",))
    with pytest.raises(Refused):
        set_address(page, url="http://c.test", hosts=("c.test", "b.test"), by=DEMO, at=BEGAN)
    page.refresh_from_db()
    assert (page.url, hosts(page)) == ("", ["a.test"])
