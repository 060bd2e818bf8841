"""A maintenance that brought an incident about: each page links to the other."""

from datetime import timedelta

import pytest

from incidents.models import Event, Incident, Page
from incidents.operations.actors import DEMO
from incidents.operations.causes import set_cause
from incidents.operations.errors import Refused
from incidents.publishing.publisher import publish_page
from tests.factories import BEGAN, make_incident, make_maintenance, make_page
from tests.publishing.conftest import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


@pytest.fixture
def incident(page: Page) -> Incident:
    return make_incident(page, "Calls fail")


@pytest.fixture
def work(page: Page) -> Incident:
    return make_maintenance(
        page, "Switch", begins=BEGAN - timedelta(hours=1), ends=BEGAN + timedelta(hours=1)
    )


def test_each_links_to_the_other_and_no_more_once_it_is_taken_back(
    page: Page, incident: Incident, work: Incident
) -> None:
    publish_page(page.pk, everything=True)
    set_cause(incident, maintenance=work, by=DEMO, at=BEGAN)
    publish_page(page.pk)
    assert "Caused by the maintenance" in text_of(page, f"/incidents/{incident.code}")
    assert f"/maintenance/{work.code}" in text_of(page, f"/incidents/{incident.code}")
    assert "It caused the incident" in text_of(page, f"/maintenance/{work.code}")
    set_cause(incident, maintenance=None, by=DEMO, at=BEGAN)
    publish_page(page.pk)
    assert "Caused by" not in text_of(page, f"/incidents/{incident.code}")
    assert "It caused" not in text_of(page, f"/maintenance/{work.code}")


def test_the_same_again_changes_nothing_and_nobody_is_told(incident: Incident, work: Incident) -> None:
    set_cause(incident, maintenance=work, by=DEMO, at=BEGAN)
    events = Event.objects.count()
    set_cause(incident, maintenance=work, by=DEMO, at=BEGAN)
    assert Event.objects.count() == events
    assert not Event.objects.filter(data__what="cause", notifies=True).exists()


def test_only_a_maintenance_of_the_same_page_causes_an_incident(incident: Incident, work: Incident) -> None:
    other = make_page("Another")
    for wrong in (incident, make_maintenance(other, "Foreign")):
        with pytest.raises(Refused):
            set_cause(incident, maintenance=wrong, by=DEMO, at=BEGAN)
    with pytest.raises(Refused):
        set_cause(work, maintenance=work, by=DEMO, at=BEGAN)
