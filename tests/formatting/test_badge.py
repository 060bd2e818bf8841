"""Badges: whole in themselves, legible, and proof against any name."""

import re
from xml.dom import minidom

import pytest

from incidents.formatting.badge import COLOURS, INK, LABEL, WIDEST, badge_svg, shortened, width
from incidents.formatting.marks import MARKS

HOSTILE = ['"><script>alert(1)</script>', "bell \x07 \x00 \ufffe", "a\u202egnp.exe", "]]> & <!--", "\ud800"]


def words_of(svg: bytes) -> list[str]:
    texts = minidom.parseString(svg).getElementsByTagName("text")
    return ["".join(node.data for node in text.childNodes) for text in texts]


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_badge_says_whose_state_it_is_and_which_in_words_and_shape() -> None:
    svg = badge_svg("SIPcity Status", "operational", "All Systems Operational")
    root = minidom.parseString(svg).documentElement
    assert root is not None
    assert words_of(svg) == ["SIPcity Status", "All Systems Operational"]
    assert root.getAttribute("role") == "img"
    assert root.getElementsByTagName("title")[0].firstChild.data == root.getAttribute("aria-label")
    assert root.getAttribute("aria-label") == "SIPcity Status: All Systems Operational"
    assert b"m4.4 8.3 2.4 2.4 4.8-5" in svg


@pytest.mark.parametrize("ground", [*COLOURS.values(), LABEL])
def test_words_have_a_contrast_of_four_and_a_half_or_more(ground: str) -> None:
    assert (luminance(INK) + 0.05) / (luminance(ground) + 0.05) >= 4.5


def test_every_state_has_a_mark_of_its_own() -> None:
    assert set(COLOURS) == set(MARKS)
    drawn = {badge_svg("x", state, "y").partition(b"<g transform")[2] for state in COLOURS}
    assert len({re.sub(rb"#[0-9a-f]{6}", b"", each) for each in drawn}) == len(COLOURS)


def test_nothing_is_fetched_and_nothing_needs_a_policy_that_we_do_not_allow() -> None:
    svg = badge_svg("SIPcity Status", "major_outage", "Major System Outage").decode()
    assert not re.search(r"<style|style=|<script|href|@import|url\(", svg)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_words(name: str) -> None:
    svg = badge_svg(name, "operational", "Operational")
    minidom.parseString(svg)
    assert b"<script" not in svg
    assert "\u202e" not in svg.decode()


def test_a_name_of_two_hundred_and_fifty_five_characters_is_cut_with_an_ellipsis() -> None:
    label, _ = words_of(badge_svg("x" * 255, "operational", "Operational"))
    assert label.endswith("x…")
    assert width(label) <= WIDEST
    assert "x" * 255 in badge_svg("x" * 255, "operational", "Operational").decode()


def test_a_short_name_is_kept_whole() -> None:
    assert shortened("Arena customer portal") == "Arena customer portal"


def test_no_character_is_cut_in_two() -> None:
    family = "👩‍👩‍👧‍👦"
    cut = shortened(family * 40)
    assert set(cut.removesuffix("…").split(family)) == {""}
    assert shortened("e\u0301" * 90).removesuffix("…")[-1] == "\u0301"
    assert shortened("👍🏽" * 40).removesuffix("…")[-1] == "🏽"


def test_joined_characters_take_the_room_of_one() -> None:
    assert width("👩‍👩‍👧‍👦") == width("👩")
    assert width("e\u0301") == width("e")
    assert width("电") > width("W") > width("a") > width("i")


def test_right_to_left_words_run_from_their_own_side() -> None:
    assert b'direction="rtl">' in badge_svg("تعطل الشبكة", "operational", "Operational")
    assert b"direction" not in badge_svg("Network", "operational", "Operational")
