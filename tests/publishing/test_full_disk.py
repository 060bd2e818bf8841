"""A disk that is full while something is published: nothing torn is served, and it goes on by itself."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from incidents.models import Attachment, Incident, Page, RfoPolicy, RfoVersion
from incidents.operations.actors import DEMO
from incidents.operations.attachments import CheckedDocument, attach_checked, check_document
from incidents.operations.errors import Busy
from incidents.operations.rfos import draft_rfo, words_digest
from incidents.publishing.publisher import publish_due, publish_page
from incidents.publishing.store import DiskFull
from tests.factories import BEGAN, make_incident, make_page, make_update, resolve
from tests.publishing.conftest import folder_of, text_of


@contextmanager
def full_after(most: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes: a write beyond is torn and fails, as on a full disk."""
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))
        signal.signal(signal.SIGXFSZ, old)


def test_what_was_published_stays_whole_while_the_disk_is_full_and_follows_when_there_is_room(
    outage: Incident,
) -> None:
    page, folder = outage.page, folder_of(outage.page)
    publish_page(page.pk)
    before = {file.name: file.read_bytes() for file in folder.files()}
    make_update(outage, "What the full disk holds back.", at=BEGAN + timedelta(days=40))
    with full_after(2_000), pytest.raises(DiskFull):
        publish_page(page.pk)
    after = {file.name: file.read_bytes() for file in folder.files()}
    assert after.keys() >= before.keys()
    for bundle in folder.documents():
        assert bundle.fresh.bodies["identity"]
    assert after[folder.file_of("/").name] == before[folder.file_of("/").name]
    assert list((folder.folder / "drafts").iterdir()) == [], "what was torn leaves its room to others"
    page.refresh_from_db()
    assert publish_due(at=datetime.now(UTC)) == 1
    assert "What the full disk holds back." in text_of(page, f"/incidents/{outage.code}")


def test_the_command_that_publishes_says_that_the_disk_is_full(outage: Incident) -> None:
    publish_page(outage.page_id)
    with full_after(2_000), pytest.raises(CommandError, match="no room on the disk of PUBLISH_DIR"):
        call_command("publish", "--all")


@pytest.fixture
def draft(page: Page) -> RfoVersion:
    incident = make_incident(page)
    resolve(incident)
    return draft_rfo(incident, body="One certificate.", by=DEMO, at=BEGAN)


def test_a_document_that_finds_no_room_is_refused_in_a_sentence_and_leaves_nothing(
    draft: RfoVersion, settings: Settings
) -> None:
    checked = check_document("notes.txt", b"measured " * 3_000)
    assert isinstance(checked, CheckedDocument)
    with full_after(2_000), pytest.raises(Busy, match="no room on its disk"):
        attach_checked(draft, checked, by=DEMO, at=BEGAN)
    assert not Attachment.objects.exists()
    assert not [each for each in Path(settings.MEDIA_ROOT).rglob("*") if each.is_file()]
    attach_checked(draft, checked, by=DEMO, at=BEGAN)
    assert Attachment.objects.get().size == 27_000


@contextmanager
def full_database() -> Iterator[None]:
    """SQLite says of a file that may not grow what it says of a full disk."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count")
        (most,) = cursor.fetchone()
        cursor.execute("PRAGMA max_page_count = 1")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA max_page_count = {most}")


@pytest.mark.django_db(transaction=True)
def test_an_rfo_whose_publication_finds_no_room_is_refused_in_a_sentence_and_stays_a_draft(
    client: Client, settings: Settings
) -> None:
    page = make_page("SIPcity")
    RfoPolicy.objects.create(page=page, approvals=0)
    incident = make_incident(page)
    resolve(incident)
    draft = draft_rfo(incident, body="One certificate. " * 3_000, by=DEMO, at=BEGAN)
    client.force_login(User.objects.create_superuser("dana", "dana@example.com", "a long password"))
    client.raise_request_exception = False
    sent = {"seen": words_digest(draft), "accept": "on"}
    with full_database():
        response = client.post(f"/console/incidents/{incident.code}/rfo/publish", sent)
    assert response.status_code == 503
    assert "The server has no room on its disk. Nothing was changed" in response.content.decode()
    draft.refresh_from_db()
    assert (draft.state, draft.sha256) == ("draft", "")
    assert client.post(f"/console/incidents/{incident.code}/rfo/publish", sent).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "published"
