"""The strip of a probe's last results: what is drawn, and the sentence that says the same."""

import re

import pytest

from incidents.domain.outcomes import Health
from incidents.formatting.strips import HEALTHS, HEIGHTS, PLACES, WIDTH, counted, strip_svg


def paths(svg: str) -> dict[str, str]:
    return dict(re.findall(r'<path class="(\w+)" d="([^"]*)"/>', svg))


def test_every_health_has_a_letter_of_its_own() -> None:
    assert HEALTHS == {
        "o": Health.OK,
        "w": Health.WARNING,
        "d": Health.DEGRADED,
        "f": Health.FAILED,
        "i": Health.INCONCLUSIVE,
    }


def test_sixty_equal_results_are_one_stroke_across_the_strip() -> None:
    assert paths(strip_svg("UDP", "o" * 60)) == {"ok": f"M0 19h{WIDTH}"}


def test_the_newest_result_is_at_the_right_edge_however_few_there_are() -> None:
    assert paths(strip_svg("UDP", "of")) == {"ok": "M232 19h3", "failed": "M236 12h3"}


def test_what_is_worse_stands_higher() -> None:
    assert HEIGHTS[Health.INCONCLUSIVE] < HEIGHTS[Health.OK] < HEIGHTS[Health.DEGRADED]
    assert HEIGHTS[Health.DEGRADED] < HEIGHTS[Health.FAILED]


def test_a_warning_is_a_good_result_with_a_cap() -> None:
    assert paths(strip_svg("TLS", "w")) == {"warning": "M236 19h3", "cap": "M236 10h3"}


def test_the_sentence_counts_and_names_the_newest() -> None:
    svg = strip_svg("TLS", "o" * 57 + "dff")
    assert 'aria-label="TLS: last 60 results: 57 ok, 1 impaired, 2 failed; newest failed"' in svg
    assert svg.count('role="img"') == 1


def test_a_single_result_is_a_sentence_too() -> None:
    assert counted("i") == "one result: not measured"


@pytest.mark.parametrize("letters", ["", "?", "<"])
def test_nothing_known_is_said_and_nothing_drawn(letters: str) -> None:
    svg = strip_svg("UDP", letters)
    assert "no results yet" in svg
    assert paths(svg) == {}


def test_more_letters_than_places_show_the_newest() -> None:
    assert paths(strip_svg("UDP", "f" * 500 + "o" * PLACES)) == {"ok": f"M0 19h{WIDTH}"}


def test_a_hostile_name_is_escaped() -> None:
    svg = strip_svg('"><script>alert(1)</script>', "o")
    assert "<script" not in svg
    assert "&quot;&gt;&lt;script&gt;" in svg


def test_the_worst_strip_stays_small() -> None:
    assert len(strip_svg("UDP", "odfwi" * 12)) < 1_400
