"""Ninety days as bars: heights, runs and the sentence that says the same."""

from datetime import date, timedelta

import pytest

from incidents.domain.components import ComponentStatus
from incidents.domain.uptime import Day, Uptime
from incidents.formatting.bars import bars_svg, percent, sentence

FIRST = date(2021, 8, 1)


def days(*runs: tuple[int, ComponentStatus | None]) -> tuple[Day, ...]:
    states = [state for count, state in runs for _ in range(count)]
    return tuple(
        Day(FIRST + timedelta(days=index), state, {state: 3600} if state else {})
        for index, state in enumerate(states)
    )


def test_equal_days_in_a_row_are_one_stroke_at_the_height_of_their_state() -> None:
    bars = days(
        (3, None),
        (2, ComponentStatus.OPERATIONAL),
        (1, ComponentStatus.MAJOR_OUTAGE),
        (4, ComponentStatus.OPERATIONAL),
    )
    svg = bars_svg("Network", Uptime(bars, 0.99))
    assert 'viewBox="0 0 98 34"' in svg
    assert '<path class="unknown" d="M0 31h28"/>' in svg
    assert '<path class="operational" d="M30 27h18M60 27h38"/>' in svg
    assert '<path class="major_outage" d="M50 17h8"/>' in svg


def test_the_sentence_names_the_latest_bad_days_and_counts_the_others() -> None:
    bars = days((85, ComponentStatus.OPERATIONAL), (5, ComponentStatus.MAJOR_OUTAGE))
    assert sentence("Network", Uptime(bars, 0.9976851)) == (
        "Network: 99.76 % uptime over the last 90 days; Oct 29 major outage for 1 h; Oct 28 major outage for 1 h; "
        "Oct 27 major outage for 1 h; and 2 more days that were not fully operational"
    )


def test_a_script_is_told_the_last_date_and_what_each_bad_day_was_like() -> None:
    bars = days((1, None), (1, ComponentStatus.MAJOR_OUTAGE), (2, ComponentStatus.OPERATIONAL))
    spent = {
        ComponentStatus.DEGRADED_PERFORMANCE: 840.0,
        ComponentStatus.OPERATIONAL: 60.0,
        ComponentStatus.PARTIAL_OUTAGE: 16_560.0,
    }
    worse = Day(FIRST + timedelta(days=4), ComponentStatus.PARTIAL_OUTAGE, spent)
    svg = bars_svg("Network", Uptime((*bars, worse), 0.9))
    assert 'data-last="2021-08-05"' in svg
    words = "1 major outage for 1 h;4 partial outage for 4 h 36 min, degraded performance for 14 min"
    assert f'data-told="{words}"' in svg


def test_a_name_is_escaped_in_the_label() -> None:
    assert "&lt;b&gt;" in bars_svg("<b>", Uptime(days((1, None)), None))


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(1.0, "100.00 %"), (0.99999, "99.99 %"), (0.5, "50.00 %"), (0.0, "0.00 %"), (None, "no data")],
)
def test_a_hundred_percent_means_that_nothing_happened(ratio: float | None, text: str) -> None:
    assert percent(Uptime((), ratio)) == text
