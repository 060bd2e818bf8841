"""Two texts side by side: nothing of either is lost, and what changed is shown word by word."""

from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.comparison import Change, compare, is_same

TEXT = st.lists(st.sampled_from(["Calls failed.", "One bad certificate.", "We are sorry.", "a b c", ""])).map(
    "\n".join
)


def side(old: str, new: str, kept: Change) -> list[str]:
    paragraphs = compare(old, new)
    texts = (
        "".join(piece.words for piece in each if piece.change in {Change.SAME, kept}) for each in paragraphs
    )
    return [text for text in texts if text]


def filled(text: str) -> list[str]:
    return [each for each in text.split("\n") if each.strip()]


@given(TEXT, TEXT)
def test_each_side_can_be_read_back(old: str, new: str) -> None:
    assert side(old, new, Change.GONE) == filled(old)
    assert side(old, new, Change.NEW) == filled(new)


def test_one_word_that_changed_is_one_word() -> None:
    (paragraph,) = compare("It came with Monday morning load.", "It came with Saturday morning load.")
    assert [(each.change.value, each.words) for each in paragraph if each.change != Change.SAME] == [
        ("gone", "Monday"),
        ("new", "Saturday"),
    ]


def test_the_same_text_has_no_change() -> None:
    assert all(is_same(each) for each in compare("a\n\nb", "a\nb"))


def test_what_is_huge_is_compared_as_one_piece() -> None:
    old, new = "x " * 5_000, "y " * 5_000
    assert [[piece.change for piece in each] for each in compare(old, new)] == [[Change.GONE], [Change.NEW]]
    assert len(compare("p\n" * 3_000, "p\n" * 3_000)) == 2_001
