"""Another page's documents: rich text as plain text, ids and words of other makers, and what each remark means."""

import ast
import time
from pathlib import Path
from typing import Any

import pytest

from incidents.domain import archives
from incidents.domain.archives import Archive
from incidents.domain.archives.html_text import html_text
from incidents.domain.archives.values import code_of
from incidents.operations import archived_people
from incidents.operations import archives as writing

LOST = {
    "a component without an id was left out",
    "the description of component {code} was cut at {DESCRIPTION_LIMIT} characters",
    "{whose}: its status {str(said)[:40]!r} is not known",
    "an incident without an id was left out",
    "incident {code} was left out: its status or its time is missing",
    "a postmortem of {code} was left out: a later one took its place",
    "maintenance {code} was left out: it has no window",
    "the postmortem of maintenance {code} was left out: a maintenance has no RFO",
    "the postmortem of {code} is longer than {RFO_LIMIT:,} bytes and was left out",
    "an update of {incident} was left out: its status or its time is missing",
    "an update of {incident} was cut at {UPDATE_LIMIT:,} characters",
    "an update of {incident} does not say what became of {name or each.get('code')}",
    "a subscriber by {kind} could not come along",
    "{what} was cut at {NAME_LIMIT} characters",
    "incident {each} stands in the history, and no document tells it",
    "component {move.name or move.code} is gone there: what was said of it stays behind",
    "the postmortem of {code}: {why}",
    "the postmortem of {old.code}: {error}",
    "subscriber {old.code}: {error}",
    "subscriber {old.code}: none of the components that it chose came along; left out, since no choice "
    "would mean all components",
    "subscriber {old.code}: chose components that did not come along: {', '.join(gone)}",
    "template {old.name}: {error}",
}
"""An archive with any of these is refused unless --accept-loss is given."""
NOTED = {
    "the page's zone {called!r} is not known: say which one with --zone",
    "{whose}: no status is said; read as operational",
    "{whose}: {said} was read as {found.value}",
    "ids of another form than Statuspage's were read; what has one gets a new code here",
    "incident {incident}: its impact {str(said)[:40]!r} is not known; read as none",
    "an update of {incident} has no display_at; its created_at was taken",
    "an update of {incident} has no words; {body!r}, its status, was taken as its words",
    "{what} is missing; it is called Unnamed",
    "subscriber {old.code}: its mailbox gets no mail of ours",
}
"""Nothing is missing where one of these is said; who asked for no more mail gets none."""


def _words(call: ast.Call) -> str:
    said = call.args[0]
    return str(ast.literal_eval(said)) if isinstance(said, ast.Constant) else ast.unparse(said)[2:-1]


def test_every_remark_of_the_import_has_a_decision() -> None:
    files = [
        *Path(archives.__file__).parent.glob("*.py"),
        Path(writing.__file__),
        Path(archived_people.__file__),
    ]
    found: dict[str, set[str]] = {"lost": set(), "noted": set()}
    for file in files:
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr in found
            ):
                found[call.func.attr].add(_words(call).replace("\\'", "'"))
            assert not (
                isinstance(call, ast.Call) and ast.unparse(call.func).endswith("problems.append")
            ) or (file.name in {"reading.py", "archives.py"})
    assert sorted(found["lost"]) == sorted(LOST)
    assert sorted(found["noted"]) == sorted(NOTED)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("<ul><li>a<ul><li>b</li></ul></li><li><p>c</p></li></ul>", "- a\n\n- b\n\n- c"),
        ("One.<br />\nTwo.<br>Three.", "One.\nTwo.\nThree."),
        ("line one\nline two\n\nthree", "line one\nline two\n\nthree"),
        ("See <a href='https://x.test/a?b=1&amp;c=2'>it</a> &amp; wait.", "See it (https://x.test/a?b=1&c=2) & wait."),
        ("<a href=https://x.test>not closed", "not closed (https://x.test)"),
        ("Write to <noc@delta.example> or <https://x.test/y>.", "Write to noc@delta.example or https://x.test/y."),
        ("Latency < 5 ms, a<b, x <foo bar> y </foo>", "Latency < 5 ms, a<b, x <foo bar> y </foo>"),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>c</td></tr></table>", "a | b\nc"),
        ("<img alt='Graph' src='https://x.test/g.png'>", "Graph (https://x.test/g.png)"),
        ("<style>p{margin:0}</style><!-- note --><script>x()</script><p>Words.</p>", "Words."),
        ("<style>p{} and no end", "<style>p{} and no end".replace("<style>", "")),
    ],
)  # fmt: skip
def test_rich_text_keeps_its_lines_links_and_addresses(body: str, text: str) -> None:
    assert html_text(body) == text


@pytest.mark.parametrize(
    "piece", ["<!--", "<style>", "<a ", "<a>", "<p", "<li>", "<![", "</", "<a href=", "&#", "<<"]
)
def test_a_hostile_body_takes_no_longer_than_its_length(piece: str) -> None:
    began = time.process_time()
    html_text(piece * 50_000)
    assert time.process_time() - began < 10


def test_an_id_of_another_form_is_always_the_same_new_code() -> None:
    assert code_of("kctbh9vrtdwd") == "kctbh9vrtdwd"
    made = {code_of(each) for each in ("01JMDK8XYGHA3M2TXDJSV1111", "01JMDK8XYGHA3M2TXDJSV2222", "a_b-C")}
    assert len(made) == 3
    assert all(len(each) == 12 and each.isalnum() and each.islower() for each in made)
    assert code_of("01JMDK8XYGHA3M2TXDJSV1111") == code_of("01JMDK8XYGHA3M2TXDJSV1111")
    assert [code_of(each) for each in ("", None, "<script>", "a b", "x" * 65, {})] == [""] * 6


def component(**facts: Any) -> Archive:
    archive = Archive()
    archive.take_components([{"id": "cmp1", "name": "Voice", **facts}])
    return archive


def test_a_status_that_nobody_knows_is_no_operational_without_a_word() -> None:
    assert component(status="operational").notes == component(status="operational").problems == []
    assert component(status="full_outage").notes == ["component Voice: full_outage was read as major_outage"]
    assert "no status is said" in component().notes[0]
    assert "'on fire' is not known" in component(status="on fire").problems[0]


def test_a_history_that_names_more_than_the_documents_tell_says_which() -> None:
    archive = Archive()
    archive.take({"months": [{"incidents": [{"code": "abc123abc123", "name": "Calls fail"}]}]})
    assert archive.missing() == ["abc123abc123 (Calls fail)"]


def test_an_update_that_does_not_say_what_became_of_a_component_is_named() -> None:
    archive = Archive()
    update = {
        "id": "u1",
        "status": "resolved",
        "body": "Done.",
        "created_at": "2026-01-01T00:00:00Z",
        "affected_components": [{"code": "cmp1", "name": "Voice", "old_status": "operational"}],
    }
    archive.take_incidents(
        [
            {
                "id": "inc1",
                "name": "Calls fail",
                "status": "resolved",
                "impact": "minor",
                "created_at": "2026-01-01T00:00:00Z",
                "incident_updates": [update],
            }
        ]
    )
    assert archive.problems == ["an update of inc1 does not say what became of Voice"]
