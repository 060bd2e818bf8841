"""What stands beside an RFO's letter, as its templates print it and as Markdown says it (DESIGN 12).

One reading for all forms: page, paper, Markdown and the comparison of two versions say the same of the same version.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.html import format_html

from incidents.domain.rfo_content import Content, KeyTime, Precision, Window
from incidents.domain.rfo_views import RfoView
from incidents.formatting.times import duration, posted
from incidents.formatting.words import ACTION, ACTION_KIND, EMERGENCY, MOMENT, SECTION

MOST_ROWS = 300
"""Rows of a timeline that are printed; 3,000 take a printer half a minute. The JSON has all."""
Print = Callable[[datetime], str]


def parts(version: RfoView, full: Print) -> dict[str, Any]:
    """All of it, ready to print; `full` prints an instant."""
    content = version.content
    return {
        "facts": [(name, format_html(words, *given)) for name, words, given in _facts(content, full)],
        "sections": [
            {"title": SECTION[each.kind], "html": each.html, "audience": each.audience.value}
            for each in version.sections
        ],
        "decisions": content.decisions,
        "actions": [
            {
                "what": each.what,
                "owner": each.owner,
                "due": f"{each.due:%d %b %Y}" if each.due else "",
                "kind": ACTION_KIND[each.kind],
                "state": ACTION[each.state],
            }
            for each in content.actions
        ],
        "timeline": [{"at": full(each.at), "words": each.words} for each in content.timeline[:MOST_ROWS]],
        "more_rows": max(0, len(content.timeline) - MOST_ROWS),
    }


def _facts(content: Content, full: Print) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Name, pattern and what goes into it, so that printed instants may be elements or text."""
    for time in content.times:
        yield MOMENT[time.what], *_time(time, full)
    for window in content.windows:
        yield "Customers were hit", *_window(window, full)
    if content.lasted:
        yield "Duration", "{} in all" if len(content.windows) > 1 else "{}", (duration(content.lasted),)
    cohort = content.cohort
    count = f"{cohort.count:,}" if cohort.count is not None else ""
    if cohort.share or count:
        yield "Who was hit", "{} ({})" if cohort.share and count else "{}{}", (cohort.share, count)
    if EMERGENCY[cohort.emergency]:
        yield "Emergency calls", "{}", (EMERGENCY[cohort.emergency],)


def _time(time: KeyTime, full: Print) -> tuple[str, tuple[str, ...]]:
    if time.at is None or time.precision == Precision.UNKNOWN:
        return "{}", ("not known",)
    return "about {}" if time.precision == Precision.APPROXIMATE else "{}", (full(time.at),)


def _window(window: Window, full: Print) -> tuple[str, tuple[str, ...]]:
    pattern = "{} to {}" if window.ends else "from {} on"
    times = (full(window.begins), full(window.ends)) if window.ends else (full(window.begins),)
    return (f"{pattern}, {{}}", (*times, window.what)) if window.what else (pattern, times)


def as_text(version: RfoView, zone: ZoneInfo, *, with_signature: bool = False) -> str:
    """The whole version in Markdown: the letter, its signature if wanted, and what stands beside it."""
    signed = [version.signatory_name, version.signatory_title] if with_signature else []
    return "\n\n".join([version.body, *filter(None, signed), *_blocks(version, lambda at: posted(at, zone))])


def _blocks(version: RfoView, full: Print) -> Iterator[str]:
    content = version.content
    facts = [f"- {name}: {words.format(*given)}" for name, words, given in _facts(content, full)]
    if facts:
        yield "\n".join(["## Key times and figures", "", *facts])
    for section in content.sections:
        yield f"## {SECTION[section.kind]}\n\n{section.body}"
    for decision in content.decisions:
        lines = (
            f"## Decision: {decision.question}",
            f"Options: {decision.options}" if decision.options else "",
            f"Decided: {decision.decided}" + (f" ({decision.by})" if decision.by else ""),
            f"Why: {decision.why}" if decision.why else "",
        )
        yield "\n\n".join(filter(None, lines))
    actions = [
        f"- {each['what']} ({', '.join(filter(None, (each['kind'], each['owner'], each['due'], each['state'])))})"
        for each in parts(version, full)["actions"]
    ]
    if actions:
        yield "\n".join(["## Actions", "", *actions])
    rows = [f"- {full(each.at)}: {' '.join(each.words.split())}" for each in content.timeline]
    if rows:
        yield "\n".join(["## Timeline", "", *rows])
