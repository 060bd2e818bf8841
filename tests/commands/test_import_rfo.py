"""`import_rfo`: a carrier's letter becomes a draft of an incident's RFO, once, and nothing of it is public."""

import zipfile
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from incidents.domain.audiences import Audience
from incidents.domain.incidents import IncidentStatus
from incidents.domain.rfo_content import SectionKind
from incidents.models import Event, Incident, Rfo, RfoVersion
from incidents.operations.actors import DEMO
from incidents.operations.faults import faults_of
from incidents.operations.rfos import draft_rfo
from incidents.operations.versions import publish_rfo
from tests import factories
from tests.domain.saved_reports import seed
from tests.factories import BEGAN
from tests.formatting.test_docx import docx, paragraph
from tests.publishing.conftest import publish_dir  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db
LETTER = """Dear customers,

All times in MST. On 08/10/2021 at 14:22 our core switch failed, and on 09/10/2021 16:00 it was replaced.
The fault was found on 13/10/2021.

Regards,
Pat Example
CTO | Prairie Cloud
"""


@pytest.fixture
def incident() -> Incident:
    page = factories.make_page("SIPcity")
    made = factories.make_incident(page, "Degraded network, causing calling outage")
    factories.make_update(made, status=IncidentStatus.RESOLVED, at=BEGAN + timedelta(hours=28))
    made.refresh_from_db()
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "letter.txt"
    made.write_text(LETTER, encoding="utf-8")
    return made


def run(file: Path, incident: Incident, *more: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_rfo", str(file), "--incident", incident.code, *more, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_letter_is_a_draft_with_its_signature_and_nobody_is_told(file: Path, incident: Incident) -> None:
    printed, warned = run(file, incident)
    version = RfoVersion.objects.get()
    assert (version.state, version.published_at) == ("draft", None)
    assert "14:22 our core switch failed" in version.body
    assert (version.signatory_name, version.signatory_title) == ("Pat Example", "CTO | Prairie Cloud")
    assert not version.approvals.exists()
    assert version.signatory is None
    assert not Event.objects.filter(notifies=True, incident=incident, kind__startswith="rfo").exists()
    assert "2021-10-08 14:22, 2021-10-08 21:22 UTC" in printed
    assert warned == ""


def test_how_its_dates_were_read_stands_beside_it_for_staff_alone(file: Path, incident: Incident) -> None:
    run(file, incident)
    (section,) = RfoVersion.objects.get().whole.sections
    assert (section.kind, section.audience) == (SectionKind.NOTES, Audience.INTERNAL)
    assert "read as day/month, times in MST (UTC-07:00)" in section.body
    assert "Line 3: 2021-10-08 21:22 UTC." in section.body


def test_what_stands_beside_it_holds_no_publication_back(file: Path, incident: Incident) -> None:
    run(file, incident)
    assert [each.message for each in faults_of(RfoVersion.objects.get()) if each.blocks] == []


def test_the_address_that_it_prints_leads_staff_to_the_draft(file: Path, incident: Incident) -> None:
    address = run(file, incident)[0].splitlines()[-1]
    path = address.removeprefix("http://status.sipcity.test")
    reply = Client(SERVER_NAME="status.sipcity.test").get(path, follow=True)
    assert (reply.status_code, reply.redirect_chain[0][0].startswith("/accounts/login/")) == (200, True)


def test_the_same_letter_again_changes_nothing(file: Path, incident: Incident) -> None:
    run(file, incident)
    rows = Event.objects.count(), RfoVersion.objects.count()
    assert "nothing new" in run(file, incident)[0]
    assert (Event.objects.count(), RfoVersion.objects.count()) == rows


def test_another_letter_takes_the_place_of_a_draft_only_where_that_is_said(
    file: Path, incident: Incident
) -> None:
    run(file, incident)
    file.write_text("Another letter.", encoding="utf-8")
    for more in ((), ("--check",)):
        with pytest.raises(CommandError, match=r"RFO-2021-0001 v1 is a draft already\. --replace"):
            run(file, incident, *more)
    run(file, incident, "--replace", "--check")
    assert RfoVersion.objects.get().body != "Another letter."
    run(file, incident, "--replace")
    assert RfoVersion.objects.get().body == "Another letter."


def test_what_is_published_is_corrected_in_the_console_and_not_by_an_import(
    file: Path, incident: Incident
) -> None:
    draft = draft_rfo(incident, body="The letter.", by=DEMO, at=BEGAN)
    publish_rfo(draft, by=DEMO, at=BEGAN + timedelta(days=2))
    for more in ((), ("--replace",)):
        with pytest.raises(CommandError, match=r"is published\. Correct it in the console"):
            run(file, incident, *more)
    correction = draft_rfo(incident, body="Better.", change_summary="Times.", by=DEMO, at=BEGAN)
    with pytest.raises(CommandError, match="corrects what is published"):
        run(file, incident, "--replace")
    correction.refresh_from_db()
    assert correction.body == "Better."


def test_a_check_says_how_it_would_be_read_and_writes_nothing(file: Path, incident: Incident) -> None:
    assert "day/month" in run(file, incident, "--check")[0]
    assert not Rfo.objects.exists()


def test_the_user_s_own_letter_is_attached_to_its_incident(tmp_path: Path, incident: Incident) -> None:
    text = seed()
    file = tmp_path / "letter.txt"
    file.write_text(text[: text.index("This incident has been resolved.")], encoding="utf-8")
    run(file, incident)
    version = RfoVersion.objects.get()
    assert "malformed certificate" in version.body
    assert version.signatory_title == "CEO | SIPcity"


def test_a_letter_for_maintenance_an_unknown_incident_and_a_wrong_zone_are_refused(
    file: Path, incident: Incident
) -> None:
    component = factories.make_component(incident.page)
    work = factories.make_maintenance(incident.page, "Core switch", components=[component])
    with pytest.raises(CommandError, match="A maintenance has no RFO"):
        run(file, work)
    work.code = "nowhere"
    with pytest.raises(CommandError, match="there is no incident 'nowhere'"):
        run(file, work)
    with pytest.raises(CommandError, match=r"--zone: Unknown time zone"):
        run(file, incident, "--zone", "Mars/Base")
    assert not Rfo.objects.exists()


@pytest.mark.parametrize(
    ("content", "more", "says"),
    [
        (b"", (), "empty"),
        (b"caf\xe9 closed", (), "--encoding cp1252"),
        (b"x" * (1024 * 1024 + 1), (), "larger than"),
        (b"x" * 70_000, (), "65,536|65536"),
        ("Letter.".encode("utf-16"), ("--encoding", "nonsense"), ""),
        (b"\x00\x01binary", (), "not a text file"),
        (b"<html><body>Letter</body></html>", (), "web page"),
    ],
)  # fmt: skip
def test_a_broken_file_writes_nothing(
    content: bytes, more: tuple[str, ...], says: str, tmp_path: Path, incident: Incident
) -> None:
    file = tmp_path / "letter.txt"
    file.write_bytes(content)
    if not says:  # a byte order mark says more than an option
        run(file, incident, *more)
        assert RfoVersion.objects.get().body == "Letter."
        return
    with pytest.raises(CommandError, match=says):
        run(file, incident, *more)
    assert not Rfo.objects.exists()


def test_a_text_of_windows_is_read_in_the_encoding_that_is_named(tmp_path: Path, incident: Incident) -> None:
    file = tmp_path / "letter.txt"
    file.write_bytes("The café’s line failed.".encode("cp1252"))
    run(file, incident, "--encoding", "cp1252")
    assert RfoVersion.objects.get().body == "The café’s line failed."


def test_a_word_document_comes_along_with_its_form_and_its_pictures_are_named(
    tmp_path: Path, incident: Incident
) -> None:
    content = docx(paragraph("Cause", "Heading2"), paragraph("A certificate was malformed."))
    file = tmp_path / "letter.docx"
    file.write_bytes(content)
    run(file, incident)
    assert RfoVersion.objects.get().body.startswith("## Cause\n\nA certificate")
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("word/media/image1.png", b"\x89PNG\r\n\x1a\n")
    with pytest.raises(CommandError, match=r"(?s)letter\.docx: 1 pictures.*--accept-loss"):
        run(file, incident)


def test_a_letter_that_is_no_word_document_is_said_to_be_none(tmp_path: Path, incident: Incident) -> None:
    file = tmp_path / "letter.docx"
    file.write_bytes(b"Just text.")
    with pytest.raises(CommandError, match=r"letter\.docx"):
        run(file, incident)
    assert not Rfo.objects.exists()
