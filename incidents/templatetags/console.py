"""Times, states and marks as the staff console prints them. A mark's shape says the state; its colour only helps."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from incidents.domain.components import ComponentStatus
from incidents.domain.faults import Fault
from incidents.domain.incidents import IncidentStatus
from incidents.domain.texts import BodyFormat, shown
from incidents.domain.zones import in_zone
from incidents.formatting import spans, sparklines, times
from incidents.formatting.update_texts import update_brief, update_html
from incidents.formatting.words import COMPONENT, INCIDENT
from incidents.models import IncidentTemplate, IncidentUpdate, Maintenance, ProbeResult, Subscriber
from incidents.models.staff import Rights
from incidents.operations.faults import may_be_mended
from incidents.probes.results import Result

register = template.Library()

SHAPES: Mapping[str, str] = {
    "up": "operational",
    "ok": "operational",
    "warning": "degraded_performance",
    "degraded": "degraded_performance",
    "down": "major_outage",
    "failed": "major_outage",
    "inconclusive": "unknown",
}
"""Which of the public page's marks a probe's verdict or a result's health wears; every other state has its own."""


@register.filter
def one_line(text: object) -> str:
    """A stranger's word, such as the name of a browser, without what is hidden or turns its direction."""
    return shown(str(text or ""), limit=300)


@register.simple_tag
def posted(at: datetime, zone: ZoneInfo) -> SafeString:
    """`Oct 09, 2021 - 08:22 AEDT` in a `<time>`."""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), times.posted(at, zone))


@register.simple_tag
def clock(at: datetime, now: datetime, zone: ZoneInfo) -> SafeString:
    """`08:22 AEDT` on the local day of `now`, in full on any other."""
    if in_zone(at, zone).date() != in_zone(now, zone).date():
        return posted(at, zone)
    parts = times.time_parts(at, zone)
    return format_html('<time datetime="{}">{} {}</time>', at.isoformat(), parts.time, parts.zone)


@register.simple_tag
def second(at: datetime, now: datetime, zone: ZoneInfo) -> SafeString:
    """`08:22:05` on the local day of `now`, `Oct 09, 08:22:05` on any other: results come seconds apart."""
    return _short(at, now, zone, f"{in_zone(at, zone):%H:%M:%S}")


@register.simple_tag
def minute(at: datetime, now: datetime, zone: ZoneInfo) -> SafeString:
    """The same without seconds, for tables whose zone is known."""
    return _short(at, now, zone, f"{in_zone(at, zone):%H:%M}")


def _short(at: datetime, now: datetime, zone: ZoneInfo, words: str) -> SafeString:
    if in_zone(at, zone).date() != in_zone(now, zone).date():
        parts = times.time_parts(at, zone)
        words = f"{parts.month} {parts.day}, {words}"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), words)


@register.simple_tag
def window(plan: Maintenance, zone: ZoneInfo) -> str:
    """`Nov 28, 2026 - 02:00 to 04:00 AEDT`."""
    return spans.plain_span(plan.scheduled_for, plan.scheduled_until, zone)


@register.simple_tag
def ago(at: datetime, now: datetime) -> SafeString:
    """`24 min ago` in a `<time>`; a clock that runs ahead reads as now."""
    passed = now - at
    words = "just now" if passed < timedelta(seconds=5) else f"{times.duration(passed)} ago"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), words)


@register.simple_tag
def until(at: datetime, now: datetime) -> SafeString:
    """`in 24 s`, which the page's script counts down."""
    left = times.duration(max(at - now, timedelta()))
    return format_html(
        '<time datetime="{}" data-until="{}">in {}</time>', at.isoformat(), at.isoformat(), left
    )


@register.filter
def duration(delta: timedelta) -> str:
    """`4 h 36 min`, kept on one line."""
    return times.duration(delta).replace(" ", "\N{NO-BREAK SPACE}")


@register.inclusion_tag("pages/mark.html")
def mark(state: str) -> dict[str, str]:
    """A state's shape; the words stand beside it."""
    return {"state": SHAPES.get(state, state)}


@register.filter
def component_words(status: str) -> str:
    """`Partial outage`."""
    return COMPONENT[ComponentStatus(status)]


@register.filter
def incident_words(status: str) -> str:
    """`Investigating`."""
    return INCIDENT[IncidentStatus(status)]


@register.filter
def plain_kind(kind: str) -> str:
    """`incident resolved`: what happened, as the journal names it."""
    return kind.replace(".", " ").replace("_", " ").replace("rfo", "RFO")


@register.filter
def of(found: Mapping[object, object] | None, key: object) -> object:
    """What a table has under a key that only the template knows."""
    return (found or {}).get(key)


@register.filter
def plain_words(status: str) -> str:
    """An outcome or a state without its underscores."""
    return status.replace("_", " ")


@register.filter
def milliseconds(value: float) -> str:
    """`12 ms`, kept on one line."""
    return sparklines.milliseconds(value).replace(" ", "\N{NO-BREAK SPACE}")


@register.filter
def number(value: float) -> str:
    """`12`, `0.53`: no more digits than a fact has."""
    return f"{value:,.3f}".rstrip("0").rstrip(".")


@register.filter
def lines(trace: Sequence[object]) -> str:
    """A trace as text."""
    return "\n".join(str(line) for line in trace)


@register.filter
def notes(result: ProbeResult | Result) -> str:
    """What a result says besides its outcome: `200 OK · kamailio · dns 0.4, sip 2.2 ms · days left 12`."""
    layers = [f"{layer} {value:.1f}" for layer, value in result.times.items() if layer != "total"]
    found = [
        result.detail,
        result.subject,
        result.server,
        f"asked {result.retransmissions + 1} times" if result.retransmissions else "",
        f"{', '.join(layers)} ms" if layers else "",
        *(f"{plain_words(name)} {number(value)}" for name, value in result.facts.items()),
    ]
    return " · ".join(filter(None, found))


@register.filter
def address_for(subscriber: Subscriber, rights: Rights) -> str:
    """A subscriber's address as far as the reader may see it."""
    return rights.address_of(subscriber)


@register.filter
def answers_shown(subscriber: Subscriber, rights: Rights) -> bool:
    """Whether the reader may see what this receiver answered."""
    return rights.may_read_answers(subscriber)


@register.filter
def as_html(body: str, update: IncidentUpdate) -> SafeString:
    """The body of an update, its present or an earlier one."""
    return update_html(body, BodyFormat(update.body_format))


@register.filter
def brief(row: IncidentUpdate | IncidentTemplate) -> str:
    """The body of an update or a template as text without marks."""
    return update_brief(row.body, BodyFormat(row.body_format))


@register.filter
def mendable(fault: Fault) -> bool:
    """Whether a button can mend what a check found."""
    return may_be_mended(fault)
