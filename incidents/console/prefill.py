"""Words to begin with: a template's, filled in; or, from an alert, what the probes have found."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from incidents.console.forms.components import field_name
from incidents.console.forms.words import written
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.domain.templates import fill
from incidents.domain.texts import BodyFormat
from incidents.domain.waiting import promised
from incidents.formatting import evidence
from incidents.formatting.times import posted, time_parts
from incidents.formatting.update_escapes import as_markdown
from incidents.models import Component, Incident, IncidentTemplate, Page, Probe
from incidents.models.trees import check_view
from incidents.operations.updates import affected_components

FROM_ALERT = (
    "Our monitoring has found a problem with {{ components }} since {{ since }}. "
    "We are investigating and will post another update by {{ next_update }}."
)
"""What a person begins with who follows an alert to an incident that probes opened."""


def from_alert(incident: Incident, *, promise: str, at: datetime) -> str:
    """First words of a person about what probes opened."""
    return fill(FROM_ALERT, escaped(values(incident.page, incident, promise=promise, at=at)))


def from_probe(page: Page, code: str, *, at: datetime) -> dict[str, str]:
    """A form as somebody would fill it in from what one probe has found; nothing for one that finds nothing."""
    probe = Probe.objects.filter(code=code, component__page=page).select_related("component__page").first()
    if probe is None:
        return {}
    checks = [check_view(probe)]
    status = evidence.status_of(checks)
    if status == ComponentStatus.OPERATIONAL:
        return {}
    field = field_name(probe.component)
    return {
        "title": evidence.title([(probe.component.name, checks)]),
        "body": as_markdown(evidence.extent(checks, zone=page.zone, at=at)),
        "status": IncidentStatus.INVESTIGATING.value,
        "next_update": "30",
        "notify": "on",
        field: status.value,
        f"initial-{field}": "",
    }


def filled(
    template: IncidentTemplate,
    page: Page,
    incident: Incident | None,
    *,
    chosen: Iterable[Component],
    promise: str,
    at: datetime,
) -> tuple[str, str]:
    """A template's title and, in Markdown, its words; what nothing fills stays to be seen."""
    known = values(page, incident, chosen=chosen, promise=promise, at=at)
    words = written(template.body, BodyFormat(template.body_format))
    return fill(template.title, known), fill(words, escaped(known))


def escaped(known: Mapping[str, str]) -> dict[str, str]:
    """The same as they stand in Markdown: a component's name may hold a mark."""
    return {name: as_markdown(value) for name, value in known.items()}


def values(
    page: Page, incident: Incident | None, *, chosen: Iterable[Component] = (), promise: str, at: datetime
) -> dict[str, str]:
    """What the places of a template are filled with; the time of the next update is a round one."""
    components = {*chosen, *(affected_components(incident) if incident else ())}
    known = {
        "page": page.name,
        "now": _clock(page, at),
        "components": _listed(sorted(each.name for each in components)),
    }
    if incident:
        known |= {"title": incident.title, "since": posted(incident.started_at, page.zone)}
    if promise:
        known["next_update"] = _clock(page, promised(at, minutes=int(promise)))
    return known


def _clock(page: Page, at: datetime) -> str:
    parts = time_parts(at, page.zone)
    return f"{parts.time} {parts.zone}"


def _listed(names: list[str]) -> str:
    """`Registration, Voicemail and Fax`; nothing for none, so that the place stays open."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
