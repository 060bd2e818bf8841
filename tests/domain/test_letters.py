"""A carrier's letter as an RFO: its words stay as they are, and no date or zone in it is guessed."""

from datetime import UTC, datetime

import pytest

from incidents.domain.letters import DateOrder, LetterContext, RfoLetter, read_rfo_letter
from incidents.domain.reports import ReportError
from incidents.domain.reports.report import WarningKind
from incidents.domain.zones import zone
from incidents.formatting.markdown import render
from tests.domain.saved_reports import seed

BEGAN, ENDED = datetime(2019, 2, 12, 21, 0, tzinfo=UTC), datetime(2019, 2, 13, 1, 0, tzinfo=UTC)


def read(text: str, *, page: str = "America/Denver", **options: object) -> RfoLetter:
    about = LetterContext("Calls fail", zone(page), BEGAN, ENDED)
    return read_rfo_letter(text, about, **options)  # type: ignore[arg-type]


def test_a_letter_keeps_its_words_and_its_signature() -> None:
    letter = read(
        "Dear customers,\n\nAt 15:00 *one* server failed.\n\nRegards,\n\nPat Example\nCTO | Prairie Cloud"
    )
    assert (letter.signature_name, letter.signature_title) == ("Pat Example", "CTO | Prairie Cloud")
    assert "At 15:00 *one* server failed." in render(letter.body)
    assert (letter.notes, letter.warnings) == ((), ())


def test_dates_in_figures_are_read_by_a_day_beyond_twelve_in_the_zone_that_the_letter_says() -> None:
    letter = read(
        "All times in MST.\n12/02/2019 14:05 calls fail.\n13/02/2019 at 3:30 pm TLS is off.",
        page="Australia/Sydney",
    )
    assert letter.notes == (
        "Dates in figures were read as day/month, times in MST (UTC-07:00).",
        "Line 2: 12/02/2019 14:05 is 2019-02-12 14:05, 2019-02-12 21:05 UTC.",
        "Line 3: 13/02/2019 at 3:30 pm is 2019-02-13 15:30, 2019-02-13 22:30 UTC.",
    )
    assert letter.warnings == ()
    assert "12/02/2019 14:05" in letter.body, "the letter's own words stay"


@pytest.mark.parametrize(
    ("text", "page", "order"),
    [
        ("Tuesday 12/02/2019", "Etc/UTC", "day/month"),
        ("Tue, 02/12/2019", "Etc/UTC", "month/day"),
        ("On 02/12/2019 and 02/13/2019", "Etc/UTC", "month/day"),
        ("On 12/02 calls fail", "America/Toronto", "day/month"),
        ("On 02/12/19 calls fail", "America/Toronto", "month/day"),
        ("On 03/04/2019 calls fail", "Europe/London", "day/month"),
        ("On 03/04/2019 calls fail", "America/New_York", "month/day"),
    ],
)  # fmt: skip
def test_the_letter_its_incident_or_the_page_decides_the_order(text: str, page: str, order: str) -> None:
    assert read(text, page=page).notes[0].startswith(f"Dates in figures were read as {order},")


@pytest.mark.parametrize("page", ["Etc/UTC", "America/Toronto", "Asia/Manila"])
def test_a_date_that_stays_open_is_refused_by_its_line_unless_somebody_says_the_order(page: str) -> None:
    with pytest.raises(ReportError, match=r'Line 2: "03/04/2019" is day/month or month/day.*--date-order'):
        read("Letter.\nOn 03/04/2019 calls fail.", page=page)
    letter = read("Letter.\nOn 03/04/2019 calls fail.", page=page, order=DateOrder.MONTH_FIRST)
    assert letter.notes[1] == "Line 2: 03/04/2019 is 2019-03-04."


def test_dates_of_both_orders_and_an_order_that_the_letter_disproves_are_refused() -> None:
    with pytest.raises(
        ReportError, match=r'"13/02/2019" on line 1 is day/month and "02/14/2019" is month/day'
    ):
        read("On 13/02/2019\nand 02/14/2019.")
    with pytest.raises(ReportError, match=r'"13/02/2019" is day/month, not month/day'):
        read("On 13/02/2019", order=DateOrder.MONTH_FIRST)


@pytest.mark.parametrize(
    "text",
    [
        "Our NOC works 24/7.",
        "Half (1/2) of the calls, 3/4 of the faxes",
        "10/100 Mbit/s on 10.12.11.0/24, version 1.2.3, ratio 12/2",
        "https://kea.example/02/12/notes",
        "RFC 3261/3262, 99/100, ticket 12-04",
    ],
)
def test_fractions_networks_and_versions_are_no_dates(text: str) -> None:
    assert read(text, page="Etc/UTC").notes == ()


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("All times in MST", "MST (UTC-07:00)"),
        ("all times in Mountain Standard Time", "Mountain Standard Time (UTC-07:00)"),
        ("(All times are MDT)", "MDT (UTC-06:00)"),
        ("All times are shown in UTC", "UTC (UTC+00:00)"),
        ("Times: UTC+13", "UTC+13 (UTC+13:00)"),
        ("Times are AEDT", "AEDT (UTC+11:00)"),
        ("All times are in New Zealand Daylight Time", "New Zealand Daylight Time (UTC+13:00)"),
        ("All event times are in Mountain Time", "Mountain Time (America/Denver)"),
        ("All times are Australia/Perth", "Australia/Perth (Australia/Perth)"),
        ("It failed three times in NSW", "America/Denver, the zone of the page"),
        ("It failed several times. SIP trunks too.", "America/Denver, the zone of the page"),
    ],
)
def test_the_sentence_for_the_zone_is_understood(sentence: str, said: str) -> None:
    assert read(f"{sentence}\nOn 13/02/2019 15:00").notes[0].endswith(f"times in {said}.")


@pytest.mark.parametrize(
    ("sentence", "page", "says"),
    [
        ("All times in MST", "Asia/Kuala_Lumpur", r'"MST" is used in America/Denver and Asia/Kuala_Lumpur'),
        ("All times in CST", "Europe/London", r'"CST" is used in America/Chicago and Asia/Shanghai'),
        ("All times in IST", "Europe/London", r"Asia/Jerusalem and Asia/Kolkata"),
        ("All times in XYZ", "Europe/London", r'Line 1: "XYZ" is no time zone that is known here'),
        ("All times in MST\nAll times in UTC", "America/Denver", r"Line 2: .* in MST and in UTC"),
    ],
)  # fmt: skip
def test_a_zone_that_may_be_several_is_refused_unless_somebody_says_which(
    sentence: str, page: str, says: str
) -> None:
    with pytest.raises(ReportError, match=says):
        read(f"{sentence}\nOn 13/02/2019 15:00", page=page)
    letter = read(f"{sentence}\nOn 13/02/2019 15:00", page=page, zone=zone("America/Phoenix"))
    assert letter.notes[1].endswith("2019-02-13 22:00 UTC.")


def test_an_abbreviation_of_the_page_s_own_zone_is_that_zone() -> None:
    assert read("All times in CST\nOn 13/02/2019 15:00", page="Asia/Shanghai").notes[1].endswith("07:00 UTC.")


def test_a_time_that_the_clocks_skip_is_named() -> None:
    letter = read("On 31/03/2019 01:30 it began.", page="Europe/London")
    assert "do not show once" in letter.notes[1]
    assert len(letter.warnings) == 1


def test_a_letter_about_another_time_is_warned_of() -> None:
    assert "is it the right one?" in read("On 13/02/2012 15:00").warnings[0].message


def test_the_user_s_own_letter_is_read_without_its_head_and_posted_line() -> None:
    text = seed()
    alone = text[: text.index("This incident has been resolved.")]
    about = LetterContext(
        "Degraded network, causing calling outage",
        zone("Australia/Sydney"),
        datetime(2021, 10, 8, 21, 22, tzinfo=UTC),
        datetime(2021, 10, 10, 1, 49, tzinfo=UTC),
    )
    letter = read_rfo_letter(alone, about)
    assert letter.body.startswith("This network upgrade completes")
    assert "Posted" not in letter.body
    assert (letter.signature_name, letter.signature_title) == ("Mike Johnstone", "CEO | SIPcity")
    assert letter.losses == ()
    assert [each.kind for each in letter.warnings] == [WarningKind.FURNITURE, WarningKind.READING]


def test_a_head_with_another_title_would_be_lost_and_says_so() -> None:
    letter = read("Faxes fail\nIncident Report for Prairie Cloud\nWe are sorry.")
    assert [each.line for each in letter.losses] == [1]


def test_a_whole_report_is_no_letter() -> None:
    with pytest.raises(ReportError, match="Import it with import_incident"):
        read(seed())
    with pytest.raises(ReportError, match=r"Line 2: .*import_incident"):
        read("Letter.\nThis incident affected: Fax.")


@pytest.mark.parametrize("text", ["", " \n", "Posted Feb 13, 2019 - 10:00 MST"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(ReportError, match=r"empty|no words"):
        read(text)


def test_markdown_stays_markdown() -> None:
    assert read("## Cause\n\n- **TLS**", is_markdown=True).body == "## Cause\n\n- **TLS**"
