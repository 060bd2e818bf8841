"""A published version that somebody changed in the database is found, whichever column it was."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from pytest_django import Settings

from incidents.domain.audiences import Audience
from incidents.domain.rfo_content import Content, Section, SectionKind
from incidents.formatting import bounded
from incidents.formatting.markdown import plain_html
from incidents.models import Attachment, Event, IncidentUpdate, RfoVersion
from incidents.monitoring.verifying import verify_rfos
from tests.factories import BEGAN, make_incident, make_page, make_rfo, resolve
from tests.monitoring.database_writer import forget_renderings
from tests.peers.children import ENDED, next_child

pytestmark = pytest.mark.django_db
CHANGES: dict[str, object] = {
    "body": "Other words.",
    "body_html": "<p>Other words.</p>",
    "kind": "interim",
    "signatory_name": "Somebody else",
    "signatory_title": "CEO",
    "change_summary": "Nothing.",
    "published_at": F("published_at") - timedelta(days=14),
    "signed_at": BEGAN,
    "sha256": "0" * 64,
    "previous_sha256": "0" * 64,
    "content": {"sections": [{"kind": "root_cause", "body": "The vendor.", "audience": "public"}]},
    "rendered": ["<p>Other.</p>", "<p>Words.</p>"],
    "salt": "pepper",
    "incident_title": "A supplier's fault",
    "page_name": "Somebody else",
    "number": 7,
}


@pytest.fixture
def versions() -> list[RfoVersion]:
    incident = make_incident(make_page("SIPcity"))
    resolve(incident)
    content = Content(
        sections=(
            Section(SectionKind.ROOT_CAUSE, "One certificate."),
            Section(SectionKind.NOTES, "Ours.", Audience.INTERNAL),
        )
    )
    first = make_rfo(incident, content=content, files={"a.pdf": b"%PDF-1.7 finding"})
    second = make_rfo(incident, "Better.", change_summary="More.", at=BEGAN + timedelta(days=30))
    return [first, second]


def faults() -> list[str]:
    return [fault for _, found in verify_rfos() for fault in found]


def test_what_was_published_is_intact(versions: list[RfoVersion]) -> None:
    assert faults() == []
    call_command("verify_rfos")


@pytest.mark.parametrize("column", list(CHANGES))
@pytest.mark.parametrize("which", [0, 1])
def test_any_column_that_was_changed_is_found(versions: list[RfoVersion], column: str, which: int) -> None:
    RfoVersion.objects.filter(pk=versions[which].pk).update(**{column: CHANGES[column]})
    assert faults()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_rfos")
    assert ended.value.code == 1


def test_words_in_the_thread_that_are_not_those_of_the_version_are_found(versions: list[RfoVersion]) -> None:
    IncidentUpdate.objects.filter(rfo_version=versions[0]).update(body="Other.")
    assert faults() == ["v1: the incident's thread does not tell it"]


def test_a_document_that_is_another_or_gone_is_found(versions: list[RfoVersion]) -> None:
    row = Attachment.objects.get()
    file = Path(row.file.path)
    file.write_bytes(b"%PDF-1.7 forged")
    assert faults() == ["v1: a.pdf is not the document that was attached"]
    file.unlink()
    assert faults() == ["v1: a.pdf is gone"]


def test_a_version_that_is_missing_is_found(versions: list[RfoVersion]) -> None:
    Event.objects.filter(update__rfo_version=versions[0]).update(update=None)
    IncidentUpdate.objects.filter(rfo_version=versions[0]).delete()
    versions[0].delete()
    assert faults() == ["v1 is missing"]


def test_what_was_published_is_verified_without_rendering_anything(versions: list[RfoVersion]) -> None:
    began: list[str] = []
    bounded.call_before(began.append)
    try:
        assert faults() == []
    finally:
        bounded._guards.remove(began.append)
    assert began == []


def test_a_busy_machine_is_no_changed_document(
    versions: list[RfoVersion], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    forget_renderings(versions[0].rfo.page.code, settings.AUDIT_KEY)
    assert faults() == []
    with next_child("incidents.formatting.markdown", *ENDED) as seen, pytest.raises(SystemExit) as ended:
        call_command("verify_rfos")
    assert seen
    assert ended.value.code == 3
    said = capsys.readouterr().out
    assert "NOT CHECKED RFO-2021-0001: v1: whether its page shows its words could not be checked" in said
    assert "WRONG" not in said


def test_a_version_that_an_earlier_release_published_unformatted_is_named_and_is_no_change(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    incident = make_incident(make_page("SIPcity"))
    resolve(incident)
    version = make_rfo(incident, "## Cause\n\n**One** certificate.")
    RfoVersion.objects.filter(pk=version.pk).update(body_html=plain_html(version.body))
    forget_renderings(incident.page.code, settings.AUDIT_KEY)
    call_command("verify_rfos")
    said = capsys.readouterr().out
    assert "NOTE RFO-2021-0001: v1 was published unformatted." in said
    assert "1 RFOs are intact" in said


def test_a_document_that_cannot_be_read_is_no_changed_document(
    versions: list[RfoVersion], capsys: pytest.CaptureFixture[str]
) -> None:
    file = Path(Attachment.objects.get().file.path)
    content = file.read_bytes()
    file.unlink()
    file.mkdir()
    try:
        with pytest.raises(SystemExit) as ended:
            call_command("verify_rfos")
    finally:
        file.rmdir()
        file.write_bytes(content)
    assert ended.value.code == 3
    assert "NOT CHECKED RFO-2021-0001: v1: a.pdf could not be read" in capsys.readouterr().out


def test_a_file_that_says_nothing_is_no_changed_document(versions: list[RfoVersion], tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(CommandError) as error:
        call_command("verify_rfos", "--against", str(tmp_path / "empty"))
    assert error.value.returncode == 2
