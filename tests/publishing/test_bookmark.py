"""The published folder and the database keep one bookmark: where they differ, everything is published."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils.timezone import now

from incidents.domain.journal import EventKind
from incidents.models import Event, Incident, Page, RfoVersion
from incidents.operations.actors import DEMO
from incidents.operations.journal import record
from incidents.publishing.publisher import publish_due, publish_hosts, publish_page, the_store
from incidents.publishing.store import Hosts
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import folder_of, text_of
from tests.publishing.test_publisher import replaced, written

LATER = BEGAN + timedelta(hours=1)


def test_an_older_folder_that_is_put_back_is_published_again_at_the_next_sweep(
    outage: Incident, tmp_path: Path
) -> None:
    page = outage.page
    other = factories.make_incident(page, at=BEGAN)
    publish_page(page.pk)
    shutil.copytree(folder_of(page).folder, tmp_path / "older")
    factories.make_update(other, at=LATER)
    publish_page(page.pk)
    shutil.rmtree(folder_of(page).folder)
    shutil.copytree(tmp_path / "older", folder_of(page).folder)
    assert "We have found the cause." not in text_of(page, f"/incidents/{other.code}")
    publish_due(at=now())
    for path in (f"/incidents/{other.code}", f"/incidents/{other.code}.json", "/history.atom"):
        assert "We have found the cause." in text_of(page, path), path


def test_an_older_folder_is_noticed_by_a_post_that_comes_before_the_sweep(
    outage: Incident, tmp_path: Path
) -> None:
    page = outage.page
    other = factories.make_incident(page, at=BEGAN)
    publish_page(page.pk)
    shutil.copytree(folder_of(page).folder, tmp_path / "older")
    factories.make_update(other, at=LATER)
    publish_page(page.pk)
    shutil.rmtree(folder_of(page).folder)
    shutil.copytree(tmp_path / "older", folder_of(page).folder)
    factories.make_incident(page, "Faxes fail", at=LATER)
    publish_page(page.pk)
    assert "We have found the cause." in text_of(page, f"/incidents/{other.code}")


@pytest.mark.parametrize("posts_since", [0, 1, 2])
def test_an_older_database_that_is_put_back_takes_away_what_it_does_not_know(
    outage: Incident, posts_since: int
) -> None:
    """Whatever was posted since: the numbers of journal events are used a second time then."""
    page = outage.page
    publish_page(page.pk)
    through, revision = Page.objects.values_list("published_through", "published_on").get(pk=page.pk)
    lost = factories.make_incident(page, "Nobody will know", at=BEGAN)
    publish_page(page.pk)
    pk = Event.objects.filter(incident=lost).values_list("pk", flat=True).get()
    Event.objects.filter(incident=lost).delete()
    Incident.objects.filter(pk=lost.pk).delete()
    Page.objects.filter(pk=page.pk).update(published_through=through, published_on=revision)
    for number in range(posts_since):
        again = factories.make_incident(page, f"Faxes fail {number}", at=LATER)
        Event.objects.filter(incident=again).update(id=pk + number)
    publish_due(at=now())
    for path in ("/", "/api/v2/incidents.json", "/history.atom"):
        assert "Nobody will know" not in text_of(page, path), path
    assert folder_of(page).read(f"/incidents/{lost.code}") is None


def test_what_failed_while_an_older_folder_was_caught_up_with_is_rendered_later(
    outage: Incident, tmp_path: Path
) -> None:
    """The bookmarks agree from then on, so nothing but a note of it tells that some documents are behind."""
    page = outage.page
    publish_page(page.pk)
    shutil.copytree(folder_of(page).folder, tmp_path / "older")
    factories.make_update(outage, at=LATER)
    publish_page(page.pk)
    shutil.rmtree(folder_of(page).folder)
    shutil.copytree(tmp_path / "older", folder_of(page).folder)
    version = RfoVersion.objects.filter(rfo__incident=outage)
    good = version.get().published_at
    version.update(published_at=datetime(9999, 12, 31, 23, tzinfo=UTC))
    at = now()
    publish_due(at=at)
    version.update(published_at=good)
    path = f"/incidents/{outage.code}"
    assert "We have found the cause." not in text_of(page, path)
    publish_due(at=at + timedelta(minutes=1))  # one bad document does not cost all of them at every sweep
    factories.make_incident(page, "Faxes fail", at=LATER)
    publish_page(page.pk)  # nor at every post
    assert "We have found the cause." not in text_of(page, path)
    publish_due(at=at + timedelta(minutes=20))
    assert "We have found the cause." in text_of(page, path)
    before = written(page)
    publish_due(at=at + timedelta(minutes=20))
    publish_due(at=at + timedelta(minutes=40))
    assert path not in replaced(page, before)


def test_an_event_that_touches_no_document_moves_the_bookmark_of_both(outage: Incident) -> None:
    publish_page(outage.page_id)
    event = record(outage.page, EventKind.SERIES_CHANGED, by=DEMO, at=LATER)
    before = written(outage.page)
    publish_page(outage.page_id)
    publish_due(at=now())
    assert replaced(outage.page, before) == set()
    pointer = folder_of(outage.page).pointer()
    assert pointer is not None
    assert pointer.revision == event.pk == Page.objects.get(pk=outage.page_id).published_through


def test_an_event_that_is_erased_costs_one_publication(outage: Incident) -> None:
    event = record(outage.page, EventKind.SERIES_CHANGED, by=DEMO, at=LATER)
    publish_page(outage.page_id)
    Event.objects.filter(pk=event.pk).delete()
    publish_due(at=now())
    before = written(outage.page)
    publish_due(at=now())
    assert replaced(outage.page, before) == set()


def test_the_table_of_hosts_is_compared_at_every_sweep(outage: Incident) -> None:
    publish_page(outage.page_id)
    publish_hosts(the_store())
    whole = the_store().hosts()
    with the_store().lock():
        the_store().write_hosts(Hosts())
    publish_due(at=now())
    assert the_store().hosts() == whole
