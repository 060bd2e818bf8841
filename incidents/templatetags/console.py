"""Times, states and marks as the staff console prints them. A mark's shape says the state; its colour only helps."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.formatting import times
from incidents.formatting.html import text_html
from incidents.formatting.words import COMPONENT, INCIDENT

register = template.Library()

_CIRCLE = "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Z"
_CHECK = _CIRCLE + "M7 11.2 3.9 8.1l1.2-1.2L7 8.8l3.9-3.9 1.2 1.2Z"
_MINUS = _CIRCLE + "M4.4 7.1h7.2v1.8H4.4Z"
_TRIANGLE = "M8 1 15.5 14.5H.5ZM7.1 6v4.2h1.8V6Zm0 5.3V13h1.8v-1.7Z"
_OCTAGON = (
    "M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1Z"
    "M5.6 4.4 4.4 5.6 6.8 8l-2.4 2.4 1.2 1.2L8 9.2l2.4 2.4 1.2-1.2L9.2 8l2.4-2.4-1.2-1.2L8 6.8Z"
)
_WRENCH = "M14.6 4.2 12 6.8 9.2 4l2.6-2.6A4.3 4.3 0 0 0 6.3 6.9L1.2 12a2 2 0 0 0 2.8 2.8l5.1-5.1a4.3 4.3 0 0 0 5.5-5.5Z"
_RING = (
    "M8 .8a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4Zm5 2.1a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4Z"
    "M14 6.9a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4Zm-1.1 4a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4Z"
    "M8 12.8a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4Zm-4.9-1.9a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4Z"
    "M2 6.9a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4Zm1.1-4a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4Z"
)
MARKS: Mapping[str, str] = {
    "operational": _CHECK,
    "up": _CHECK,
    "degraded_performance": _MINUS,
    "degraded": _MINUS,
    "partial_outage": _TRIANGLE,
    "major_outage": _OCTAGON,
    "down": _OCTAGON,
    "under_maintenance": _WRENCH,
    "unknown": _RING,
}


@register.simple_tag
def posted(at: datetime, zone: ZoneInfo) -> SafeString:
    """`Oct 09, 2021 - 08:22 AEDT` in a `<time>`."""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), times.posted(at, zone))


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
    """`4 h 36 min`."""
    return times.duration(delta)


@register.simple_tag
def mark(state: str) -> SafeString:
    """A state's shape; the words stand beside it."""
    svg = '<svg class="mark mark-{}" viewBox="0 0 16 16" aria-hidden="true"><path fill-rule="evenodd" d="{}"/></svg>'
    return format_html(svg, state, mark_safe(MARKS[state]))  # noqa: S308  (our own drawing)


@register.filter
def component_words(status: str) -> str:
    """`Partial outage`."""
    return COMPONENT[ComponentStatus(status)]


@register.filter
def incident_words(status: str) -> str:
    """`Investigating`."""
    return INCIDENT[IncidentStatus(status)]


@register.filter
def plain_words(status: str) -> str:
    """An outcome or a state without its underscores."""
    return status.replace("_", " ")


@register.filter
def as_html(body: str) -> SafeString:
    """An update's plain text."""
    return text_html(body)
