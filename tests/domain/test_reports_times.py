"""`Posted` lines: zones, seasons, gaps, and everything that can be wrong with a time."""

from datetime import UTC, datetime

import pytest

from incidents.domain.reports import ReportError
from incidents.domain.zones import UnknownZone
from tests.domain.saved_reports import read, warnings_of

BELOW = "We are investigating.\nPosted Oct 09, 2021 - 08:00 AEDT"


def first_at(*blocks: str, zone: str | None = None) -> datetime:
    return read(*blocks, zone=zone).updates[-1].at


@pytest.mark.parametrize(
    "line",
    [
        "Posted Oct 09, 2021 - 08:22 AEDT",
        "Posted Oct 9, 2021 - 8:22 AEDT",
        "Posted October 09, 2021 \u2013 08:22 AEDT",
        "Posted Oct 09 2021 08:22 AEDT.",
        "posted oct 09, 2021 - 08:22 aedt",
        "  Posted Oct 09, 2021 - 08:22 AEDT",
        "**Posted Oct 09, 2021 - 08:22 AEDT**",
        "Posted 4 years ago. Oct 09, 2021 - 08:22 AEDT",
        "Posted just now Oct 09, 2021 - 08:22 AEDT",
        "Posted Oct 09, 2021 - 08:22:00 AEDT",
        "Posted Oct 08, 2021 - 21:22 UTC",
        "Posted Oct 08, 2021 - 21:22 Z",
    ],
)
def test_the_usual_ways_to_write_a_time_are_one_instant(line: str) -> None:
    report = read(f"Fixed.\n{line}")
    assert report.updates[0].at == datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
    assert report.warnings == ()


def test_a_time_may_stand_at_the_end_of_the_updates_last_line() -> None:
    report = read("All is well. Posted Oct 09, 2021 - 08:22 AEDT")
    assert report.updates[0].body == "All is well."
    assert report.updates[0].at == datetime(2021, 10, 8, 21, 22, tzinfo=UTC)


def test_a_sentence_about_posting_is_no_time() -> None:
    words = "Posted speed limits are back.\nWe posted it Oct 9.\nThis was posted Oct 9"
    report = read(f"{words}\nPosted Oct 09, 2021 - 08:22 AEDT")
    assert report.updates[0].body == words


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("UTC+08", "Asia/Singapore"),
        ("+08", "Asia/Singapore"),
        ("-03", "America/Sao_Paulo"),
        ("+00:00", "UTC"),
    ],
)
def test_an_offset_places_the_time_and_its_zone_is_warned_to_be_a_guess(written: str, zone: str) -> None:
    report = read(f"Fixed.\nPosted Oct 09, 2021 - 08:22 {written}")
    assert report.zone == zone
    assert len(report.warnings) == (0 if zone == "UTC" else 1)


def test_an_offset_of_the_given_zone_needs_no_warning() -> None:
    report = read("Fixed.\nPosted Oct 09, 2021 - 08:22 +11:00", zone="Australia/Sydney")
    assert report.updates[0].at == datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
    assert report.warnings == ()


def test_a_given_zone_settles_an_ambiguous_abbreviation() -> None:
    block = "Fixed.\nPosted Jan 09, 2022 - 08:22 CST"
    american, chinese = read(block), read(block, zone="Asia/Shanghai")
    assert american.zone == "America/Chicago"
    assert american.updates[0].at == datetime(2022, 1, 9, 14, 22, tzinfo=UTC)
    assert warnings_of(american) == [
        'line 4: "CST" is also used in Asia/Shanghai; read as America/Chicago. Import it with the zone if it is another'
    ]
    assert chinese.updates[0].at == datetime(2022, 1, 9, 0, 22, tzinfo=UTC)
    assert chinese.warnings == ()


def test_other_times_of_the_report_settle_an_ambiguous_abbreviation_too() -> None:
    report = read("Fixed.\nPosted Nov 08, 2021 - 08:22 CST", "Broken.\nPosted Nov 06, 2021 - 08:22 CDT")
    assert report.zone == "America/Chicago"
    assert report.warnings == ()


@pytest.mark.parametrize(
    ("line", "zone", "warning"),
    [
        ("Posted Jul 09, 2021 - 08:22 EST", "America/Panama", None),
        ("Posted Oct 09, 2021 - 08:22 AEST", "Australia/Brisbane", None),
        ("Posted Jul 09, 2021 - 08:22 MST", "America/Phoenix", None),
        ("Posted Jul 09, 2021 - 08:22 IST", "Asia/Kolkata", '"IST" is also used in Europe/Dublin'),
        ("Posted Jul 09, 2021 - 08:22 CST", "America/Regina", '"CST" is also used in Asia/Shanghai'),
        (
            "Posted Jul 09, 2021 - 08:22 PST",
            "Asia/Manila",
            '"PST" mostly means America/Los_Angeles, which was on PDT',
        ),
    ],
)
def test_the_date_decides_between_zones_and_an_unlikely_one_is_warned_of(
    line: str, zone: str, warning: str | None
) -> None:
    report = read(f"Fixed.\n{line}")
    assert report.zone == zone
    assert len(report.warnings) == (warning is not None)
    assert all(warning is not None and warning in each.message for each in report.warnings)


def test_an_offset_that_the_given_zone_never_had_then_is_exact_and_named() -> None:
    report = read("Fixed.\nPosted Oct 09, 2021 - 08:22 +10:00", zone="Australia/Sydney")
    assert report.updates[0].at == datetime(2021, 10, 8, 22, 22, tzinfo=UTC)
    assert "was converted" in report.warnings[0].message


def test_times_in_two_zones_are_both_exact_and_the_odd_one_is_named() -> None:
    report = read(
        "Fixed.\nPosted Oct 09, 2021 - 12:00 NZDT",
        "Found.\nPosted Oct 09, 2021 - 08:22 AEDT",
        "Broken.\nPosted Oct 09, 2021 - 08:00 AEDT",
    )
    assert report.zone == "Australia/Sydney"
    assert [update.at.hour for update in report.updates] == [21, 21, 23]
    assert warnings_of(report) == [
        "line 4: Oct 09, 2021 - 12:00 NZDT is not in the report's zone Australia/Sydney; it was converted"
    ]


def test_times_outside_the_given_zone_keep_their_own() -> None:
    report = read("Fixed.\nPosted Oct 08, 2021 - 14:22 PDT", zone="Australia/Sydney")
    assert report.zone == "Australia/Sydney"
    assert report.updates[0].at == datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
    assert "was converted" in report.warnings[0].message


@pytest.mark.parametrize("zone", [None, "Australia/Sydney"])
def test_summer_time_in_july_is_warned_of_and_the_clock_is_believed(zone: str | None) -> None:
    report = read("Fixed.\nPosted Jul 09, 2021 - 08:22 AEDT", zone=zone)
    assert report.updates[0].at == datetime(2021, 7, 8, 22, 22, tzinfo=UTC)
    assert warnings_of(report) == [
        'line 4: "AEDT" is wrong for this date; Australia/Sydney was on AEST and the time was read so'
    ]


def test_a_time_that_clocks_jumped_over_is_shifted_with_a_warning() -> None:
    report = read("Fixed.\nPosted Oct 03, 2021 - 02:30 AEDT")
    assert report.updates[0].at == datetime(2021, 10, 2, 16, 30, tzinfo=UTC)
    assert "line 4: Oct 03, 2021 - 02:30 does not exist in Australia/Sydney" in warnings_of(report)[0]


def test_a_time_that_clocks_showed_twice_is_the_first_if_nothing_says_which() -> None:
    report = read("Fixed.\nPosted Apr 03, 2022 - 02:30", zone="Australia/Sydney")
    assert report.updates[0].at == datetime(2022, 4, 2, 15, 30, tzinfo=UTC)
    assert [warning.message.split(";")[0] for warning in report.warnings] == [
        "Apr 03, 2022 - 02:30 happened twice in Australia/Sydney: first as 02:30 AEDT (UTC+11), then as 02:30 AEST "
        "(UTC+10). Say which one. The first was taken",
        "the time says no zone",
    ]


def test_a_time_without_a_year_takes_the_one_that_fits_its_neighbours() -> None:
    report = read("Fixed.\nPosted Jan 01, 00:10 AEDT", "Broken.\nPosted Dec 31, 2021 - 23:40 AEDT")
    assert report.updates[1].at == datetime(2021, 12, 31, 13, 10, tzinfo=UTC)
    assert warnings_of(report) == ["line 4: the time has no year; read as Jan 01, 2022 - 00:10 AEDT"]


def test_a_leap_day_without_a_year_finds_its_leap_year() -> None:
    assert first_at("Fixed.\nPosted Feb 29, 08:22 UTC", "Hm.\nPosted Feb 28, 2024 - 08:22 UTC").year == 2024


def test_a_report_without_any_year_is_refused() -> None:
    with pytest.raises(ReportError, match=r"^Line 4: No time has a year\. Write it as in Oct 09, 2021"):
        read("Fixed.\nPosted Oct 09, 08:22 AEDT")


def test_a_day_alone_is_placed_without_breaking_the_order() -> None:
    report = read("Fixed.\nPosted Oct 09, 2021", BELOW)
    assert [update.body for update in report.updates] == ["We are investigating.", "Fixed."]
    assert report.updates[0].at == report.updates[1].at
    assert "line 4: the date has no time; read as Oct 09, 2021 - 08:00" in warnings_of(report)


def test_a_day_alone_with_nothing_else_that_day_is_midnight() -> None:
    assert first_at("Fixed.\nPosted Oct 10, 2021 AEDT", BELOW) == datetime(2021, 10, 9, 13, 0, tzinfo=UTC)


def test_a_time_without_a_zone_takes_the_reports() -> None:
    report = read("Fixed.\nPosted Oct 09, 2021 - 08:22", BELOW)
    assert report.updates[1].at == datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
    assert warnings_of(report) == ["line 4: the time says no zone; read in Australia/Sydney"]


def test_a_report_that_never_says_its_zone_is_refused_until_one_is_given() -> None:
    with pytest.raises(ReportError, match=r"^Line 4: No time says its zone"):
        read("Fixed.\nPosted Oct 09, 2021 - 08:22")
    assert first_at("Fixed.\nPosted Oct 09, 2021 - 08:22", zone="Australia/Sydney").hour == 21


def test_letters_that_no_zone_uses_are_refused_until_a_zone_is_given() -> None:
    with pytest.raises(ReportError, match=r'^Line 4: "QQT" is no time zone that is known here'):
        read("Fixed.\nPosted Oct 09, 2021 - 08:22 QQT")
    report = read("Fixed.\nPosted Oct 09, 2021 - 08:22 QQT", zone="Australia/Sydney")
    assert report.updates[0].at.hour == 21
    assert warnings_of(report) == ['line 4: "QQT" is no known zone; read as AEDT in Australia/Sydney']


@pytest.mark.parametrize("name", ["Mars/Base", "AEDT", "../../etc/passwd", ""])
def test_a_given_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone):
        read(BELOW, zone=name)


@pytest.mark.parametrize(
    "line",
    [
        "Posted Oct 32, 2021 - 08:22 AEDT",
        "Posted Oct 09, 2021 - 25:61 AEDT",
        "Posted Feb 29, 2021 - 08:22 AEDT",
        "Posted Foo 09, 2021 - 08:22 AEDT",
        "Posted Oct 09, 0001 - 08:22 AEDT",
        "Posted Oct 09, 2021 - 08:22 PM AEDT",
        "Posted 2021-10-09 08:22",
        "Posted yesterday",
        "Posted",
    ],
)
def test_a_time_that_cannot_be_read_is_named_with_what_it_cost(line: str) -> None:
    report = read(f"All calls\nwork again.\n{line}", BELOW)
    assert [update.body for update in report.updates] == ["We are investigating."]
    assert warnings_of(report) == [
        f'line 5: "{line}" is no time that can be read (write Posted Oct 09, 2021 - 08:22 AEDT); '
        'the update above it was left out (lines 3 to 4): "All calls work again."'
    ]


def test_a_report_in_which_no_time_can_be_read_is_refused() -> None:
    with pytest.raises(
        ReportError, match=r'^Line 4: "Posted yesterday" is no time that can be read\. Each update'
    ):
        read("Fixed.\nPosted yesterday")


def test_updates_out_of_order_are_sorted_and_named() -> None:
    report = read(
        "Fixed.\nPosted Oct 09, 2021 - 10:00 AEDT",
        "Broken.\nPosted Oct 09, 2021 - 08:00 AEDT",
        "Found.\nPosted Oct 09, 2021 - 09:00 AEDT",
    )
    assert [update.body for update in report.updates] == ["Broken.", "Found.", "Fixed."]
    assert warnings_of(report) == [
        "line 7: this update is later (Oct 08, 2021 - 22:00 UTC) than the one above it (Oct 08, 2021 - 21:00 UTC); "
        "sorted by time"
    ]


def test_a_report_written_oldest_first_is_read_with_one_warning() -> None:
    report = read(
        "Broken.\nPosted Oct 09, 2021 - 08:00 AEDT",
        "Found.\nPosted Oct 09, 2021 - 09:00 AEDT",
        "Fixed.\nPosted Oct 09, 2021 - 10:00 AEDT",
    )
    assert [update.body for update in report.updates] == ["Broken.", "Found.", "Fixed."]
    assert warnings_of(report) == ["line 3: the report is oldest first; it was read so"]


def test_two_updates_of_one_minute_are_both_kept_in_the_order_of_the_page() -> None:
    report = read("Fixed.\nPosted Oct 09, 2021 - 08:00 AEDT", BELOW)
    assert [update.body for update in report.updates] == ["We are investigating.", "Fixed."]
    assert warnings_of(report) == ["line 3: the same time as the update of line 5; both were kept"]


def test_an_update_that_stands_there_twice_is_taken_once() -> None:
    report = read(BELOW, BELOW)
    assert len(report.updates) == 1
    assert warnings_of(report) == ["line 3: the update of line 5 again; left out"]


def test_a_date_years_from_the_others_is_asked_about() -> None:
    report = read("Fixed.\nPosted Oct 09, 2031 - 09:00 AEDT", BELOW)
    assert warnings_of(report) == ["line 3: more than a year after the update of line 5; is the date right?"]
