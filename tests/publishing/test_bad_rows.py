"""Rows that should not be there: an absurd date, a state that is none. They keep nothing else from the public."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from incidents.models import Incident, Page
from incidents.publishing.publisher import Unpublished, publish_due, publish_page
from incidents.publishing.snapshot import RECENT
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import folder_of, text_of

ABSURD = [datetime(1, 1, 1, 6, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)]


@pytest.mark.parametrize("zone", ["Australia/Sydney", "America/Los_Angeles", "UTC"])
@pytest.mark.parametrize("at", ABSURD, ids=lambda at: str(at.year))
def test_an_incident_at_an_absurd_date_keeps_nothing_back(db: None, zone: str, at: datetime) -> None:
    page = factories.make_page("SIPcity", zone=zone)
    absurd = factories.make_incident(page, "Long ago")
    Incident.objects.filter(pk=absurd.pk).update(started_at=at)
    absurd.updates.update(at=at)
    other = factories.make_incident(page, "Trunks down")
    publish_page(page.pk, everything=True)
    for path in ("/", f"/incidents/{other.code}", "/history/2021/10", "/history.rss"):
        assert "Trunks down" in text_of(page, path), path
    factories.make_update(other, "The cause is found.")
    publish_page(page.pk)
    assert "The cause is found." in text_of(page, "/")
    assert publish_due(at=timezone.now()) == 0


@pytest.fixture
def bad(page: Page) -> Incident:
    """An incident of a year before, whose documents are good; then its row goes bad."""
    bad = factories.make_incident(page, "A good old one", at=BEGAN - timedelta(days=365))
    factories.resolve(bad, at=BEGAN - timedelta(days=364))
    for number in range(RECENT):
        factories.resolve(factories.make_incident(page, f"Newer {number}"))
    publish_page(page.pk, everything=True)
    Incident.objects.filter(pk=bad.pk).update(status="nonsense")
    return bad


@pytest.mark.parametrize("everything", [True, False])
def test_a_bad_row_keeps_back_its_own_incident_and_month_only(bad: Incident, everything: bool) -> None:
    page = bad.page
    factories.make_incident(page, "Trunks down", at=BEGAN + timedelta(days=40))
    if not everything:
        Incident.objects.filter(pk=bad.pk).update(status="resolved")
        factories.make_rfo(bad)
        Incident.objects.filter(pk=bad.pk).update(status="nonsense")
    with pytest.raises(Unpublished, match=f"incident {bad.pk}"):
        publish_page(page.pk, everything=everything)
    for path in ("/", "/history/2021/11", "/history.atom"):
        assert "Trunks down" in text_of(page, path), path


def test_the_last_good_documents_of_a_bad_row_stay(bad: Incident) -> None:
    with pytest.raises(Unpublished, match="history of 2020-10"):
        publish_page(bad.page_id, everything=True)
    for path in (f"/incidents/{bad.code}", "/history/2020/10"):
        assert "A good old one" in text_of(bad.page, path), path
    assert 'href="/history/2020/10"' in text_of(bad.page, "/history")
    pointer = folder_of(bad.page).pointer()
    assert pointer is not None
    assert "2020-10" in pointer.months
