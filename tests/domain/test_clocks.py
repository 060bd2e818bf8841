"""When what is owed is due: business days, cadences, per cent of the time; every preset has its source."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents.domain.clocks import Anchor, Duty, Obligation, cadence, due_at, used, warning
from incidents.domain.frozen_json import from_json, to_json
from incidents.domain.presets import PRESETS
from incidents.domain.workdays import add_workdays

SYDNEY = ZoneInfo("Australia/Sydney")
RESOLVED = datetime(2021, 10, 10, 1, 49, tzinfo=UTC)  # Sunday, 12:49 AEDT
HOUR = timedelta(hours=1)


def local(at: datetime) -> str:
    return f"{at.astimezone(SYDNEY):%a %d %b %Y %H:%M %Z}"


def obligation(preset: str, key: str) -> Obligation:
    found = next(each for each in PRESETS if each.key == preset)
    return next(each for each in found.obligations if each.key == key)


def due(preset: str, key: str, **more: object) -> datetime:
    found = due_at(obligation(preset, key), RESOLVED, zone=SYDNEY, **more)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_the_seed_under_the_standard_clock_was_due_on_the_13th_and_the_15th() -> None:
    assert local(due("rfo-standard", "preliminary")) == "Wed 13 Oct 2021 12:49 AEDT"
    assert local(due("rfo-standard", "final")) == "Fri 15 Oct 2021 12:49 AEDT"


def test_a_holiday_is_no_business_day() -> None:
    assert local(due("rfo-standard", "final", holidays=[date(2021, 10, 12)])) == "Mon 18 Oct 2021 12:49 AEDT"


def test_business_days_keep_the_time_of_day_across_a_change_of_clocks() -> None:
    friday = datetime(2022, 4, 1, 1, 30, tzinfo=UTC)  # 12:30 AEDT; clocks go back on Sunday
    assert local(add_workdays(friday, 1, SYDNEY)) == "Mon 04 Apr 2022 12:30 AEST"


def test_a_table_of_nothing_but_holidays_ends() -> None:
    days = [date(2021, 10, 10) + timedelta(days=each) for each in range(4000)]
    assert add_workdays(RESOLVED, 5, SYDNEY, days) > RESOLVED


def test_the_australian_cadence_is_six_hours_for_a_day_and_then_a_day() -> None:
    updates = obligation("au-major", "updates")
    assert cadence(updates, RESOLVED, RESOLVED + HOUR, is_minor=False) == RESOLVED + 7 * HOUR
    assert cadence(updates, RESOLVED, RESOLVED + 25 * HOUR, is_minor=False) == RESOLVED + 49 * HOUR


def test_minor_trouble_may_be_told_less_often() -> None:
    updates = obligation("rfo-standard", "updates")
    assert cadence(updates, RESOLVED, RESOLVED, is_minor=True) == RESOLVED + 4 * HOUR
    assert cadence(updates, RESOLVED, RESOLVED, is_minor=False) == RESOLVED + HOUR


@pytest.mark.parametrize(
    ("minutes", "percent", "reached"),
    [(0, 0, 0), (29, 48, 0), (30, 50, 50), (48, 80, 80), (60, 100, 100), (90, 150, 100)],
)
def test_staff_are_warned_at_half_at_four_fifths_and_at_the_end(
    minutes: int, percent: int, reached: int
) -> None:
    at = RESOLVED + timedelta(minutes=minutes)
    assert used(RESOLVED, RESOLVED + HOUR, at=at) == percent
    assert warning(RESOLVED, RESOLVED + HOUR, at=at) == reached


def test_a_time_that_is_over_at_once_is_over() -> None:
    assert (used(RESOLVED, RESOLVED, at=RESOLVED), used(RESOLVED, RESOLVED, at=RESOLVED - HOUR)) == (100, 0)


def test_every_preset_names_its_source_its_day_and_how_certain_it_is_and_is_kept_as_json() -> None:
    named = {each.key for each in PRESETS}
    assert {
        *("rfo-standard", "reseller-sev1", "au-major", "au-sig-local", "au-csp-downstream", "au-ecs-report"),
        *("us-ivoip-911", "us-ivoip-general", "us-wireline", "uk-105k", "eu-nis2", "nz-none"),
    } == named
    for preset in PRESETS:
        assert preset.source
        assert preset.checked_on
        assert preset.certainty
        assert from_json(tuple[Obligation, ...], to_json(preset.obligations), "x") == preset.obligations


def test_the_unknown_number_of_days_of_the_emergency_report_stays_unknown() -> None:
    assert due_at(obligation("au-ecs-report", "report"), RESOLVED, zone=SYDNEY) is None
    assert obligation("us-ivoip-911", "psap").minutes == 30
    assert obligation("us-ivoip-911", "psap").duty == Duty.EMERGENCY
    assert obligation("eu-nis2", "final").anchor == Anchor.NOTIFIED
