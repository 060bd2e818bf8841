"""Markdown becomes safe HTML, and hostile Markdown costs two seconds at most."""

import time
from pathlib import Path

import pytest

from incidents.formatting.markdown import markdown_html


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


@pytest.mark.parametrize(
    "hostile",
    ["[" * 60_000, "![[" * 8_000, "\n".join(" " * n + "- x" for n in range(400))],
    ids=["brackets", "images", "lists"],
)
def test_a_text_that_python_markdown_cannot_digest_is_shown_as_plain_paragraphs(hostile: str) -> None:
    start = time.monotonic()
    html = markdown_html(hostile)
    assert time.monotonic() - start < 10
    assert html


def test_line_breaks_of_a_letter_are_kept() -> None:
    assert "Yours sincerely,<br>\nThe CEO" in markdown_html("Yours sincerely,\nThe CEO")


def test_it_is_markdown_wherever_the_server_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert markdown_html("*one*") == "<p><em>one</em></p>"
