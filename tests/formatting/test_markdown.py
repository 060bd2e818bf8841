"""Markdown becomes safe HTML or nothing: hostile Markdown and a machine without time are told apart."""

import signal
import time
from pathlib import Path

import pytest

from incidents.formatting import markdown
from incidents.formatting.bounded import ChildBusy, ContentRefused
from incidents.formatting.markdown import markdown_html
from tests.peers.children import ENDED, STOPPED_AND_CONTINUED, child_of_ours, next_child

MODULE = markdown.__name__
TEXT = "## Cause\n\n**One** certificate."
HTML = "<h3>Cause</h3>\n<p><strong>One</strong> certificate.</p>"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![pixel](https://tracker.example/p.png)",
        '<img src=x onerror="alert(1)">',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        '<svg onload="alert(1)">',
        "<iframe src=//evil></iframe>",
        '<p style="background:url(//evil)">x</p>',
    ],
)
def test_nothing_active_and_nothing_remote_comes_through(hostile: str) -> None:
    html = markdown_html(hostile).lower()
    assert not any(
        bad in html for bad in ("<script", "javascript:", "<img", "onerror", "<svg", "<iframe", "style=")
    )


def test_headings_start_below_the_page_title_and_tables_stay() -> None:
    html = markdown_html("# Cause\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    assert "<h2>Cause</h2>" in html
    assert "<td>1</td>" in html


def test_a_text_that_python_markdown_cannot_digest_is_refused_with_what_to_do() -> None:
    start = time.monotonic()
    with pytest.raises(ContentRefused, match=r"too complex to format.*Shorten it, or simplify"):
        markdown_html("[" * 60_000)
    assert time.monotonic() - start < 100


def test_the_largest_rfo_of_honest_markdown_is_formatted() -> None:
    block = f"{TEXT}\n\n| a | b |\n|---|---|\n| 1 | [2](https://x.test) |\n\n- one\n- two\n\n"
    assert markdown_html(block * (65_000 // len(block))).count("<td>1</td>") == 65_000 // len(block)


def test_deep_lists_are_formatted_or_refused_and_never_shown_as_written() -> None:
    assert markdown_html("\n".join(" " * n + "- x" for n in range(400))).count("<li>") == 400


def test_a_child_that_is_stopped_for_a_while_still_renders() -> None:
    with next_child(MODULE, *STOPPED_AND_CONTINUED, pause=3.0) as seen:
        assert markdown_html(TEXT) == HTML
    assert seen


def test_a_child_that_stays_stopped_means_busy_and_leaves_nothing() -> None:
    with next_child(MODULE, signal.SIGSTOP) as seen, pytest.raises(ChildBusy, match="Nothing was changed"):
        markdown_html(TEXT, deadline=3.0)
    assert seen
    assert child_of_ours(MODULE) == 0


def test_a_child_that_the_machine_ended_means_busy_and_not_too_complex() -> None:
    with next_child(MODULE, *ENDED) as seen, pytest.raises(ChildBusy, match="Nothing was changed"):
        markdown_html(TEXT)
    assert seen
    assert markdown_html(TEXT) == HTML


def test_line_breaks_of_a_letter_are_kept() -> None:
    assert "Yours sincerely,<br>\nThe CEO" in markdown_html("Yours sincerely,\nThe CEO")


def test_it_is_markdown_wherever_the_server_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert markdown_html("*one*") == "<p><em>one</em></p>"
