"""The line of a probe's last latencies: its gaps, its scale and the sentence that says the same."""

import math
import re

import pytest

from incidents.formatting.sparklines import HEIGHT, ceiling, described, milliseconds, sparkline_svg
from incidents.formatting.strips import WIDTH


def drawn(latencies: list[float | None]) -> str:
    found = re.search(r'<path d="([^"]*)"', sparkline_svg("UDP", latencies))
    assert found
    return found[1]


def test_the_line_goes_from_zero_below_to_a_round_number_above() -> None:
    assert drawn([0, 5, 10]) == f"M229.5 {HEIGHT}L233.5 {HEIGHT // 2}L237.5 0"


def test_where_nothing_came_the_line_has_a_gap() -> None:
    assert drawn([10, 10, None, 5, 10]).count("M") == 2


def test_a_number_between_two_gaps_is_a_dot() -> None:
    assert drawn([None, 10, None]) == "M233.5 0h0"


def test_the_newest_is_at_the_right_edge_and_the_oldest_within() -> None:
    places = [float(x) for x in re.findall(r"[ML]([\d.]+)", drawn([1.0] * 300))]
    assert (places[0], places[-1]) == (1.5, 237.5)
    assert places[-1] < WIDTH


def test_the_sentence_says_what_the_line_shows() -> None:
    assert (
        described([9, None, 40, 12])
        == "latency newest 12 ms, median 12 ms, from 9.0 ms to 40 ms; 1 without an answer"
    )
    assert described([None, None]) == "no latency measured"
    assert described([]) == "no latency measured"


@pytest.mark.parametrize(
    ("value", "words"), [(0.04, "0.0 ms"), (0.43, "0.4 ms"), (12.34, "12 ms"), (1204.4, "1,204 ms")]
)
def test_milliseconds_have_two_digits_that_matter(value: float, words: str) -> None:
    assert milliseconds(value) == words


@pytest.mark.parametrize(
    ("slowest", "top"), [(0.43, 0.5), (1.0, 1.0), (9.4, 10.0), (12.0, 15.0), (97.0, 100.0), (1000.0, 1000.0)]
)
def test_the_scale_ends_at_a_round_number(slowest: float, top: float) -> None:
    assert ceiling([slowest, None]) == pytest.approx(top)


@pytest.mark.parametrize("latencies", [[], [None], [0.0], [0, 0]])
def test_nothing_or_zero_divides_by_nothing(latencies: list[float | None]) -> None:
    assert ceiling(latencies) == 1.0
    drawn(latencies)


def test_what_is_no_number_is_a_gap() -> None:
    hostile: list[float | None] = [math.nan, math.inf, -1.0, True, "12", 10.0]  # type: ignore[list-item]
    assert drawn(hostile) == "M237.5 0h0"
