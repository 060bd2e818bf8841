"""The status label of a block: on a line of its own, inline before a dash, or missing."""

import re
from dataclasses import dataclass

from incidents.domain.incidents import OPEN_STATUSES, IncidentStatus
from incidents.domain.reports.lines import Line

_STATUSES: dict[str, IncidentStatus | None] = {
    "investigating": IncidentStatus.INVESTIGATING,
    "identified": IncidentStatus.IDENTIFIED,
    "monitoring": IncidentStatus.MONITORING,
    "resolved": IncidentStatus.RESOLVED,
    "postmortem": IncidentStatus.POSTMORTEM,
    "post-mortem": IncidentStatus.POSTMORTEM,
    "reason for outage": IncidentStatus.POSTMORTEM,
    "reason for outage (rfo)": IncidentStatus.POSTMORTEM,
    "rfo": IncidentStatus.POSTMORTEM,
    "update": None,
    "scheduled": IncidentStatus.SCHEDULED,
    "in progress": IncidentStatus.IN_PROGRESS,
    "verifying": IncidentStatus.VERIFYING,
    "completed": IncidentStatus.COMPLETED,
}
_COUNTERPARTS = {
    IncidentStatus.SCHEDULED: IncidentStatus.INVESTIGATING,
    IncidentStatus.IN_PROGRESS: IncidentStatus.IDENTIFIED,
    IncidentStatus.VERIFYING: IncidentStatus.MONITORING,
    IncidentStatus.COMPLETED: IncidentStatus.RESOLVED,
}
_NAMES = "|".join(re.escape(name) for name in sorted(_STATUSES, key=len, reverse=True))
_OWN_LINE = re.compile(
    rf"\s*(?P<mark>#{{1,6}}\s+|[*_]{{2}})?(?P<name>{_NAMES})\s*:?[*_]{{0,2}}:?", re.IGNORECASE
)
_INLINE = re.compile(
    rf"\s*(?P<mark>[*_]{{2}})?(?P<name>{_NAMES})(?:[*_]{{2}}\s*:|:[*_]{{2}}|[*_]{{0,2}}\s+[-\u2013\u2014])\s+(?P<rest>\S.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Label:
    """A label as the report gives it."""

    name: str
    """As written, without marks."""
    markdown: bool
    """Whether it was written with Markdown marks, so that the report is Markdown."""

    @property
    def status(self) -> IncidentStatus | None:
        """None for *Update*, which keeps the status before it."""
        return _STATUSES[self.name.lower()]

    @property
    def incident_status(self) -> IncidentStatus | None:
        """The same within an incident, where a state of maintenance means its counterpart."""
        return _COUNTERPARTS.get(self.status, self.status) if self.status else None

    @property
    def of_maintenance(self) -> bool:
        """Whether only maintenance has this state."""
        return self.status is not None and self.status.is_planned

    @property
    def of_incident(self) -> bool:
        """Whether only an incident has this state."""
        return self.status in OPEN_STATUSES or self.status == IncidentStatus.RESOLVED


def take_label(lines: list[Line]) -> tuple[Label | None, list[Line]]:
    """The label that a block starts with, and the block without it."""
    first = next((index for index, line in enumerate(lines) if line.text), None)
    if first is None:
        return None, lines
    line = lines[first]
    found = _OWN_LINE.fullmatch(line.text)
    if found:
        return Label(found["name"], bool(found["mark"])), lines[first + 1 :]
    found = _INLINE.fullmatch(line.text)
    if found:
        return Label(found["name"], bool(found["mark"])), [
            Line(line.number, found["rest"]),
            *lines[first + 1 :],
        ]
    return None, lines
