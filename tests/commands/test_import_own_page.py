"""A copy of our own incident page, pasted as text, reads as the report that it prints."""

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest

from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import IncidentStatus
from incidents.domain.reports import parse_report
from incidents.models import Component, Incident, RfoVersion
from incidents.operations.actors import DEMO, PROBES
from incidents.operations.maintenances import update_maintenance
from tests.commands.test_import_cases import run
from tests.factories import (
    BEGAN,
    make_component,
    make_incident,
    make_maintenance,
    make_page,
    make_rfo,
    make_update,
    resolve,
)
from tests.publishing.pages import rendered

pytestmark = pytest.mark.django_db
_ENDS_A_LINE = "p|h[1-6]|li|ol|ul|div|section|article|header|footer|nav|label|button|option|summary|br"
_BLOCKS = rf"</?(?:{_ENDS_A_LINE})\b[^>]*>|(?<=</a>) (?=<a )"


def as_copied(document: str) -> str:
    """What a browser puts on the clipboard: a line for each block, none of what is hidden."""
    body = document.partition("<body>")[2]
    body = re.sub(
        r"(?s)<(svg|datalist|script|template)\b.*?</\1>|<[a-z]+ [^>]*\bhidden\b.*?</[a-z]+>", "", body
    )
    text = re.sub(r"<[^>]+>", "", re.sub(_BLOCKS, "\n", " ".join(body.split())))
    return "\n\n".join(line.strip() for line in html.unescape(text).split("\n") if line.strip())


def page_of(incident: Incident) -> str:
    incident.refresh_from_db()
    pattern = "/maintenance/{code}" if incident.state.is_planned else "/incidents/{code}"
    at = incident.updated_at + timedelta(minutes=1)
    return rendered(
        incident.page, pattern.format(code=incident.code), at=at, pattern=pattern, code=incident.code
    )


def copied_to_another_page(incident: Incident, folder: Path) -> tuple[Incident, str]:
    """The same incident of another page, imported from a copy, and what was warned of."""
    file = folder / "copy.txt"
    file.write_text(as_copied(page_of(incident)), encoding="utf-8")
    other = make_page(name="Copied to", zone=incident.page.zone_name)
    _, warned = run("import_incident", file, "--page", other.name)
    return Incident.objects.get(page=other), warned


def told(incident: Incident) -> list[tuple[str, str]]:
    return [(each.status, re.sub(r"\s+", " ", each.body)) for each in incident.updates.all()]


@pytest.fixture
def calls() -> Component:
    return make_component(make_page(name="Delta Voice"), name="Calls")


def test_a_resolved_incident_of_our_own_page_is_resolved_again(calls: Component, tmp_path: Path) -> None:
    incident = make_incident(
        calls.page, "Calls fail", body="Calls **fail**.", components={calls: S.PARTIAL_OUTAGE}, by=PROBES
    )
    make_update(incident, status=IncidentStatus.MONITORING)
    resolve(incident, "Calls pass. Dial `*21#` again.")
    copied, warned = copied_to_another_page(incident, tmp_path)
    assert told(copied) == [
        ("investigating", "Calls fail."),
        ("monitoring", "We have found the cause."),
        ("resolved", "Calls pass. Dial *21# again."),
    ]
    assert (copied.title, copied.status, copied.started_at) == ("Calls fail", "resolved", incident.started_at)
    assert "posted automatically" in warned
    assert list(copied.page.components.values_list("name", flat=True)) == ["Calls"]


def test_an_open_incident_of_our_own_page_keeps_its_state(calls: Component, tmp_path: Path) -> None:
    incident = make_incident(
        calls.page, components={calls: S.MAJOR_OUTAGE}, next_update_by=BEGAN + timedelta(minutes=30)
    )
    copied, _ = copied_to_another_page(incident, tmp_path)
    assert told(copied) == [("investigating", "We are investigating failed calls.")]


def test_the_rfo_of_our_own_page_is_an_rfo_again(calls: Component, tmp_path: Path) -> None:
    incident = make_incident(calls.page, components={calls: S.PARTIAL_OUTAGE})
    resolve(incident)
    make_rfo(incident)
    copied, _ = copied_to_another_page(incident, tmp_path)
    rfo = RfoVersion.objects.get(rfo__incident=copied)
    assert rfo.body.split() == ["One", "malformed", "certificate.", "Cause", "It", "was", "not", "checked."]
    assert [status for status, _ in told(copied)] == ["investigating", "resolved", "postmortem"]


def test_a_finished_maintenance_of_our_own_page_says_nothing_that_is_no_word_of_it(
    calls: Component, tmp_path: Path
) -> None:
    work = make_maintenance(calls.page, components=[calls])
    begins, ends = BEGAN + timedelta(days=2), BEGAN + timedelta(days=2, hours=2)
    for status, words, at in (
        (IncidentStatus.IN_PROGRESS, "It begins.", begins),
        (IncidentStatus.COMPLETED, "It is done.", ends),
    ):
        update_maintenance(work, status=status, body=words, by=DEMO, at=at)
    copied, _ = copied_to_another_page(work, tmp_path)
    assert told(copied)[-1] == ("completed", "It is done.")
    assert copied.maintenance.scheduled_for == begins


def test_earlier_words_that_somebody_opened_are_a_loss_that_is_named() -> None:
    opened = [
        "What it said before",
        "Calls fail in the north.",
        "until Oct 09, 2021 - 08:40 AEDT",
    ]
    later = "Resolved\nCalls pass.\nPosted Oct 09, 2021 - 09:22 AEDT"
    first = "Investigating\nCalls fail.\nPosted Oct 09, 2021 - 08:22 AEDT edited Oct 09, 2021 - 08:40 AEDT"
    head = "Calls fail\nIncident Report for Delta Voice\n"
    shut = parse_report(
        "\n".join([head, later.replace("AEDT", "AEDT edited Oct 09, 2021 - 09:30 AEDT"), opened[0], first])
    )
    assert [each.body for each in shut.updates] == ["Calls fail.", "Calls pass."]
    assert shut.losses == ()
    found = parse_report("\n".join([head, later, *opened, first]))
    assert [each.body for each in found.updates] == ["Calls fail.", "Calls pass."]
    assert ["Calls fail in the north" in str(each) for each in found.losses] == [True]


def test_a_heading_of_another_page_is_its_own_word() -> None:
    words = "Resolved\nReason for outage\nA cable.\nPosted Oct 09, 2021 - 08:22 AEDT"
    text = f"Calls fail\nIncident Report for Other\n\n{words}"
    (update,) = parse_report(text).updates
    assert (update.status, update.body) == (IncidentStatus.RESOLVED, "Reason for outage\nA cable.")
