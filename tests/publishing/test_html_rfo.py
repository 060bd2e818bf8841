"""An RFO as a page: its facts, what a version changed, and what is left of one that was withdrawn."""

from datetime import date, timedelta

import pytest

from incidents.domain.rfo_content import (
    Cohort,
    Content,
    Decision,
    Emergency,
    Entry,
    KeyTime,
    Moment,
    Precision,
    Section,
    SectionKind,
    Window,
)
from incidents.models import Incident, RfoVersion
from incidents.operations.actions import save_action
from incidents.operations.rfos import draft_rfo
from incidents.operations.versions import publish_rfo, withdraw_rfo
from incidents.publishing.publisher import publish_page
from tests.factories import BEGAN, DEMO, make_rfo
from tests.publishing.conftest import folder_of, text_of
from tests.publishing.pages import words

HOUR = timedelta(hours=1)
LATER = BEGAN + timedelta(days=30)
RICH = Content(
    sections=(
        Section(SectionKind.ROOT_CAUSE, "One *malformed* certificate."),
        Section(SectionKind.KNOWN_ISSUES, "None."),
    ),
    times=(
        KeyTime(Moment.IMPACT_START, BEGAN),
        KeyTime(Moment.DETECTED, BEGAN, Precision.APPROXIMATE),
        KeyTime(Moment.RESTORED, precision=Precision.UNKNOWN),
    ),
    windows=(
        Window(BEGAN, BEGAN + 3 * HOUR, "calls"),
        Window(BEGAN + 2 * HOUR, BEGAN + 4 * HOUR, "features"),
    ),
    cohort=Cohort("less than 1 % of registered users", 1234, Emergency.NO),
    decisions=(
        Decision("Abort?", "No", "Head of Voice", "abort, go on", "The certificate would fail <b>again</b>."),
    ),
    timeline=(Entry(BEGAN, "TLS refuses."),),
)


def second(outage: Incident, body: str = "Two malformed certificates.\n\nThe rest stays.") -> RfoVersion:
    draft = draft_rfo(outage, body=body, change_summary="It was two.", content=RICH, by=DEMO, at=LATER)
    save_action(
        None,
        rfo=draft.rfo,
        what="Check certificates",
        owner="Voice",
        due=date(2021, 11, 1),
        by=DEMO,
        at=LATER,
    )
    publish_rfo(draft, by=DEMO, at=LATER)
    publish_page(outage.page_id)
    return draft


@pytest.mark.parametrize(
    "said",
    [
        "Impact began Oct 09, 2021 - 08:22 AEDT",
        "Detected about Oct 09, 2021 - 08:22 AEDT",
        "Service restored not known",
        "Customers were hit Oct 09, 2021 - 08:22 AEDT to Oct 09, 2021 - 11:22 AEDT , calls",
        "Duration 4 h in all",
        "Who was hit less than 1 % of registered users (1,234)",
        "Calls to emergency services were not affected.",
        "Root cause One malformed certificate.",
        "Abort? Options: abort, go on Decided: No (Head of Voice) The certificate would fail <b>again</b>.",
        "Check certificates Voice 01 Nov 2021 Open",
        "TLS refuses.",
        "What changed",
    ],
)
def test_it_says_all_of_it_on_the_page(outage: Incident, said: str) -> None:
    second(outage)
    assert said in words(text_of(outage.page, "/rfo/RFO-2021-0001/v2"))


def test_what_a_version_changed_is_shown_word_by_word(outage: Incident) -> None:
    second(outage, "Two malformed certificates.")
    page = text_of(outage.page, "/rfo/RFO-2021-0001/v2/changes")
    assert "<del>One</del><ins>Two</ins>" in page.replace("</del>\n<ins>", "</del><ins>")
    assert "It was two." in page
    assert "Key times and figures" in page
    assert folder_of(outage.page).read("/rfo/RFO-2021-0001/v1/changes") is None


def test_markup_in_changed_words_is_text(outage: Incident) -> None:
    second(outage, "<script>alert(1)</script>")
    page = text_of(outage.page, "/rfo/RFO-2021-0001/v2/changes")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_what_was_withdrawn_says_so_at_its_old_address_and_why(outage: Incident) -> None:
    first = outage.rfos.get().versions.get()
    second(outage)
    withdraw_rfo(outage.rfos.get(), reason="The cause was **another** one.", by=DEMO, at=LATER)
    publish_page(outage.page_id)
    old = text_of(outage.page, "/rfo/RFO-2021-0001/v1")
    assert "has been withdrawn" in words(old)
    assert "The cause was <strong>another</strong> one." in old
    assert first.sha256 in old
    assert "malformed" not in old
    latest = text_of(outage.page, f"/incidents/{outage.code}/rfo")
    assert "This reason for outage has been withdrawn." in latest
    assert latest.count("is withdrawn. SHA-256") == 2
    left = {each.path for each in folder_of(outage.page).documents() if each.path.startswith("/rfo/")}
    assert left == {
        *("/rfo/RFO-2021-0001/v1", "/rfo/RFO-2021-0001/v2", "/rfo/RFO-2021-0001/v3"),
        *(f"/rfo/RFO-2021-0001/v3{form}" for form in (".json", ".md", "/SHA256SUMS")),
        *(f"/rfo/RFO-2021-0001/v3{form}.sig" for form in (".json", ".md", "/SHA256SUMS")),
    }
    everything = b"".join(each.fresh.bodies["identity"] for each in folder_of(outage.page).documents())
    assert b"One malformed certificate." not in everything


def test_v2_has_no_postmortem_of_what_is_withdrawn_and_the_new_one_once_there_is(outage: Incident) -> None:
    withdraw_rfo(outage.rfos.get(), reason="Wrong.", by=DEMO, at=LATER)
    publish_page(outage.page_id)
    assert '"postmortem_body": null' in text_of(outage.page, f"/incidents/{outage.code}.json").replace(
        '":null', '": null'
    )
    make_rfo(outage, "Right words.", change_summary="Anew.", at=LATER)
    publish_page(outage.page_id)
    assert "Right words." in text_of(outage.page, f"/incidents/{outage.code}.json")
