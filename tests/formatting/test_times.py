"""Instants as people and machines read them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.zones import (
    MONTHS,
    AmbiguousTime,
    NonexistentTime,
    in_zone,
    resolve_local,
    zone,
    zone_names,
    zones_of_abbreviation,
)
from incidents.formatting.times import duration, iso_ms, posted, posted_twice, rfc822, time_parts

SYDNEY = zone("Australia/Sydney")
AT = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
SEED_TIMES = [
    (datetime(2021, 10, 8, 21, 22, tzinfo=UTC), "Oct 09, 2021 - 08:22 AEDT"),
    (datetime(2021, 10, 8, 22, 26, tzinfo=UTC), "Oct 09, 2021 - 09:26 AEDT"),
    (datetime(2021, 10, 9, 0, 11, tzinfo=UTC), "Oct 09, 2021 - 11:11 AEDT"),
    (datetime(2021, 10, 9, 1, 58, tzinfo=UTC), "Oct 09, 2021 - 12:58 AEDT"),
    (datetime(2021, 10, 10, 1, 49, tzinfo=UTC), "Oct 10, 2021 - 12:49 AEDT"),
    (datetime(2021, 10, 29, 3, 12, tzinfo=UTC), "Oct 29, 2021 - 14:12 AEDT"),
]


@pytest.mark.parametrize(("at", "printed"), SEED_TIMES)
def test_the_six_instants_of_the_seed_print_as_its_document_does(at: datetime, printed: str) -> None:
    assert posted(at, SYDNEY) == printed


@pytest.mark.parametrize(
    ("name", "hours", "printed"),
    [
        ("Australia/Sydney", 0, "Oct 09, 2021 - 08:22 AEDT (Oct 08, 2021 - 21:22 UTC)"),
        ("Australia/Sydney", 3, "Oct 09, 2021 - 11:22 AEDT (00:22 UTC)"),
        ("UTC", 0, "Oct 08, 2021 - 21:22 UTC"),
    ],
)
def test_a_time_in_two_zones_repeats_the_day_only_where_it_is_another(
    name: str, hours: int, printed: str
) -> None:
    assert posted_twice(AT + timedelta(hours=hours), zone(name)) == printed


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Australia/Brisbane", "Oct 09, 2021 - 07:22 AEST"),
        ("Australia/Adelaide", "Oct 09, 2021 - 07:52 ACDT"),
        ("Pacific/Auckland", "Oct 09, 2021 - 10:22 NZDT"),
        ("America/Los_Angeles", "Oct 08, 2021 - 14:22 PDT"),
        ("Europe/London", "Oct 08, 2021 - 22:22 BST"),
        ("UTC", "Oct 08, 2021 - 21:22 UTC"),
        ("Asia/Singapore", "Oct 09, 2021 - 05:22 UTC+08"),
        ("Australia/Lord_Howe", "Oct 09, 2021 - 08:22 UTC+11"),
        ("America/Sao_Paulo", "Oct 08, 2021 - 18:22 UTC-03"),
    ],
)
def test_one_instant_prints_in_the_zone_it_is_asked_for(name: str, printed: str) -> None:
    assert posted(AT, zone(name)) == printed


def test_an_instant_given_in_another_zone_is_the_same_instant() -> None:
    assert posted(AT.astimezone(zone("America/New_York")), SYDNEY) == posted(AT, SYDNEY)


def test_every_month_has_its_english_name() -> None:
    printed = [posted(datetime(2021, month, 5, tzinfo=UTC), zone("UTC"))[:3] for month in range(1, 13)]
    assert " ".join(printed) == "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


def test_the_pieces_carry_the_day_padded_for_pages_and_for_feeds() -> None:
    parts = time_parts(datetime(2021, 10, 7, 21, 22, tzinfo=UTC), SYDNEY)
    assert parts == ("Oct", "08", " 8", "2021", "08:22", "AEDT")
    assert (
        f"{parts.month} {parts.day}, {parts.year} - {parts.time} {parts.zone}" == "Oct 08, 2021 - 08:22 AEDT"
    )


@pytest.mark.parametrize(
    ("at", "name", "printed"),
    [
        (AT, "Australia/Sydney", "2021-10-09T08:22:00.000+11:00"),
        (AT, "UTC", "2021-10-08T21:22:00.000Z"),
        (AT, "Etc/UTC", "2021-10-08T21:22:00.000Z"),
        (datetime(2022, 1, 1, tzinfo=UTC), "Europe/London", "2022-01-01T00:00:00.000+00:00"),
        (datetime(2022, 7, 1, tzinfo=UTC), "Australia/Sydney", "2022-07-01T10:00:00.000+10:00"),
        (datetime(2021, 10, 8, 21, 22, 7, 123_999, tzinfo=UTC), "UTC", "2021-10-08T21:22:07.123Z"),
        (
            datetime(2021, 10, 8, 21, 22, 7, 5_000, tzinfo=UTC),
            "Australia/Adelaide",
            "2021-10-09T07:52:07.005+10:30",
        ),
    ],
)
def test_json_times_have_that_instants_offset_and_three_digits(at: datetime, name: str, printed: str) -> None:
    assert iso_ms(at, zone(name)) == printed


@given(
    at=st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)),
    name=st.sampled_from(sorted(zone_names())),
)
def test_json_times_always_read_back_as_the_instant_to_the_millisecond(at: datetime, name: str) -> None:
    printed = iso_ms(at, zone(name))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d(:\d\d)?)", printed)
    assert timedelta() <= at - datetime.fromisoformat(printed) < timedelta(milliseconds=1)


def test_rss_times_have_a_numeric_zone_and_english_days() -> None:
    assert rfc822(AT, SYDNEY) == "Sat, 09 Oct 2021 08:22:00 +1100"
    assert rfc822(AT, zone("UTC")) == "Fri, 08 Oct 2021 21:22:00 +0000"
    assert rfc822(AT, zone("America/Los_Angeles")) == "Fri, 08 Oct 2021 14:22:00 -0700"


@pytest.mark.parametrize(
    ("delta", "printed"),
    [
        (timedelta(hours=4, minutes=36), "4 h 36 min"),
        (timedelta(hours=4, minutes=36, seconds=59), "4 h 36 min"),
        (timedelta(minutes=47), "47 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=1, hours=4, minutes=27), "1 d 4 h 27 min"),
        (timedelta(days=20, minutes=1), "20 d 1 min"),
        (timedelta(seconds=45), "45 s"),
        (timedelta(), "0 s"),
    ],
)
def test_a_duration_reads_as_people_say_it(delta: timedelta, printed: str) -> None:
    assert duration(delta) == printed


def test_a_duration_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        duration(timedelta(seconds=-1))


def test_a_naive_time_is_never_printed() -> None:
    for printer in (posted, iso_ms, rfc822, time_parts):
        with pytest.raises(ValueError, match="no instant"):
            printer(datetime(2021, 10, 9, 8, 22), SYDNEY)


def first_sunday(year: int, month: int) -> datetime:
    first = datetime(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7)


CHANGE_DAYS = [
    first_sunday(year, month) for year in range(2020, 2041) for month in (4, 10)
]  # April ends summer time, October starts it


@pytest.mark.parametrize("day", CHANGE_DAYS, ids=lambda day: f"{day:%Y-%m-%d}")
def test_every_minute_of_a_day_on_which_sydneys_clocks_change_prints_and_reads_back(day: datetime) -> None:
    missing = twice = 0
    for minute in range(24 * 60):
        local = day + timedelta(minutes=minute)
        try:
            instants: tuple[datetime, ...] = (resolve_local(local, SYDNEY),)
        except NonexistentTime as error:
            missing += 1
            assert in_zone(error.shifted, SYDNEY).replace(tzinfo=None) == local + timedelta(hours=1)
            continue
        except AmbiguousTime as error:
            twice += 1
            instants = error.options
            assert posted(instants[0], SYDNEY) != posted(instants[1], SYDNEY)
        for at in instants:
            assert read_back(posted(at, SYDNEY)) == at
    assert (missing, twice) == ((0, 60) if day.month == 4 else (60, 0))


def read_back(printed: str) -> datetime:
    """The instant of a printed time, by its words alone."""
    month, day, year, _, clock, name = printed.replace(",", "").split()
    hour, minute = map(int, clock.split(":"))
    local = datetime(int(year), MONTHS.index(month) + 1, int(day), hour, minute)
    found = {resolve_local(local, SYDNEY, fold=fold) for fold in (0, 1)}
    return next(at for at in found if "Australia/Sydney" in zones_of_abbreviation(name, at=at))
