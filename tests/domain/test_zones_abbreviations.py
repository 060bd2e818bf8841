"""AEDT and its like: derived from an instant, and looked up again."""

from datetime import UTC, datetime

import pytest

from incidents.domain.zones import (
    abbreviation,
    is_called,
    offset_name,
    spelled,
    zone,
    zone_names,
    zones_apart,
    zones_of_abbreviation,
)

JANUARY = datetime(2022, 1, 15, 12, tzinfo=UTC)
JULY = datetime(2022, 7, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "name", "printed"),
    [
        (JANUARY, "Australia/Sydney", "AEDT"),
        (JULY, "Australia/Sydney", "AEST"),
        (JANUARY, "Pacific/Auckland", "NZDT"),
        (JULY, "Europe/London", "BST"),
        (JANUARY, "Europe/London", "GMT"),
        (JULY, "America/Los_Angeles", "PDT"),
        (JULY, "UTC", "UTC"),
        (JULY, "Asia/Singapore", "UTC+08"),
        (JULY, "Australia/Lord_Howe", "UTC+10:30"),
        (JULY, "America/Sao_Paulo", "UTC-03"),
        (JULY, "Asia/Kathmandu", "UTC+05:45"),
        (JULY, "Pacific/Marquesas", "UTC-09:30"),
    ],
)
def test_the_abbreviation_is_that_of_the_instant_and_numbers_say_utc(
    at: datetime, name: str, printed: str
) -> None:
    assert abbreviation(at, zone(name)) == printed


def test_no_zone_of_the_world_prints_a_bare_number() -> None:
    for name in zone_names():
        assert abbreviation(JULY, zone(name))[0].isalpha()


def test_the_offset_has_a_name_of_its_own() -> None:
    assert offset_name(JANUARY, zone("Australia/Sydney")) == "UTC+11"
    assert offset_name(JANUARY, zone("America/St_Johns")) == "UTC-03:30"


@pytest.mark.parametrize(
    ("name", "best_known"),
    [
        ("AEDT", "Australia/Sydney"),
        ("AEST", "Australia/Sydney"),
        ("ACST", "Australia/Adelaide"),
        ("ACDT", "Australia/Adelaide"),
        ("AWST", "Australia/Perth"),
        ("NZDT", "Pacific/Auckland"),
        ("NZST", "Pacific/Auckland"),
        ("BST", "Europe/London"),
        ("GMT", "Europe/London"),
        ("UTC", "UTC"),
        ("Z", "UTC"),
        ("PDT", "America/Los_Angeles"),
        ("PST", "America/Los_Angeles"),
        ("EST", "America/New_York"),
        ("EDT", "America/New_York"),
        ("CST", "America/Chicago"),
        ("CDT", "America/Chicago"),
        ("MST", "America/Denver"),
        ("CET", "Europe/Berlin"),
        ("aedt", "Australia/Sydney"),
        ("+08", "Asia/Singapore"),
        ("UTC+08:00", "Asia/Singapore"),
        ("SGT", "Asia/Singapore"),
    ],
)
def test_an_abbreviation_names_its_best_known_zone_first(name: str, best_known: str) -> None:
    assert zones_of_abbreviation(name)[0] == best_known


def test_every_zone_that_is_named_really_uses_the_abbreviation_then() -> None:
    for name in ("AEST", "EST", "GMT", "IST", "CST", "UTC-03"):
        for each in zones_of_abbreviation(name, at=JULY):
            assert spelled(abbreviation(JULY, zone(each))) == name


def test_an_abbreviation_of_the_other_season_names_no_zone_at_that_date() -> None:
    assert zones_of_abbreviation("AEDT", at=JULY) == ()
    assert zones_of_abbreviation("AEDT", at=JANUARY)[0] == "Australia/Sydney"
    assert "Australia/Brisbane" in zones_of_abbreviation("AEST", at=JANUARY)
    assert "Australia/Sydney" not in zones_of_abbreviation("AEST", at=JANUARY)


@pytest.mark.parametrize(
    "name", ["", "XYZ", "AEDTAEDT", "+99", "+8:99", "\x00", "Australia/Sydney", "x" * 65]
)
def test_what_is_no_abbreviation_names_no_zone(name: str) -> None:
    assert zones_of_abbreviation(name) == ()


@pytest.mark.parametrize(
    ("name", "at", "apart"),
    [
        ("IST", JULY, ("Asia/Kolkata", "Europe/Dublin")),
        ("IST", JANUARY, ("Asia/Kolkata", "Asia/Jerusalem")),
        ("CST", JANUARY, ("America/Chicago", "Asia/Shanghai")),
        ("AST", JANUARY, ("America/Halifax", "Asia/Riyadh")),
        ("AEDT", JANUARY, ("Australia/Sydney",)),
        ("BST", JULY, ("Europe/London",)),
        ("AEDT", JULY, ()),
    ],
)
def test_an_ambiguous_abbreviation_is_known_as_such(name: str, at: datetime, apart: tuple[str, ...]) -> None:
    assert zones_apart(name, at=at) == apart


def test_an_offset_is_right_for_any_zone_that_has_it() -> None:
    assert is_called("+11:00", JANUARY, zone("Australia/Sydney"))
    assert is_called("UTC+11", JANUARY, zone("Australia/Sydney"))
    assert not is_called("+11:00", JULY, zone("Australia/Sydney"))


@pytest.mark.parametrize("written", ["+8", "+08", "+0800", "+08:00", "UTC+8", "GMT+08:00", "utc+0800"])
def test_the_many_spellings_of_an_offset_are_one(written: str) -> None:
    assert spelled(written) == "UTC+08"
