"""What a text may hold before it reaches a page, a mail or a feed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.texts import UncleanText, clean


def test_line_ends_are_unified_and_outer_space_goes() -> None:
    assert clean("  one\r\ntwo\rthree \n") == "one\ntwo\nthree"


def test_a_control_character_is_refused_with_its_line() -> None:
    with pytest.raises(UncleanText, match=r"Line 2 .* U\+0008"):
        clean("fine\nnot\x08fine")


def test_a_direction_override_is_refused() -> None:
    with pytest.raises(UncleanText, match=r"U\+202E"):
        clean("txt.\u202eexe")


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(UncleanText):
        clean("\ud800")


def test_too_long_a_text_says_how_long_it_is() -> None:
    with pytest.raises(UncleanText, match="25,001 characters; 25,000 are allowed"):
        clean("x" * 25_001)


def test_other_languages_and_emoji_pass() -> None:
    assert clean("الشبكة تعمل 📞") == "الشبكة تعمل 📞"


@given(st.text(max_size=200))
def test_what_passes_can_be_written_as_xml(text: str) -> None:
    try:
        kept = clean(text)
    except UncleanText:
        return
    assert all(c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" for c in kept)
