"""Plain words as HTML."""

import pytest

from incidents.formatting.html import feed_html, text_html, v2_markdown, v2_text


def test_blank_lines_part_paragraphs_and_single_breaks_are_kept() -> None:
    assert text_html("One.\nTwo.\n\n \nThree.\n") == '<p dir="auto">One.<br>Two.</p><p dir="auto">Three.</p>'


def test_everything_is_escaped() -> None:
    assert text_html("<b>&\"'</b>") == '<p dir="auto">&lt;b&gt;&amp;&quot;&#x27;&lt;/b&gt;</p>'


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("See https://a.test/x.", "https://a.test/x"),
        ("(see http://a.test/x)", "http://a.test/x"),
        ("https://a.test/wiki/SIP_(protocol)", "https://a.test/wiki/SIP_(protocol)"),
        ("HTTPS://a.test/?a=1&b=2!", "HTTPS://a.test/?a=1&amp;b=2"),
        ("«https://a.test»", "https://a.test»"),
    ],
)
def test_an_address_is_linked_without_the_sentence_around_it(text: str, address: str) -> None:
    assert f'<a href="{address}" rel="nofollow ugc noopener">{address}</a>' in text_html(text)


@pytest.mark.parametrize("text", ["https://", "http://...", "https://)", "ftp://a.test", "a.test"])
def test_what_is_no_address_is_not_linked(text: str) -> None:
    assert "<a " not in text_html(text)


@pytest.mark.parametrize("text", ["", "  \n\n ", "\n"])
def test_nothing_gives_nothing(text: str) -> None:
    assert text_html(text) == ""


def test_a_line_of_many_brackets_and_dots_takes_no_time() -> None:
    assert "</p>" in text_html("https://a.test/" + ")." * 12_000)


def test_a_feed_doubles_its_breaks() -> None:
    assert feed_html("One\nTwo & https://a.test") == (
        'One<br /><br />Two &amp; <a href="https://a.test" rel="nofollow ugc noopener">https://a.test</a>'
    )


def test_v2_breaks_lines_and_begins_no_tag() -> None:
    assert v2_text("a\n<i>'b' & \"c\"</i>") == "a<br />&lt;i&gt;'b' &amp; \"c\"&lt;/i&gt;"
    assert v2_markdown("> quoted <b>\n- [x](https://a.test)") == "> quoted &lt;b>\n- [x](https://a.test)"
