"""The small Markdown of updates: what it is, what it is not, and that no text costs more than a moment."""

import re
from time import process_time

import nh3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.domain.texts import UPDATE_LIMIT, BodyFormat
from incidents.formatting.html import feed_html, text_html, v2_text
from incidents.formatting.update_blocks import MOST_MARKS
from incidents.formatting.update_chats import update_slack, update_teams
from incidents.formatting.update_escapes import as_markdown
from incidents.formatting.update_texts import (
    update_brief,
    update_excerpt,
    update_feed,
    update_html,
    update_plain,
    update_v2,
)
from tests.formatting.marked import ALLOWED, ATTACKS, MARKED, check_harmless

MARKDOWN, PLAIN = BodyFormat.MARKDOWN, BodyFormat.PLAIN
REL = 'rel="nofollow noopener noreferrer"'
ALL = (update_html, update_feed, update_v2, update_plain, update_brief, update_slack, update_teams)


def inner(text: str) -> str:
    """Of a text of one paragraph what is inside."""
    found = re.fullmatch(r'<p dir="auto">(.*)</p>', update_html(text, MARKDOWN), re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** and not", "<strong>bold</strong> and not"),
        ("[a](https://x.test)", f'<a href="https://x.test" {REL}>a</a>'),
        (
            "[**a** `b`](https://x.test)",
            f'<a href="https://x.test" {REL}><strong>a</strong> <code>b</code></a>',
        ),
        ("<noc@x.test>", f'<a href="mailto:noc@x.test" {REL}>noc@x.test</a>'),
        ("[call](tel:+61212345678)", f'<a href="tel:+61212345678" {REL}>call</a>'),
        ("https://x.test/a_b_c.", f'<a href="https://x.test/a_b_c" {REL}>https://x.test/a_b_c</a>.'),
        ("https://x.test/_a_/*b*", f'<a href="https://x.test/_a_/*b*" {REL}>https://x.test/_a_/*b*</a>'),
        ("`a < b`", "<code>a &lt; b</code>"),
        ("one\ntwo  \nthree", "one<br>two<br>three"),
        (r"\**not bold**, \[x](https://y.test)".replace("https://", "tel:"), "**not bold**, [x](tel:y.test)"),
    ],
)
def test_bold_links_and_code_are_what_they_say(text: str, shown: str) -> None:
    assert inner(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Dial *21*0299# or **21*0299#, then *#62#.",
        "*important* _important_ __init__ sip_options_probe",
        "# no heading",
        "Title\n=====",
        "a\n---\nb",
        "> no quote",
        "    no code",
        "| a | b |",
        "[x][y] and [x]",
        "From: <sip:alice@sipcity.test> via <urn:service:sos>",
        "[x](sip:alice@sipcity.test)",
        "AT&amp;T &copy; &#42;",
        "<b>bold</b> <br>",
        "~~gone~~",
        r"C:\Program Files\SIP",
        "2 * 3 * 4, 5-6, +61 2 1234 5678",
        "-5 dB and 1.5 s",
    ],
)
def test_all_else_is_text_and_reads_as_it_was_typed(text: str) -> None:
    assert update_html(text, MARKDOWN) == text_html(text.strip())
    assert update_plain(text, MARKDOWN).strip() == text.strip()
    assert update_v2(text, MARKDOWN).strip() == v2_text(text.strip())


def test_an_image_stays_as_it_was_typed() -> None:
    assert update_plain("![map](https://x.test/p.png)", MARKDOWN) == "![map](https://x.test/p.png)"
    assert "<img" not in update_html("![map](https://x.test/p.png)", MARKDOWN)


def test_lists_and_code_are_elements_on_the_page() -> None:
    html = update_html(MARKED, MARKDOWN)
    assert '<ul><li dir="auto">Registration</li><li dir="auto">Calls to <code>' in html
    assert '<ol><li dir="auto">Switch to UDP</li><li dir="auto">Dial *21*0299#</li></ol>' in html
    assert html.endswith("<pre><code>transport = udp &lt;default&gt;</code></pre>")
    assert html.count("</") == len(re.findall(r"<(?!/|br)", html))


def test_numbers_that_were_written_stay_and_equal_ones_are_counted() -> None:
    assert update_plain("30. November\n2. December", MARKDOWN) == "30. November\n2. December"
    assert '<ol start="30"><li dir="auto">November</li><li dir="auto" value="2">' in update_html(
        "30. November\n2. December", MARKDOWN
    )
    assert update_plain("1. a\n1. b", MARKDOWN) == "1. a\n2. b"


def test_plain_text_keeps_the_lines_and_says_where_links_lead() -> None:
    assert update_plain(MARKED, MARKDOWN) == (
        "Calls over SIP/TLS fail, see our guide (https://sipcity.test/tls_(old)?a=1&b=2):\n"
        "- Registration\n"
        "- Calls to sip:*21*0299#@sipcity.test\n\n"
        "1. Switch to UDP\n2. Dial *21*0299#\n\n"
        "transport = udp <default>"
    )
    assert update_plain("[a@b.test](mailto:a@b.test) <https://c.test>", MARKDOWN) == "a@b.test https://c.test"
    assert update_excerpt(MARKED, MARKDOWN).startswith(
        "Calls over SIP/TLS fail, see our guide: - Registration"
    )


def test_v2_has_lines_and_only_the_html_that_statuspage_has() -> None:
    assert update_v2(MARKED, MARKDOWN) == (
        'Calls over <strong>SIP/TLS</strong> fail, see <a href="https://sipcity.test/tls_(old)?a=1&amp;b=2">'
        "our guide</a>:<br />- Registration<br />- Calls to <code>sip:*21*0299#@sipcity.test</code><br /><br />"
        "1. Switch to UDP<br />2. Dial *21*0299#<br /><br />transport = udp &lt;default&gt;"
    )


def test_a_feeds_entry_closes_what_it_opens() -> None:
    for text in (MARKED, "- a", "a\n- b\n\nc", "```\na\n```\n1. b", "a\n\nb\nc"):
        entry = f"<p>Resolved - {update_feed(text, MARKDOWN)}"
        assert entry.count("<p>") == entry.count("</p>"), text
        assert "<p></p>" not in entry
    text = "a\n\nb\nc"
    assert update_feed(text, MARKDOWN) == f"{feed_html(text)}</p>"


def test_slack_and_teams_get_their_own_marks() -> None:
    assert update_slack(MARKED, MARKDOWN) == (
        "Calls over *SIP/TLS* fail, see <https://sipcity.test/tls_(old)?a=1&amp;b=2|our guide>:\n"
        "• Registration\n• Calls to `sip:*21*0299#@sipcity.test`\n\n"
        "1. Switch to UDP\n2. Dial *21*0299#\n\n```\ntransport = udp &lt;default&gt;\n```"
    )
    teams = update_teams(MARKED, MARKDOWN)
    assert (
        "Calls over **SIP/TLS** fail, see [our guide](https://sipcity.test/tls_%28old%29?a=1&b=2):" in teams
    )
    assert "- Registration\n\n- Calls to sip:\\*21\\*0299\\#@sipcity\\.test" in teams
    assert update_slack("<!channel> <@U1> [<!here>](https://x.test)", MARKDOWN) == (
        "&lt;!channel&gt; &lt;@U1&gt; <https://x.test|&lt;!here&gt;>"
    )


@pytest.mark.parametrize("text", ["", "One line.", "One\ntwo\n\nthree & <b>four</b>, see https://x.test/a."])
def test_words_without_a_mark_are_the_same_in_both_formats(text: str) -> None:
    without_rel = [
        re.sub(r' rel="[^"]*"', "", show(text, written)) for show in ALL for written in (MARKDOWN, PLAIN)
    ]
    assert without_rel[::2] == without_rel[1::2]


@pytest.mark.parametrize("text", [MARKED, "**x** `y`", "- a\n- b"])
def test_old_plain_texts_are_shown_as_they_were(text: str) -> None:
    assert update_html(text, PLAIN) == text_html(text)
    assert update_feed(text, PLAIN) == f"{feed_html(text)}</p>"
    assert update_v2(text, PLAIN) == v2_text(text)
    assert update_plain(text, PLAIN) == text
    assert update_slack(text, PLAIN) == text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize("text", ATTACKS)
@pytest.mark.parametrize("written", BodyFormat)
def test_no_text_becomes_markup_that_acts(text: str, written: BodyFormat) -> None:
    for html in (update_html(text, written), f"<p>{update_feed(text, written)}", update_v2(text, written)):
        check_harmless(html)
        assert "\u202e" not in html
        assert "\x00" not in html or "\x00" in text
        tags = {tag: attributes - {"rel"} for tag, attributes in ALLOWED.items()}
        cleaned = nh3.clean(html, tags=set(ALLOWED), attributes=tags, link_rel=None)
        assert cleaned.count("<") == html.count("<"), "a sanitiser finds nothing to take out"


UNHURRIED = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""On a machine that is busy otherwise."""
CHARACTERS = st.sampled_from(
    [
        *"*_`[]()<>!\\-+~.:/1a2b#&@ \n\n",
        "**",
        "```",
        "~~~",
        "](",
        "- ",
        "1. ",
        "http://a.b",
        "<a:",
        "<b@c>",
        "\\\n",
    ]
)


def _squeezed(html: str) -> str:
    """Without what a browser does not show: the space around breaks, and the relation of links."""
    html = re.sub(r' rel="[^"]*"', "", html)
    html = re.sub(r"\s*<br>\s*", "<br>", html)
    html = re.sub(r'<p dir="auto">\s*', "<p>", html)
    return re.sub(r"[ \t]+", " ", re.sub(r"\s*</p>", "</p>", html))


@UNHURRIED
@given(st.lists(CHARACTERS, max_size=40).map(lambda parts: "".join(parts).strip()))
def test_plain_text_put_into_a_form_says_the_same(text: str) -> None:
    assert _squeezed(update_html(as_markdown(text), MARKDOWN)) == _squeezed(text_html(text))


@pytest.mark.parametrize("text", ["[our guide]()", "[our guide](<>)", '[our guide]( "t")', "[our guide]"])
def test_a_link_that_leads_nowhere_is_text(text: str) -> None:
    html = update_html(text, MARKDOWN)
    assert "<a" not in html
    assert "[our guide]" in html


def test_an_empty_link_is_text() -> None:
    assert "<a" not in update_html("[]()", MARKDOWN)


@UNHURRIED
@given(st.lists(CHARACTERS, max_size=60).map("".join))
def test_whatever_is_typed_becomes_nothing_that_acts(text: str) -> None:
    html = update_html(text, MARKDOWN)
    check_harmless(html)
    assert html.count("<li") == html.count("</li>")


@UNHURRIED
@given(st.lists(CHARACTERS.filter(lambda each: not set(each) & set("(<~`")), max_size=60).map("".join))
def test_no_letter_is_lost(text: str) -> None:
    letters = re.compile(r"[a-z]")
    assert letters.findall(update_plain(text, MARKDOWN)) == letters.findall(text)


def test_words_behind_the_fence_of_a_code_block_are_part_of_it() -> None:
    assert update_plain("```INVITE sip:a@b\nVia: x\n```", MARKDOWN) == "INVITE sip:a@b\nVia: x"
    assert update_plain("```sh\nls\n```", MARKDOWN) == "ls"


HOSTILE = {
    **{
        each: each * UPDATE_LIMIT
        for each in ("[", "]", "*", "`", "<", "\\", "- ", "1. ", "> ", "![", "_*", "a\n")
    },
    **{
        each: each * UPDATE_LIMIT
        for each in ("[a](b", "[](", "**a ", "a**b", "- a\n", "&amp;", "http://", "[`a")
    },
    "nested lists": "".join(f"{'  ' * depth}- a\n" for depth in range(150)),
    "nested brackets": "[" * 12_500 + "]" * 12_500,
    "growing backticks": "".join("`" * length + "a" for length in range(1, 220)),
    "an address of brackets": "http://a.test/" + ")" * UPDATE_LIMIT,
    "links": "[a](http://b) " * 2_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_longest_hostile_text_takes_a_moment(name: str) -> None:
    """35 ms at most as measured; before, the brackets alone took 250. The bound is generous: the machine is shared."""
    text = HOSTILE[name][:UPDATE_LIMIT]
    for show in ALL:
        began = process_time()
        show(text, MARKDOWN)
        assert process_time() - began < 1
    as_markdown(text)


def test_a_text_of_too_many_marks_or_levels_is_shown_as_it_is() -> None:
    long = "- a\n" * (MOST_MARKS + 1)
    deep = "".join(f"{'  ' * depth}- level {depth}\n" for depth in range(30))
    for text in (long, deep, "- " * 100 + "deepest"):
        assert update_html(text, MARKDOWN) == text_html(text)
        assert update_plain(text, MARKDOWN) == text
