"""The RFO in the console: draft, documents, preview, publication, the next version."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from incidents.models import Attachment, Event, Incident, RfoPolicy, RfoVersion
from tests.console.forms import fields, send
from tests.factories import make_rfo, resolve, whole_pdf
from tests.formatting.test_docx import docx as word_letter
from tests.formatting.test_docx import paragraph
from tests.operations.test_looks import picture

PDF = whole_pdf(b"%PDF-1.7 finding")
PNG = picture()


@pytest.fixture
def url(incident: Incident) -> str:
    """The RFO's screen, on a page where whoever writes it may publish it."""
    RfoPolicy.objects.create(page=incident.page, approvals=0)
    resolve(incident)
    return f"/console/incidents/{incident.code}/rfo"


def values(client: Client, url: str) -> dict[str, str]:
    return fields(client.get(url), "rfo-form")


def save(client: Client, url: str, *files: tuple[str, bytes], **changes: str) -> object:
    sent = values(client, url) | {"body": "One bad certificate.", **changes}
    return client.post(
        url, sent | {"attachment": [SimpleUploadedFile(name, content) for name, content in files]}
    )


def publish(client: Client, url: str, **changes: str | None) -> object:
    return send(client, f"{url}/publish", fields(client.get(url), "/rfo/publish"), **changes)


def docx(*, expanded: int = 10, macros: bool = False) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"<d>" + b" " * expanded + b"</d>")
        if macros:
            archive.writestr("word/vbaProject.bin", "macro")
    return content.getvalue()


def test_a_draft_is_saved_with_its_signature_and_shown_as_it_will_be_read(staff: Client, url: str) -> None:
    response = save(
        staff,
        url,
        body="## Cause\n\nOne *bad* certificate.",
        signatory_name="R. Ola",
        signatory_title="Head of Voice",
    )
    assert response.status_code == 302
    draft = RfoVersion.objects.get()
    assert (draft.state, draft.signatory_name, draft.signatory_title) == ("draft", "R. Ola", "Head of Voice")
    preview = staff.get(url).content.decode().split('class="letter"')[1]
    assert "<em>bad</em>" in preview
    assert "Head of Voice" in preview
    assert values(staff, url)["body"] == "## Cause\n\nOne *bad* certificate."


def test_saving_again_rewrites_the_draft(staff: Client, url: str) -> None:
    save(staff, url)
    save(staff, url, body="Two bad certificates.")
    assert RfoVersion.objects.get().body == "Two bad certificates."


def test_several_documents_are_attached_at_once(staff: Client, url: str) -> None:
    save(staff, url, ("finding.pdf", PDF), ("graph.png", PNG), ("notes.docx", docx()))
    assert [each.name for each in Attachment.objects.all()] == ["finding.pdf", "graph.png", "notes.docx"]
    content = staff.get(url).content.decode()
    assert f"/console/attachments/{Attachment.objects.first().code}/finding.pdf" in content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("picture.png", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("page.pdf", b"<html><script>alert(1)</script></html>"),
        ("tool.exe", b"MZ\x90\0 program"),
        ("tool.pdf", b"MZ\x90\0 program"),
        ("finding.html", PDF),
        ("finding.pdf", PNG),
        ("bomb.docx", docx(expanded=201 * 1024 * 1024)),
        ("macros.docx", docx(macros=True)),
        ("archive.docx", b"PK\x03\x04 torn"),
        ("empty.pdf", b""),
    ],
    ids=[
        "svg",
        "html",
        "exe",
        "exe-as-pdf",
        "pdf-as-html",
        "png-as-pdf",
        "zip-bomb",
        "macros",
        "torn-zip",
        "empty",
    ],
)
def test_a_hostile_document_is_refused_beside_its_field(
    staff: Client, url: str, name: str, content: bytes
) -> None:
    response = save(staff, url, (name, content))
    assert response.status_code == 422
    assert 'id="id_attachment_error"' in response.content.decode()
    assert not Attachment.objects.exists()


def test_the_words_are_kept_when_a_document_is_refused(staff: Client, url: str) -> None:
    response = save(staff, url, ("tool.exe", b"MZ"), body="Words that took an hour.")
    assert fields(response, "rfo-form")["body"] == "Words that took an hour."


def test_an_oversized_document_is_refused_unread(staff: Client, url: str) -> None:
    response = save(staff, url, ("big.pdf", b"%PDF-" + b"0" * (20 * 1024 * 1024)))
    assert response.status_code == 422
    assert b"20,971,520 are allowed" in response.content


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("body", "", "at least a summary"),
        ("body", "all \x00 well", "Null characters"),
        ("body", "all \x08 well", "U+0008"),
        ("body", "a" * 70_000, "65,536"),
        ("signatory_name", "R.\x1b Ola", "U+001B"),
        ("signatory_title", "x" * 300, "255"),
        ("kind", "withdrawn", "withdrawn"),
    ],
    ids=["nothing", "null", "backspace", "long", "escape", "long-title", "kind"],
)
def test_what_is_wrong_is_said_beside_its_field(
    staff: Client, url: str, field: str, text: str, words: str
) -> None:
    response = save(staff, url, **{field: text})
    assert response.status_code == 422
    assert words in response.content.decode().split(f'id="id_{field}_error"')[1]
    assert not RfoVersion.objects.exists()


def test_script_in_markdown_is_shown_to_nobody(staff: Client, url: str) -> None:
    save(
        staff,
        url,
        body="<script>alert(1)</script>\n\n[x](javascript:alert(1)) ![x](https://evil.example/x.png)",
    )
    preview = staff.get(url).content.decode().split('class="letter"')[1].split("<form")[0]
    assert "<script" not in preview
    assert "javascript:" not in preview
    assert "<img" not in preview


def test_a_draft_is_published_and_its_subscribers_are_told_after_the_hold(
    staff: Client, url: str, incident: Incident
) -> None:
    save(staff, url, ("finding.pdf", PDF))
    assert publish(staff, url).status_code == 302
    version = RfoVersion.objects.get()
    assert (version.state, version.update.author.username) == ("published", "dana")
    incident.refresh_from_db()
    assert incident.status == "postmortem"
    event = Event.objects.get(kind="rfo.published")
    assert event.notifies
    assert event.hold_until > event.at
    assert (
        f"/console/events/{event.pk}/undo"
        in staff.get(f"/console/incidents/{incident.code}").content.decode()
    )


def test_publishing_may_tell_nobody(staff: Client, url: str) -> None:
    save(staff, url)
    publish(staff, url, notify=None)
    assert not Event.objects.get(kind="rfo.published").notifies


def test_publishing_twice_publishes_once(staff: Client, url: str) -> None:
    save(staff, url)
    sent = fields(staff.get(url), "/rfo/publish")
    for _ in range(2):
        staff.post(f"{url}/publish", sent)
    assert Event.objects.filter(kind="rfo.published").count() == 1


def test_a_draft_that_changed_since_it_was_read_is_not_published(
    staff: Client, colleague: Client, url: str
) -> None:
    save(staff, url)
    sent = fields(staff.get(url), "/rfo/publish")
    save(colleague, url, body="Other words.")
    response = staff.post(f"{url}/publish", sent, follow=True)
    assert b"have changed since you read them" in response.content
    assert RfoVersion.objects.get().state == "draft"


def test_a_draft_that_a_colleague_saved_meanwhile_is_not_overwritten_unseen(
    staff: Client, colleague: Client, url: str
) -> None:
    save(staff, url)
    sent = values(staff, url) | {"body": "Mine."}
    save(colleague, url, body="Theirs.")
    response = staff.post(url, sent)
    assert response.status_code == 409
    assert RfoVersion.objects.get().body == "Theirs."
    again = fields(response, "rfo-form")
    assert again["body"] == "Mine."
    assert "Theirs." in response.content.decode().split('class="letter"')[1]
    staff.post(url, again)
    assert RfoVersion.objects.get().body == "Mine."


def test_an_open_incident_may_have_a_draft_but_not_publish_it(staff: Client, incident: Incident) -> None:
    url = f"/console/incidents/{incident.code}/rfo"
    save(staff, url)
    content = staff.get(url).content.decode()
    assert "Resolve the incident first" in content
    response = staff.post(f"{url}/publish", {"seen": values(staff, url)["seen"]}, follow=True)
    assert b"Resolve the incident first" in response.content
    assert RfoVersion.objects.get().state == "draft"


def test_publishing_needs_the_button(staff: Client, url: str) -> None:
    save(staff, url)
    assert staff.get(f"{url}/publish").headers["Location"] == url
    assert RfoVersion.objects.get().state == "draft"


def test_the_next_version_begins_with_the_words_and_needs_what_changed(
    staff: Client, url: str, incident: Incident
) -> None:
    make_rfo(incident, "First words.", signatory_name="R. Ola")
    begun = values(staff, url)
    assert (begun["body"], begun["signatory_name"], begun["change_summary"]) == ("First words.", "R. Ola", "")
    response = save(staff, url, body="Better words.")
    assert "what changed" in response.content.decode().split('id="id_change_summary_error"')[1]
    save(staff, url, body="Better words.", change_summary="A time was wrong.")
    publish(staff, url)
    states = {version.number: version.state for version in RfoVersion.objects.all()}
    assert states == {1: "superseded", 2: "published"}


def test_the_next_version_keeps_the_documents_unless_asked_not_to(
    staff: Client, url: str, incident: Incident
) -> None:
    first = make_rfo(incident, files={"finding.pdf": PDF})
    save(staff, url, ("graph.png", PNG), change_summary="A graph.")
    draft = RfoVersion.objects.last()
    assert [each.name for each in draft.attachments.all()] == ["finding.pdf", "graph.png"]
    assert draft.attachments.first().sha256 == first.attachments.get().sha256
    save(staff, url, change_summary="A graph.")
    assert draft.attachments.count() == 2


def test_a_published_version_offers_no_publication(staff: Client, url: str, incident: Incident) -> None:
    version = make_rfo(incident)
    content = staff.get(url).content.decode()
    assert "Publish v" not in content
    assert version.sha256 in content


def test_staff_may_download_a_drafts_document(staff: Client, url: str) -> None:
    save(staff, url, ("finding.pdf", PDF))
    attachment = Attachment.objects.get()
    response = staff.get(f"/console/attachments/{attachment.code}/finding.pdf")
    assert b"".join(response.streaming_content) == Attachment.objects.get().file.read()
    assert response.headers["Content-Disposition"] == 'attachment; filename="finding.pdf"'
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response.headers["Cache-Control"]


def test_a_wrong_document_is_taken_off_the_draft_and_stays_on_a_published_version(
    staff: Client, url: str
) -> None:
    save(staff, url, ("wrong.pdf", PDF), ("right.pdf", PDF))
    wrong, right = Attachment.objects.order_by("name").reverse()
    assert f"Take off {wrong.name}" in staff.get(url).content.decode()
    staff.post(f"{url}/detach/{wrong.code}")
    assert list(Attachment.objects.values_list("name", flat=True)) == ["right.pdf"]
    publish(staff, url)
    refused = staff.post(f"{url}/detach/{right.code}", follow=True)
    assert b"keeps its documents" in refused.content
    assert Attachment.objects.count() == 1


def test_pictures_of_a_word_letter_do_not_come_along_and_staff_are_told(staff: Client, url: str) -> None:
    content = io.BytesIO(word_letter(paragraph("A certificate was malformed.")))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("word/media/image1.png", PNG)
    letter = SimpleUploadedFile("letter.docx", content.getvalue())
    response = staff.post(url, values(staff, url) | {"body": "", "letter": letter}, follow=True)
    assert RfoVersion.objects.get().body.strip() == "A certificate was malformed."
    assert "1 picture of letter.docx did not come along" in response.content.decode()
