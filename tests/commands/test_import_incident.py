"""`import_incident`: the user's own document, and reports that are broken."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from incidents.management.demo.document import pdf
from incidents.models import Component, ComponentGroup, Event, Incident, IncidentUpdate, Page, RfoVersion

pytestmark = pytest.mark.django_db
SEED_FOLDER = Path(__file__).resolve().parents[3] / "shared" / "seed"
UTC_INSTANTS = [
    "2021-10-08T21:22:00+00:00",
    "2021-10-08T22:26:00+00:00",
    "2021-10-09T00:11:00+00:00",
    "2021-10-09T01:58:00+00:00",
    "2021-10-10T01:49:00+00:00",
    "2021-10-29T03:12:00+00:00",
]


@pytest.fixture(scope="module")
def seed() -> Path:
    found = sorted(SEED_FOLDER.glob("*.txt"))
    assert found, f"the user's incident report is missing: it belongs in {SEED_FOLDER}"
    return found[0]


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("import_incident", *map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_real_report_becomes_the_incident_it_came_from(seed: Path) -> None:
    printed = run(seed)
    incident = Incident.objects.get()
    assert incident.title == "Degraded network, causing calling outage"
    assert (incident.page.name, incident.page.zone_name) == ("SIPcity", "Australia/Sydney")
    assert [update.at.isoformat() for update in incident.updates.all()] == UTC_INSTANTS
    statuses = [update.status for update in incident.updates.all()]
    assert statuses[3:] == ["monitoring", "resolved", "postmortem"]
    assert set(statuses[:3]) <= {"investigating", "identified"}
    assert printed.splitlines()[-1] == f"http://status.sipcity.test/incidents/{incident.code}"


def test_the_components_are_made_and_stand_operational_today(seed: Path) -> None:
    run(seed)
    names = {component.full_name: component.status for component in Component.objects.select_related("group")}
    assert names == {"SIPcity Calling Platform - Network": "operational", "SIPcity Cloud PBX": "operational"}
    assert ComponentGroup.objects.get().name == "SIPcity Calling Platform"


def test_the_letter_becomes_the_published_rfo_with_its_signature(seed: Path) -> None:
    run(seed)
    version = RfoVersion.objects.get()
    assert version.state == "published"
    assert version.signatory_title == "CEO | SIPcity"
    assert version.signatory_name
    assert "malformed certificate" in version.body
    assert str(version.rfo) == "RFO-2021-0001"


def test_importing_the_same_file_again_changes_nothing(seed: Path) -> None:
    first = run(seed)
    before = [
        model.objects.count() for model in (Page, Component, Incident, IncidentUpdate, RfoVersion, Event)
    ]
    second = run(seed)
    assert [
        model.objects.count() for model in (Page, Component, Incident, IncidentUpdate, RfoVersion, Event)
    ] == before
    assert "nothing new" in second
    assert second.splitlines()[-1] == first.splitlines()[-1]


def test_a_later_save_of_the_report_adds_only_what_is_new(seed: Path, tmp_path: Path) -> None:
    text = seed.read_text(encoding="utf-8")
    head, rfo_on = text.split("\n\n", 1)
    early = tmp_path / "early.txt"
    early.write_text(
        f"{head}\n\n{rfo_on[rfo_on.index('This incident has been resolved') :]}", encoding="utf-8"
    )
    run(early)
    assert IncidentUpdate.objects.count() == 5
    assert "1 updates imported" in run(seed)
    assert Incident.objects.get().status == "postmortem"


def test_documents_can_be_attached_to_the_rfo(seed: Path, tmp_path: Path) -> None:
    (tmp_path / "finding.pdf").write_bytes(pdf())
    run(seed, "--attach", tmp_path / "finding.pdf")
    assert RfoVersion.objects.get().attachments.get().name == "finding.pdf"


def test_nobody_is_told_of_an_imported_incident(seed: Path) -> None:
    run(seed)
    assert not Event.objects.filter(notifies=True).exists()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "cannot be read as UTF-8"),
        (b"Just a note without any times.\n", "Posted"),
        (b"x" * (1024 * 1024 + 1), "larger than"),
    ],
)
def test_a_broken_report_is_a_clear_error_and_writes_nothing(
    content: bytes, complaint: str, tmp_path: Path
) -> None:
    file = tmp_path / "broken.txt"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=complaint):
        run(file)
    assert Page.objects.count() == Incident.objects.count() == Event.objects.count() == 0


def test_a_missing_file_an_unknown_page_and_an_unknown_zone_are_named(seed: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"absent\.txt: cannot be read"):
        run(tmp_path / "absent.txt")
    with pytest.raises(CommandError, match="--page: there is no page 'Nowhere'; there are: none yet"):
        run(seed, "--page", "Nowhere")
    with pytest.raises(CommandError, match='Unknown time zone "Mars/Base"'):
        run(seed, "--zone", "Mars/Base")
    assert Incident.objects.count() == 0


def test_a_hostile_attachment_undoes_the_whole_import(seed: Path, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"<svg onload='alert(1)'/>")
    with pytest.raises(CommandError, match="attachment"):
        run(seed, "--attach", tmp_path / "logo.png")
    assert Page.objects.count() == Incident.objects.count() == 0
