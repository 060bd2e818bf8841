"""Local times that exist once, twice or not at all."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.domain.zones import (
    AmbiguousTime,
    LocalTimeError,
    NonexistentTime,
    in_zone,
    resolve_local,
    zone,
)

SYDNEY = zone("Australia/Sydney")


def test_an_ordinary_local_time_is_one_instant_in_utc() -> None:
    found = resolve_local(datetime(2021, 10, 9, 8, 22), SYDNEY)
    assert found == datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_a_time_that_clocks_jumped_over_offers_the_shifted_one() -> None:
    with pytest.raises(NonexistentTime) as caught:
        resolve_local(datetime(2021, 10, 3, 2, 30), SYDNEY)
    assert str(caught.value) == (
        "Oct 03, 2021 - 02:30 does not exist in Australia/Sydney: clocks went from 02:00 AEST to 03:00 AEDT. "
        "Did you mean 03:30 AEDT?"
    )
    assert caught.value.shifted == datetime(2021, 10, 2, 16, 30, tzinfo=UTC)
    assert (caught.value.local, caught.value.zone) == (datetime(2021, 10, 3, 2, 30), SYDNEY)


def test_a_time_that_clocks_showed_twice_offers_both_instants() -> None:
    with pytest.raises(AmbiguousTime) as caught:
        resolve_local(datetime(2022, 4, 3, 2, 30), SYDNEY)
    assert str(caught.value) == (
        "Apr 03, 2022 - 02:30 happened twice in Australia/Sydney: first as 02:30 AEDT (UTC+11), "
        "then as 02:30 AEST (UTC+10). Say which one."
    )
    first, second = caught.value.options
    assert first == datetime(2022, 4, 2, 15, 30, tzinfo=UTC)
    assert second - first == timedelta(hours=1)


def test_a_fold_answers_which_of_the_two_was_meant() -> None:
    twice = datetime(2022, 4, 3, 2, 30)
    assert resolve_local(twice, SYDNEY, fold=0) == datetime(2022, 4, 2, 15, 30, tzinfo=UTC)
    assert resolve_local(twice, SYDNEY, fold=1) == datetime(2022, 4, 2, 16, 30, tzinfo=UTC)


def test_a_fold_on_the_local_time_itself_is_no_answer() -> None:
    with pytest.raises(AmbiguousTime):
        resolve_local(datetime(2022, 4, 3, 2, 30, fold=1), SYDNEY)


def test_a_fold_neither_moves_an_ordinary_time_nor_makes_a_missing_one_exist() -> None:
    assert resolve_local(datetime(2021, 10, 9, 8, 22), SYDNEY, fold=1) == datetime(
        2021, 10, 8, 21, 22, tzinfo=UTC
    )
    with pytest.raises(NonexistentTime):
        resolve_local(datetime(2021, 10, 3, 2, 30), SYDNEY, fold=1)


def test_the_edges_of_the_jump_exist() -> None:
    assert resolve_local(datetime(2021, 10, 3, 1, 59, 59), SYDNEY) == datetime(
        2021, 10, 2, 15, 59, 59, tzinfo=UTC
    )
    assert resolve_local(datetime(2021, 10, 3, 3, 0), SYDNEY) == datetime(2021, 10, 2, 16, 0, tzinfo=UTC)


def test_a_whole_day_that_was_skipped_is_told_with_its_dates() -> None:
    with pytest.raises(NonexistentTime) as caught:
        resolve_local(datetime(2011, 12, 30, 12, 0), zone("Pacific/Apia"))
    assert str(caught.value) == (
        "Dec 30, 2011 - 12:00 does not exist in Pacific/Apia: clocks went from Dec 30, 2011 - 00:00 UTC-10 "
        "to Dec 31, 2011 - 00:00 UTC+14. Did you mean Dec 31, 2011 - 12:00 UTC+14?"
    )


def test_a_change_of_half_an_hour_without_letters_reads_well() -> None:
    with pytest.raises(
        NonexistentTime, match=r"from 02:00 UTC\+10:30 to 02:30 UTC\+11\. Did you mean 02:40 UTC\+11"
    ):
        resolve_local(datetime(2021, 10, 3, 2, 10), zone("Australia/Lord_Howe"))
    with pytest.raises(AmbiguousTime, match=r"first as 01:45 UTC\+11, then as 01:45 UTC\+10:30\."):
        resolve_local(datetime(2022, 4, 3, 1, 45), zone("Australia/Lord_Howe"))


def test_both_kinds_are_caught_as_one() -> None:
    for local in (datetime(2021, 10, 3, 2, 30), datetime(2022, 4, 3, 2, 30)):
        with pytest.raises(LocalTimeError):
            resolve_local(local, SYDNEY)


@pytest.mark.parametrize(
    ("local", "name"),
    [(datetime(1, 1, 1), "Australia/Sydney"), (datetime(9999, 12, 31, 23, 59), "America/Los_Angeles")],
)
def test_a_time_at_the_end_of_the_calendar_is_refused_in_words(local: datetime, name: str) -> None:
    with pytest.raises(LocalTimeError, match="too far away"):
        resolve_local(local, zone(name))


def test_a_time_that_has_a_zone_already_and_a_fold_that_is_none_are_refused() -> None:
    with pytest.raises(ValueError, match="has a zone already"):
        resolve_local(datetime(2021, 10, 9, 8, 22, tzinfo=UTC), SYDNEY)
    with pytest.raises(ValueError, match="fold is 0"):
        resolve_local(datetime(2021, 10, 9, 8, 22), SYDNEY, fold=2)


def test_a_naive_time_is_no_instant() -> None:
    with pytest.raises(ValueError, match="no instant"):
        in_zone(datetime(2021, 10, 9, 8, 22), SYDNEY)
