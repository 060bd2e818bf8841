"""The letter of a postmortem: its signature, and Markdown that prints its own words."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.reports.letter import is_letter, read_letter
from incidents.domain.reports.lines import Line
from incidents.domain.reports.markdown import as_markdown
from incidents.formatting.markdown import render


def lines_of(text: str) -> list[Line]:
    return [Line(number, line) for number, line in enumerate(text.split("\n"), 1)]


def letter(text: str) -> tuple[str, str, str]:
    return read_letter(lines_of(text), is_markdown=False)


def printed(markdown: str) -> list[str]:
    """What a reader sees of the rendered Markdown, line by line."""
    text = re.sub(r"<[^>]+>", "", re.sub(r"<br>|</p>", "\n", render(markdown)))
    return [" ".join(line.split()) for line in html.unescape(text).split("\n") if line.strip()]


@pytest.mark.parametrize(
    "closing",
    [
        "Yours sincerely,",
        "Yours faithfully",
        "Kind regards,",
        "Regards",
        "With best wishes,",
        "Sincerely yours,",
        "Many thanks,",
        "Thank you.",
        "Signed:",
    ],
)
def test_a_closing_ends_the_body_and_the_lines_below_it_sign(closing: str) -> None:
    assert letter(f"It broke.\n\n{closing}\n\nAroha Example\nCTO | Kea Voice") == (
        f"It broke.\n\n{closing}",
        "Aroha Example",
        "CTO | Kea Voice",
    )


def test_a_team_may_sign_without_a_title() -> None:
    assert letter("It broke.\n\nRegards,\nThe Kea Voice NOC") == (
        "It broke.\n\nRegards,",
        "The Kea Voice NOC",
        "",
    )


@pytest.mark.parametrize(
    "text",
    [
        "It broke.\n\nAroha Example",
        "It broke.\n\nRegards,",
        "It broke.\n\nThanks,\n" + "and another line of words\n" * 5,
        "It broke.\n\nThanks,\n" + "this goes on far too long to be the name of anyone " * 3,
        "It broke. Regards, Aroha",
    ],
)
def test_where_nothing_is_surely_a_signature_all_stays_in_the_body(text: str) -> None:
    body, name, title = letter(text)
    assert (name, title) == ("", "")
    assert body.split() == text.split()


def test_a_thanks_in_the_middle_is_no_closing() -> None:
    text = "Thanks,\n\neveryone, for waiting.\n\nIt broke.\n\nRegards,\nAroha Example"
    assert letter(text)[1] == "Aroha Example"


def test_only_a_long_or_formed_text_is_a_letter() -> None:
    paragraphs = "\n\n".join(["We are sorry for what happened on Saturday and explain it here. " * 4] * 3)
    assert is_letter(lines_of(paragraphs), after_the_end=True)
    assert not is_letter(lines_of(paragraphs), after_the_end=False)
    assert is_letter(lines_of(paragraphs + "\n\nRegards,\nAroha"), after_the_end=False)
    assert is_letter(lines_of("Dear customers,\n\n" + "It broke. " * 30), after_the_end=True)
    assert not is_letter(lines_of("Credits were paid.\n\nThanks,\nThe NOC"), after_the_end=True)


@pytest.mark.parametrize(
    "text",
    [
        "1. First\n2. Second",
        "3. Third",
        "# Not a heading",
        "* star\n- dash\n+ plus",
        "a\n===\nb\n---\nc",
        "| a | b |\n|---|---|\n| c | d |",
        "a | b\n:-|-:\nc | d",
        "|\n|\n:",
        "Call <sip:alice@kea.example> & <b>bold</b> &amp; &lt; 5",
        "snake_case and _emphasis_ and __strong__ and *this* and **that**",
        "`code` and ```fence``` and ~~~\n~~~\n```\nx\n```",
        "[link](http://kea.example) ![image](x.png) [^1]: note [TOC]",
        "> quote\n!!! note\n: definition",
        "C:\\new\\*path* and \\server\\share",
        "    indented like code",
        "CEO | Kea Voice",
        "***\n___\n- - -\n* * *",
        "5 < 6 > 4, 1) one, 2 * 3 * 4",
        "<!-- comment --> <script>alert(1)</script>",
        "https://kea.example/a_b_c?x=1&copy=2",
    ],
)
def test_no_mark_of_markdown_in_a_plain_letter_changes_what_is_printed(text: str) -> None:
    assert printed(as_markdown(text)) == [" ".join(line.split()) for line in text.split("\n")]


@given(st.text(st.sampled_from("ab1 \n*_#`~<>&;[](){}!|\\-+=.:^\"'/"), max_size=80))
def test_whatever_a_plain_letter_holds_prints_as_it_was_written(text: str) -> None:
    assert printed(as_markdown(text)) == [" ".join(line.split()) for line in text.split("\n") if line.strip()]


def test_paragraphs_and_line_breaks_are_kept() -> None:
    assert render(as_markdown("One\ntwo\n\nthree")).replace("\n", "") == "<p>One<br>two</p><p>three</p>"


def test_a_letter_of_a_markdown_report_stays_as_it_is() -> None:
    text = "## Cause\n\n- **one**\n- two\n\nRegards,\n**Aroha Example**\n_CTO_"
    assert read_letter(lines_of(text), is_markdown=True) == (
        "## Cause\n\n- **one**\n- two\n\nRegards,",
        "Aroha Example",
        "CTO",
    )
