"""What a probe has measured and how it is set up, for its own page; bounded however many results there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from incidents.domain.outcomes import Health
from incidents.models import Probe, ProbeHour, ProbeResult
from incidents.probes.config import Field, FieldType, fields
from incidents.probes.kinds import KINDS

SEARCHED = 2000
"""So many of the newest results are looked through for one that failed, where no hour says when there was one."""
MOST_PRINTED = 10
TROUBLE = (Health.FAILED, Health.DEGRADED)


@dataclass(frozen=True, slots=True)
class Trace:
    """A result with what went over the wire; secrets were masked before it was stored."""

    title: str
    result: ProbeResult


@dataclass(frozen=True, slots=True)
class Option:
    """An option of the kind as it is set."""

    label: str
    value: str


def traces(probe: Probe, newest: Sequence[ProbeResult]) -> tuple[Trace | None, Trace | None]:
    """The last run's trace, and that of the last run that was not ok, where it is another one."""
    last = newest[0] if newest else None
    failing = next((row for row in newest if row.health in TROUBLE), None) or _last_failing(probe)
    return (
        Trace("Last run", last) if last else None,
        Trace("Last run that was not ok", failing) if failing and failing != last else None,
    )


def _last_failing(probe: Probe) -> ProbeResult | None:
    """By the hours, which are few; before an hour is rolled up, among the newest results."""
    results = ProbeResult.objects.filter(probe=probe)
    hours = ProbeHour.objects.filter(probe=probe).order_by("-hour")
    hour = (hours.filter(failed__gt=0) | hours.filter(degraded__gt=0)).first()
    newest = list(results.values_list("pk", "health")[:SEARCHED])
    pk = next((pk for pk, health in newest if health in TROUBLE), None)
    if pk is not None:
        return results.filter(pk=pk).first()
    if hour is None:
        return None
    within = results.filter(at__gte=hour.hour, at__lt=hour.hour + timedelta(hours=1))
    return within.filter(health__in=TROUBLE).first()


def options_shown(probe: Probe) -> list[Option]:
    """What of the set-up is not the kind's default; a secret only says that it is there."""
    kind = KINDS.get(probe.kind)
    if kind is None:
        return [Option(name, str(value)) for name, value in probe.config.items()]
    found = []
    for field in fields(kind.config):
        if field.secret and probe.sealed:
            found.append(Option(field.label, "encrypted"))
        elif field.name in probe.config and not field.hidden and probe.config[field.name] != field.default:
            found.append(Option(field.label, _printed(field, probe.config[field.name])))
    return found


def _printed(field: Field, value: object) -> str:
    if field.type == FieldType.BOOLEAN:
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        more = len(value) - MOST_PRINTED
        shown = ", ".join(str(each) for each in value[:MOST_PRINTED])
        return f"{shown} and {more} more" if more > 0 else shown
    return str(value)
