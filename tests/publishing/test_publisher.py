"""What is touched is published, in order; what fails keeps its last good bytes."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incidents.domain.hysteresis import Verdict
from incidents.domain.journal import EventKind
from incidents.models import Event, Incident, Page, Probe, Subscriber
from incidents.operations.actors import DEMO, SUBSCRIBER
from incidents.operations.attachments import attach_document
from incidents.operations.journal import record
from incidents.operations.pages import note_set_up
from incidents.operations.rfos import draft_rfo
from incidents.operations.versions import publish_rfo
from incidents.publishing.publisher import Unpublished, publish_due, publish_page, the_store
from incidents.publishing.site import DOCUMENTS, Document
from incidents.publishing.subjects import About
from tests import factories
from tests.factories import BEGAN, whole_pdf
from tests.publishing.conftest import folder_of, text_of


def written(page: Page) -> dict[str, int]:
    """The documents and when each was last replaced."""
    folder = folder_of(page)
    return {each.path: folder.file_of(each.path).stat().st_mtime_ns for each in folder.documents()}


def replaced(page: Page, before: dict[str, int]) -> set[str]:
    return {path for path, at in written(page).items() if before.get(path) != at}


def about_the_page(noun: str) -> set[str]:
    """Documents about the whole page that show what happened to such a thing."""
    shown = (each for each in DOCUMENTS if not each.only or noun in each.only)
    return {document.pattern for document in shown if document.about == About.PAGE}


def by_the_clock(document: Document) -> bool:
    return document.shows_today or document.shows_state


def about_the_incident(incident: Incident) -> set[str]:
    rows = (document.pattern for document in DOCUMENTS if document.about == About.INCIDENT)
    return {pattern.format(code=incident.code) for pattern in rows}


def test_a_first_publish_writes_every_document(outage: Incident) -> None:
    publish_page(outage.page_id)
    paths = set(written(outage.page))
    assert {"/", "/history", "/history/2021/10", "/history.rss", "/history.atom", "/robots.txt"} <= paths
    assert {"/api/v2/summary.json", "/api/v2/status.json"} <= paths
    assert {f"/incidents/{outage.code}", f"/incidents/{outage.code}/rfo", "/rfo/RFO-2021-0001/v1"} <= paths


def test_an_update_replaces_only_what_it_touches(outage: Incident) -> None:
    page = outage.page
    other = factories.make_incident(page, at=BEGAN + timedelta(days=40))
    publish_page(page.pk)
    before = written(page)
    factories.make_update(other, at=BEGAN + timedelta(days=40, hours=1))
    publish_page(page.pk)
    touched = {*about_the_page("incident"), *about_the_incident(other), "/history/2021/11"}
    assert replaced(page, before) == touched
    assert {"/robots.txt", "/maintenance.ics"}.isdisjoint(touched)
    assert "We have found the cause." in text_of(page, f"/incidents/{other.code}")


def test_nothing_new_replaces_nothing(outage: Incident) -> None:
    publish_page(outage.page_id)
    before = written(outage.page)
    publish_page(outage.page_id)
    assert replaced(outage.page, before) == set()


def test_the_page_remembers_how_far_it_is_published(outage: Incident) -> None:
    publish_page(outage.page_id)
    page = Page.objects.get(pk=outage.page_id)
    newest = Event.objects.filter(page=page).latest("pk").pk
    assert page.published_through == newest
    pointer = folder_of(page).pointer()
    assert pointer is not None
    assert pointer.revision == newest
    assert pointer.months == ("2021-10",)


def test_a_subscriber_is_nothing_public(page: Page) -> None:
    publish_page(page.pk)
    before = written(page)
    subscriber = Subscriber.objects.create(
        page=page, channel="email", address="a@example.test", nonce="n", created_at=BEGAN
    )
    event = record(page, EventKind.SUBSCRIBER_CONFIRMED, by=SUBSCRIBER, at=BEGAN, subscriber=subscriber)
    publish_page(page.pk)
    assert replaced(page, before) == set()
    assert Page.objects.get(pk=page.pk).published_through == event.pk


def test_a_draft_of_an_rfo_shows_nowhere(outage: Incident) -> None:
    draft = draft_rfo(
        outage,
        body="The secret second cause.",
        change_summary="More.",
        by=DEMO,
        at=BEGAN + timedelta(days=30),
    )
    attach_document(
        draft, name="draft.pdf", content=whole_pdf(b"%PDF-1.4 secret"), by=DEMO, at=BEGAN + timedelta(days=30)
    )
    publish_page(outage.page_id, everything=True)
    for document in folder_of(outage.page).documents():
        assert b"secret" not in document.fresh.bodies["identity"], document.path


def test_an_attached_document_is_published_with_its_rfo(outage: Incident) -> None:
    draft = draft_rfo(outage, body="Second.", change_summary="More.", by=DEMO, at=BEGAN + timedelta(days=30))
    file = attach_document(
        draft, name="Größe 1.pdf", content=whole_pdf(b"%PDF-1.4 x"), by=DEMO, at=BEGAN + timedelta(days=30)
    )
    publish_rfo(draft, by=DEMO, at=BEGAN + timedelta(days=31))
    publish_page(outage.page_id)
    document = folder_of(outage.page).read(f"/attachments/{file.code}/{file.name}")
    assert document is not None
    assert document.fresh.bodies["identity"] == file.file.read()
    assert document.download == file.name
    assert f'href="/attachments/{file.code}/Gr%C3%B6%C3%9Fe%201.pdf"' in text_of(
        outage.page, f"/incidents/{outage.code}"
    )


def test_an_attached_document_whose_file_is_lost_keeps_nothing_else_back(outage: Incident) -> None:
    draft = draft_rfo(outage, body="Second.", change_summary="More.", by=DEMO, at=BEGAN + timedelta(days=30))
    file = attach_document(
        draft, name="a.pdf", content=whole_pdf(b"%PDF-1.4 x"), by=DEMO, at=BEGAN + timedelta(days=30)
    )
    publish_rfo(draft, by=DEMO, at=BEGAN + timedelta(days=31))
    Path(file.file.path).unlink()
    with pytest.raises(Unpublished, match="attachments"):
        publish_page(outage.page_id)
    assert "Second." in text_of(outage.page, f"/incidents/{outage.code}")


def test_a_change_of_set_up_renders_everything_anew(outage: Incident) -> None:
    page = outage.page
    publish_page(page.pk)
    page.name = "SIPcity Voice"
    page.save()
    note_set_up(page, what="name", by=DEMO, at=BEGAN + timedelta(days=30))
    publish_page(page.pk)
    assert "Incident Report for" in text_of(page, f"/incidents/{outage.code}")
    assert "SIPcity Voice" in text_of(page, f"/incidents/{outage.code}")


def test_what_no_longer_exists_is_taken_away_when_everything_is_rendered(outage: Incident) -> None:
    other = factories.make_incident(outage.page, at=BEGAN - timedelta(days=60))
    publish_page(outage.page_id)
    Event.objects.filter(incident=other).delete()
    Incident.objects.filter(pk=other.pk).delete()
    publish_page(outage.page_id, everything=True)
    paths = set(written(outage.page))
    assert f"/incidents/{other.code}" not in paths
    assert "/history/2021/08" not in paths
    assert f"/incidents/{outage.code}" in paths


def test_backdating_moves_an_incident_to_the_month_in_which_it_began(page: Page) -> None:
    incident = factories.make_incident(page, at=datetime(2021, 10, 5, tzinfo=UTC))
    publish_page(page.pk)
    factories.make_update(
        incident, at=datetime(2021, 10, 6, tzinfo=UTC), happened_at=datetime(2021, 9, 20, tzinfo=UTC)
    )
    publish_page(page.pk)
    paths = set(written(page))
    assert "/history/2021/09" in paths
    assert "/history/2021/10" not in paths
    assert 'href="/history/2021/09"' in text_of(page, "/history")
    assert 'href="/history/2021/10"' not in text_of(page, "/history")


def test_a_document_that_cannot_be_rendered_keeps_its_last_good_bytes_and_the_others_go_on(
    outage: Incident,
) -> None:
    page = outage.page
    publish_page(page.pk)
    good = text_of(page, f"/incidents/{outage.code}")
    version = outage.rfos.get().versions.get()
    through = Page.objects.get(pk=page.pk).published_through
    type(version).objects.filter(pk=version.pk).update(published_at=datetime(9999, 12, 31, 23, tzinfo=UTC))
    factories.make_incident(page, "Another one", at=BEGAN + timedelta(days=40))
    note_set_up(page, what="name", by=DEMO, at=BEGAN + timedelta(days=40))
    with pytest.raises(Unpublished, match=outage.code):
        publish_page(page.pk)
    assert "Another one" in text_of(page, "/")
    assert text_of(page, f"/incidents/{outage.code}") == good
    assert Page.objects.get(pk=page.pk).published_through == through
    type(version).objects.filter(pk=version.pk).update(published_at=BEGAN + timedelta(days=20))
    assert publish_due(at=datetime.now(UTC)) == 1
    assert Page.objects.get(pk=page.pk).published_through > through


def test_the_sweep_publishes_what_a_dead_process_left(page: Page) -> None:
    publish_page(page.pk)
    assert publish_due(at=datetime.now(UTC)) == 0
    factories.make_incident(page, "Left behind")
    assert publish_due(at=datetime.now(UTC)) == 1
    assert "Left behind" in text_of(page, "/")


def test_midnight_of_the_page_brings_a_new_day(page: Page) -> None:
    publish_page(page.pk)
    now = datetime.now(UTC)
    before = written(page)
    assert publish_due(at=now) == 0
    assert publish_due(at=now + timedelta(days=1)) == 1
    by_clock = (each.pattern for each in DOCUMENTS if each.about == About.PAGE and by_the_clock(each))
    assert replaced(page, before) == set(by_clock) > {"/", "/history"}
    assert (now + timedelta(days=1)).astimezone(page.zone).strftime("%b %d, %Y") in text_of(page, "/")


def test_a_probe_gone_silent_is_told_and_so_is_its_return(page: Page) -> None:
    component = factories.make_component(page, "Network")
    now = datetime.now(UTC)
    probe = factories.make_probe(component, verdict=Verdict.UP, last_at=now)
    publish_page(page.pk)
    assert "All Systems Operational" in text_of(page, "/")
    assert publish_due(at=now + timedelta(seconds=30)) == 0
    assert publish_due(at=now + timedelta(seconds=106)) == 1
    assert "Current Status Not Confirmed" in text_of(page, "/")
    Probe.objects.filter(pk=probe.pk).update(confirmed_at=now + timedelta(seconds=107))
    assert publish_due(at=now + timedelta(seconds=108)) == 1
    assert "All Systems Operational" in text_of(page, "/")


def test_the_checked_time_of_a_monitored_page_is_never_much_older_than_a_minute(page: Page) -> None:
    now = datetime.now(UTC)
    probe = factories.make_probe(factories.make_component(page, "Network"), last_at=now)
    publish_page(page.pk)
    before = written(page)
    Probe.objects.filter(pk=probe.pk).update(confirmed_at=now + timedelta(seconds=60))
    assert publish_due(at=now + timedelta(seconds=61)) == 1
    assert replaced(page, before) == {
        each.pattern for each in DOCUMENTS if each.about == About.PAGE and each.shows_state
    }


def test_one_page_that_fails_does_not_keep_the_others_waiting(page: Page) -> None:
    other = factories.make_page("2talk", zone="Pacific/Auckland")
    blocked = the_store().page(page.code).folder
    blocked.parent.mkdir(parents=True)
    blocked.write_text("in the way")
    assert publish_due(at=datetime.now(UTC)) == 1
    assert "2talk" in text_of(other, "/")


def test_pages_keep_to_their_own_folders(outage: Incident) -> None:
    other = factories.make_page("2talk", zone="Pacific/Auckland", hosts=("status.2talk.test",))
    factories.make_incident(other, "Trunks in Auckland")
    for page in (outage.page, other):
        publish_page(page.pk)
    for document in folder_of(other).documents():
        assert b"SIPcity" not in document.fresh.bodies["identity"], document.path
    for document in folder_of(outage.page).documents():
        assert b"Auckland" not in document.fresh.bodies["identity"].replace(b"Pacific/Auckland", b""), (
            document.path
        )
    hosts = the_store().hosts()
    assert (hosts.default, hosts.page_of("status.2talk.test")) == (outage.page.code, other.code)


@pytest.mark.django_db(transaction=True)
def test_a_commit_publishes_in_the_same_process_without_being_asked() -> None:
    page = factories.make_page("SIPcity")
    incident = factories.make_incident(page, "Seen at once")
    assert "Seen at once" in text_of(page, "/")
    assert "Seen at once" in text_of(page, f"/incidents/{incident.code}")


@pytest.mark.django_db(transaction=True)
def test_a_publisher_that_cannot_write_costs_nobody_their_click() -> None:
    page = factories.make_page("SIPcity")
    folder = folder_of(page).folder
    shutil.rmtree(folder)
    folder.write_text("in the way")
    incident = factories.make_incident(page, "Said all the same")
    assert Incident.objects.get(pk=incident.pk).title == "Said all the same"
    folder.unlink()
    assert publish_due(at=datetime.now(UTC)) == 1
    assert "Said all the same" in text_of(page, "/")
