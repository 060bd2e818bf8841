"""Documents of RFOs at the public door: published ones as downloads, anything else not there."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from incidents.models import Attachment, RfoVersion
from incidents.operations.rfos import draft_rfo
from tests.factories import BEGAN, DEMO, make_incident, make_page, make_rfo, resolve

PDF = b"%PDF-1.7 finding"


@pytest.fixture
def version(db: None) -> RfoVersion:
    incident = make_incident(make_page())
    resolve(incident)
    return make_rfo(incident, files={"Beweis für Störung.pdf": PDF})


def url(attachment: Attachment, name: str = "") -> str:
    return f"/attachments/{attachment.code}/{name or attachment.name}"


def test_a_published_document_is_a_download_that_no_browser_opens(
    client: Client, version: RfoVersion
) -> None:
    kept = version.attachments.get()
    response = client.get(url(kept))
    assert b"".join(response.streaming_content) == kept.file.read()
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Length"] == str(kept.size)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_name_beyond_ascii_arrives_whole(client: Client, version: RfoVersion) -> None:
    disposition = client.get(url(version.attachments.get())).headers["Content-Disposition"]
    assert disposition == "attachment; filename*=utf-8''Beweis%20f%C3%BCr%20St%C3%B6rung.pdf"


def test_an_earlier_version_keeps_its_documents(client: Client, version: RfoVersion) -> None:
    make_rfo(version.rfo.incident, "Better words.", change_summary="A time was wrong.")
    assert client.get(url(version.attachments.get())).status_code == 200


def test_a_drafts_document_is_not_there(client: Client, admin_client: Client, version: RfoVersion) -> None:
    draft = draft_rfo(version.rfo.incident, body="Next.", change_summary="More.", by=DEMO, at=BEGAN)
    attachment = Attachment.objects.create(
        version=draft,
        name="a.pdf",
        media_type="application/pdf",
        size=1,
        sha256="",
        file=ContentFile(PDF, "a"),
    )
    assert client.get(url(attachment)).status_code == 404
    assert admin_client.get(url(attachment)).status_code == 404


def test_a_withdrawn_versions_document_is_not_there(client: Client, version: RfoVersion) -> None:
    RfoVersion.objects.update(state="withdrawn")
    assert client.get(url(version.attachments.get())).status_code == 404


@pytest.mark.parametrize(
    "name",
    ["other.pdf", "..%2f..%2fsecret_key", "%00.pdf", "a" * 3000, "x%0d%0aSet-Cookie:a=b"],
    ids=range(5),
)
def test_another_name_finds_nothing(client: Client, version: RfoVersion, name: str) -> None:
    response = client.get(url(version.attachments.get(), name))
    assert response.status_code == 404
    assert "Set-Cookie" not in response.headers


def test_it_can_only_be_read(client: Client, version: RfoVersion) -> None:
    assert client.post(url(version.attachments.get())).status_code == 405
    assert client.head(url(version.attachments.get())).status_code == 200
