"""What a reader of an RFO would stumble over, found line by line; the user's own document has both known faults."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents.domain.audiences import Audience
from incidents.domain.faults import COMMON_TERMS, Fault, Rules, Term, Text, find_faults
from incidents.domain.reports import parse_report
from incidents.domain.rfo_content import Action, ActionState, Content, KeyTime, Moment
from tests.domain.saved_reports import seed

SYDNEY = ZoneInfo("Australia/Sydney")
BEGAN, ENDED = datetime(2021, 10, 8, 21, 22, tzinfo=UTC), datetime(2021, 10, 10, 1, 49, tzinfo=UTC)
RULES = Rules(SYDNEY, ((BEGAN, ENDED),), ENDED - BEGAN, COMMON_TERMS, ("proxy-syd-1", "Arena Ltd"))


def faults(body: str, content: Content | None = None, **texts: Text) -> list[Fault]:
    return find_faults((Text("letter", body), *texts.values()), content or Content(), RULES)


def codes(body: str) -> list[str]:
    return [fault.code for fault in faults(body)]


def test_both_known_faults_of_the_seed_fire_and_name_their_lines() -> None:
    report = parse_report(seed())
    assert report.rfo is not None
    found = faults(report.rfo.body)
    monday = next(fault for fault in found if fault.code == "outside")
    assert "Monday lies outside every time" in monday.message
    assert "Monday morning load" in monday.excerpt
    assert [mend.new for mend in monday.mends] == ["Saturday", "Sunday"]
    line = report.rfo.body.split("\n")[monday.line - 1]
    assert monday.mends[0].applied(line).count("Saturday morning load") == 1
    spelt = {mend.old for fault in found if fault.code == "spelling" for mend in fault.mends}
    assert spelt == {"OpenSIPs", "OpenSIP", "e164"}
    assert not [fault for fault in found if fault.blocks]


@pytest.mark.parametrize(
    ("words", "right"),
    [
        ("It began on Monday, 9 October 2021.", "Saturday, 9 October 2021"),
        ("It began on Sunday the 9th of October.", "Saturday the 9th of October"),
        ("From Mon 2021-10-09 on.", "Sat 2021-10-09"),
        ("Fri, Oct 09, 2021 - 08:22 AEDT.", "Sat, Oct 09, 2021 - 08:22 AEDT"),
    ],
)
def test_a_weekday_that_its_date_was_not_is_offered_the_right_one(words: str, right: str) -> None:
    found = [fault for fault in faults(words) if fault.code == "weekday"]
    assert [fault.mends[0].new for fault in found] == [right]


@pytest.mark.parametrize(
    "words",
    [
        "On Saturday, 9 October 2021 at 08:22 AEDT it began.",
        "Oct 10, 2021 - 12:49 AEDT was its end, Sunday at noon.",
        "The migration of 12 March 2020 went well.",
        "It was detected at 21:22 UTC.",
        "In May we did the same.",
        "31 February is no day, nor is 2021-13-45.",
    ],
)
def test_days_that_agree_with_the_calendar_and_the_record_are_let_be(words: str) -> None:
    assert not {"weekday", "outside", "zone"} & set(codes(words))


@pytest.mark.parametrize(
    "words", ["On 11 October calls failed.", "At Oct 10, 2021 - 12:59 AEDT.", "Since Monday.", "2021-10-08"]
)
def test_days_and_times_outside_every_window_are_found(words: str) -> None:
    assert codes(words) == ["outside"]


@pytest.mark.parametrize(
    ("words", "right"),
    [
        ("Oct 09, 2021 - 08:22 AEST", "Oct 09, 2021 - 08:22 AEDT"),
        ("restored at 11:11 AEST", "11:11 AEDT"),
        ("9 October 2021 at 08:22 NZST", "9 October 2021 at 08:22 AEDT"),
    ],
)
def test_a_zone_that_nobody_was_on_that_day_is_offered_the_right_one(words: str, right: str) -> None:
    assert [fault.mends[0].new for fault in faults(words) if fault.code == "zone"] == [right]


@pytest.mark.parametrize(
    ("words", "is_wrong"),
    [
        ("The outage lasted four hours.", True),
        ("Duration: 35 minutes", True),
        ("a 2-hour outage", True),
        ("It lasted 28 hours and 30 minutes.", False),
        ("It lasted 1 day 4 hours.", False),
        ("It took another eight hours to isolate it.", False),
    ],
)
def test_a_duration_is_held_against_the_windows(words: str, is_wrong: bool) -> None:
    assert ("duration" in codes(words)) is is_wrong


@pytest.mark.parametrize(
    "words", ["The cause is TBD.", "Owner: ____", "On {date}.", "[insert name]", "??? minutes", "lorem ipsum"]
)
def test_what_is_still_to_be_filled_in_blocks(words: str) -> None:
    assert [(fault.code, fault.blocks) for fault in faults(words)] == [("placeholder", True)]


def test_a_link_is_no_placeholder() -> None:
    assert codes("See [name of it](https://example.com/) and ~~old~~ text.") == []


@pytest.mark.parametrize(
    "words",
    ["on 10.1.2.3", "db1.internal is down", "Proxy-Syd-1 rebooted", "For Arena Ltd only", "Internal only."],
)
def test_words_that_must_not_leave_the_house_block(words: str) -> None:
    assert [(fault.code, fault.blocks) for fault in faults(words)] == [("internal", True)]


def test_the_same_words_in_an_internal_section_are_no_fault_but_their_sentences_in_public_are() -> None:
    secret = "the vendor left port 4443 open on every proxy that night"
    rules = Rules(SYDNEY, hidden=(secret,))
    inside = Text("section 1", f"proxy 10.0.0.1: {secret}", Audience.INTERNAL)
    assert find_faults((inside,), Content(), rules) == []
    leaked = Text("letter", f"Nothing.\nAs we found, {secret.title()}.")
    (fault,) = find_faults((leaked, inside), Content(), rules)
    assert (fault.code, fault.place, fault.line, fault.blocks) == ("internal", "letter", 2, True)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("Opensips", "OpenSIPS"),
        ("OpenSIP's", "OpenSIPS"),
        ("Kamalio", "Kamailio"),
        ("Free Switch", "FreeSWITCH"),
    ],
)
def test_a_name_is_spelt_as_its_owners_do(words: str, meant: str) -> None:
    assert [fault.mends[0].new for fault in faults(f"We run {words} here.") if fault.code == "spelling"] == [
        meant
    ]


def test_a_mend_touches_no_word_that_is_right_already() -> None:
    (fault,) = faults("OpenSIPS and OpenSIP and OpenSIPS.")
    assert (
        fault.mends[0].applied("OpenSIPS and OpenSIP and OpenSIPS.") == "OpenSIPS and OpenSIPS and OpenSIPS."
    )
    assert fault.mends[0].applied("Nothing of it.") == "Nothing of it."


def test_addresses_and_words_of_their_own_are_no_misspellings() -> None:
    assert (
        codes("Mail help@opensips.org, see https://www.opensips.org/e164, and the asterisks * below.") == []
    )


def test_a_page_brings_names_of_its_own() -> None:
    rules = Rules(SYDNEY, terms=(Term("SIPcity", ("SipCity",)),))
    (fault,) = find_faults((Text("letter", "Call Sipcity."),), Content(), rules)
    assert fault.mends[0].new == "SIPcity"


def test_sentences_without_their_noun_are_found() -> None:
    assert "noun" in codes("As part of this mornings migration, we identified within the TCP stack.")
    assert "noun" not in codes("We identified a malformed certificate within the TCP stack.")


def test_an_action_without_an_owner_or_a_day_is_no_promise() -> None:
    content = Content(
        actions=(
            Action("Check certificates"),
            Action("Probe TLS", "Network", date(2021, 11, 1)),
            Action("Old", state=ActionState.DONE),
        )
    )
    found = faults("Fine.", content)
    assert [(fault.code, fault.excerpt, fault.blocks) for fault in found] == [
        ("action", "Check certificates", True)
    ]


def test_key_times_come_in_their_order() -> None:
    content = Content(times=(KeyTime(Moment.DETECTED, ENDED), KeyTime(Moment.RESTORED, BEGAN)))
    assert [fault.code for fault in faults("Fine.", content)] == ["order"]


def test_what_blocks_comes_first_and_hostile_text_costs_no_minutes() -> None:
    found = faults("Monday.\nTBD\n")
    assert [fault.code for fault in found] == ["placeholder", "outside"]
    assert len(faults("TBD " * 16_000)) == 200
    began = datetime.now(UTC)
    faults("1 Oct 1 Oct " * 5_000 + "_" * 5_000 + "[" * 8_000 + "a.b." * 3_000)
    assert datetime.now(UTC) - began < timedelta(seconds=30)
