"""The user's own document, from import to a corrected second version: its faults named, mended, agreed, shown, kept."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from pytest_django import Settings

from incidents.domain.rfos import RfoKind
from incidents.domain.roles import Role
from incidents.models import Incident, Rfo, RfoVersion
from incidents.operations.actors import Actor, staff
from incidents.operations.faults import faults_of, may_be_mended, mended
from incidents.operations.reviews import approve, ask_review, release
from incidents.operations.rfos import draft_rfo, words_digest
from incidents.publishing import printing
from incidents.publishing.publisher import publish_page
from tests.domain.saved_reports import SEED
from tests.factories import make_member
from tests.peers.paper import paper_facts, paper_inside, paper_structure, paper_words, require_press
from tests.publishing.conftest import folder_of, text_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
V1, V2 = "/rfo/RFO-2021-0001/v1", "/rfo/RFO-2021-0001/v2"


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.PUBLISH_DIR = tmp_path / "published"
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def rfo() -> Rfo:
    call_command("import_incident", str(next(SEED.glob("*.txt"))))
    return Rfo.objects.get()


def person(name: str) -> Actor:
    return staff(make_member(User.objects.create_user(name), Role.PUBLISHER))


def draft_of(incident: Incident, version: RfoVersion, body: str, by: Actor) -> RfoVersion:
    return draft_rfo(
        incident,
        body=body,
        kind=RfoKind.CORRECTION,
        signatory_name=version.signatory_name,
        signatory_title=version.signatory_title,
        change_summary="The day of the load, and the names of OpenSIPS and E.164, are right now.",
        by=by,
        at=NOW,
    )


def corrected(rfo: Rfo) -> RfoVersion:
    """The second version, every mend that a check offers taken, agreed by a second person and published."""
    dana, erin, incident = person("dana"), person("erin"), rfo.incident
    draft = draft_of(incident, rfo.versions.get(), rfo.versions.get().body, dana)
    for _ in range(20):
        fault = next((each for each in faults_of(draft) if may_be_mended(each)), None)
        if fault is None:
            break
        body, _content = mended(draft, fault, 0)
        draft = draft_of(incident, draft, body, dana)
    ask_review(draft, by=dana, at=NOW)
    approve(draft, digest=words_digest(draft), by=erin, at=NOW)
    release(draft, digest=words_digest(draft), accept=True, by=dana, at=NOW)
    draft.refresh_from_db()
    return draft


def test_both_faults_are_named_on_import_and_by_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_incident", str(next(SEED.glob("*.txt"))))
    with pytest.raises(SystemExit):
        call_command("check_rfo", "RFO-2021-0001")
    told = capsys.readouterr()
    assert "Monday lies outside every time in which customers were hit (Sat 09 Oct 2021 08:22" in told.out
    assert "OpenSIP is written OpenSIPS." in told.out
    assert "OpenSIPs is written OpenSIPS." in told.err


def test_the_corrected_version_has_neither_and_shows_what_it_changed(rfo: Rfo) -> None:
    version = corrected(rfo)
    assert [fault.code for fault in faults_of(version)] == ["noun"]
    publish_page(rfo.page_id)
    shown = text_of(rfo.page, f"{V2}/changes")
    assert "<del>Monday</del><ins>Saturday</ins>" in shown
    assert (shown.count("<ins>OpenSIPS</ins>"), shown.count("<ins>OpenSIPS.</ins>")) == (6, 1)
    assert "<ins>E.164</ins>" in shown
    assert "The day of the load" in shown
    assert "Monday morning load" in text_of(rfo.page, V1)
    assert "A newer version of this document exists" in text_of(rfo.page, V1)
    assert "Saturday morning load" in text_of(rfo.page, f"/incidents/{rfo.incident.code}/rfo")
    call_command("verify_rfos")


def test_its_letter_is_tagged_names_itself_on_each_page_and_is_the_same_in_two_processes(rfo: Rfo) -> None:
    require_press()
    version = corrected(rfo)
    publish_page(rfo.page_id)
    found = []
    for _ in range(2):
        assert printing.print_due(at=NOW, turn=60.0) == 2
        document = folder_of(rfo.page).read(f"{V2}.pdf")
        assert document
        found.append(document.fresh.bodies["identity"])
        for path in (V1, V2):
            folder_of(rfo.page).remove(f"{path}.pdf")
        publish_page(rfo.page_id, everything=True)
    assert hashlib.sha256(found[0]).hexdigest() == hashlib.sha256(found[1]).hexdigest()
    pages = paper_words(found[0]).split("\f")[:-1]
    assert all(f"Page {number} of {len(pages)}" in text for number, text in enumerate(pages, start=1))
    assert all(version.sha256 in text for text in pages)
    assert {"H1", "P", "Table", "TH", "TD"} <= set(paper_structure(found[0]))
    assert paper_facts(found[0])["Tagged"] == "yes"
    assert paper_inside(found[0]) == ["RFO-2021-0001-v2.json"]
