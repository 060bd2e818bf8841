"""The words that automation says in public: what fails since when, what still works, and only what a row proves."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.domain.outcomes import Health
from incidents.domain.texts import NAME_LIMIT
from incidents.domain.tree import CheckView
from incidents.domain.zones import in_zone
from incidents.formatting.services import bare, is_plural, phrase
from incidents.formatting.times import posted, time_parts

DETECTED = "Detected automatically."
"""No more than that: when these words are published no alert has been sent yet."""
TOLD_APART = 12
"""So many components are described one by one; the affected line names them all."""


def is_settled(checks: Sequence[CheckView]) -> bool:
    """Whether every check's newest result agrees with its verdict, so that a change may be told."""
    return all(_effective(check) == check.verdict for check in checks)


def status_of(checks: Sequence[CheckView]) -> ComponentStatus:
    """The component's state from all of its checks: every one down is major, some down is partial.

    Nothing is said before one check has a verdict; then the newest results of its neighbours count too, because
    three transports that fail together should not be announced one after another.
    """
    decided = {check.verdict for check in checks}
    if not decided & {Verdict.DOWN, Verdict.DEGRADED}:
        return ComponentStatus.OPERATIONAL
    found = {_effective(check) for check in checks} - {Verdict.UNKNOWN}
    if Verdict.DOWN in found:
        return ComponentStatus.MAJOR_OUTAGE if found == {Verdict.DOWN} else ComponentStatus.PARTIAL_OUTAGE
    return ComponentStatus.DEGRADED_PERFORMANCE


def title(found: Sequence[tuple[str, Sequence[CheckView]]]) -> str:
    """An incident's title from the components and their checks: `Network: SIP over TLS is not answering`.

    With several components of one cause they are left to the affected line: `SIP over TLS is not answering`.
    """
    checks = [check for _, of_component in found for check in of_component]
    down, silent = _which(checks, Verdict.DOWN), _which(checks, Verdict.UNKNOWN)
    if down:
        services = _services(down)
        what = bare(services) if len(down) + len(silent) == len(checks) else phrase(services)
        what += f" {'are' if is_plural(services) else 'is'} not answering"
    else:
        what = _weak(_which(checks, Verdict.DEGRADED))
    if len(found) > 1:
        return what
    room = NAME_LIMIT - len(what) - 2
    name = found[0][0]
    return f"{name if len(name) <= room else name[: room - 1] + '…'}: {what}"


def _weak(checks: Sequence[CheckView]) -> str:
    services = _services(checks)
    if any(check.intermittent for check in checks):
        return f"{phrase(services)} {_verb(services, 'work')} only intermittently"
    return f"{phrase(services)} {'are' if is_plural(services) else 'is'} slow or incomplete"


def body(extents: Sequence[str]) -> str:
    """The first words of an incident: the extent of each component, of a few when there are hundreds."""
    told = list(extents[:TOLD_APART])
    if len(extents) > TOLD_APART:
        told.append(f"{len(extents) - TOLD_APART} more services fail in the same way; they are listed below.")
    return "\n\n".join([*told, DETECTED])


def extent(checks: Sequence[CheckView], *, zone: ZoneInfo, at: datetime, component: str = "") -> str:
    """What fails since when and why, and what still works; led by the component's name where several are told of.

    `Registrations over TLS fail since 08:14 AEDT: the server presents an expired certificate for blf.example.`
    """
    down, weak, fine = (_which(checks, each) for each in (Verdict.DOWN, Verdict.DEGRADED, Verdict.UP))
    sentences = [_fails(alike, zone, at) for alike in _alike(down)]
    sentences += [_limps(alike, zone, at) for alike in _alike(weak)]
    if fine and (down or weak):
        services = _services(fine)
        sentences.append(f"{phrase(services)} still {_verb(services, 'answer')}.")
    told = " ".join(sentences)
    return f"{component} – {told}" if component and told else told  # noqa: RUF001  (the dash is meant)


def recovered(checks: Sequence[CheckView], *, component: str = "") -> str:
    """The words of "monitoring"."""
    services = _services(_which(checks, Verdict.UP))
    lead = f"{component} – " if component else ""  # noqa: RUF001  (the dash is meant)
    return (
        f"{lead}{phrase(services)} {_verb(services, 'answer')} our checks again. "
        "We keep watching before we call this resolved."
    )


def is_recovered(checks: Sequence[CheckView]) -> bool:
    """Whether every check that has ever measured anything is up, and there is one.

    One whose track was reset since it measured, because its set-up changed, vouches for nothing until it has a verdict.
    """
    measured = _measured(checks)
    return bool(measured) and all(check.verdict == _effective(check) == Verdict.UP for check in measured)


def _measured(checks: Sequence[CheckView]) -> list[CheckView]:
    return [check for check in checks if check.last_at]


def with_alert(words: str, sent: datetime | None, *, zone: ZoneInfo, at: datetime) -> str:
    """The words and when the first alert to staff was sent; without one, the words alone."""
    return f"{words}\n\nAn alert was sent to our staff at {_clock(sent, zone, at)}." if sent else words


def resolved(
    checks: Sequence[CheckView], since: datetime, *, stayed_green: bool, zone: ZoneInfo, at: datetime
) -> str:
    """The last words of an automatic incident, which recovered at `since`; of all checks only where all measure."""
    up = _which(checks, Verdict.UP)
    which = "All checks" if len(up) == len(checks) else f"The checks of {phrase(_services(up))}"
    how = f"have stayed green since {_clock(since, zone, at)}" if stayed_green else "are green again"
    return f"{which} {how}. This incident is resolved."


def _fails(checks: Sequence[CheckView], zone: ZoneInfo, at: datetime) -> str:
    services = _services(checks)
    return f"{phrase(services)} {_verb(services, 'fail')}{_since(checks, zone, at)}: {checks[0].detail}."


def _limps(checks: Sequence[CheckView], zone: ZoneInfo, at: datetime) -> str:
    services = _services(checks)
    if any(check.intermittent for check in checks):
        how = f"{_verb(services, 'work')} only intermittently"
    else:
        how = f"{_verb(services, 'work')} less well than usual"
    return f"{phrase(services)} {how}{_since(checks, zone, at)}: {checks[0].detail}."


def _alike(checks: Sequence[CheckView]) -> Iterable[list[CheckView]]:
    """The checks that found the same, together."""
    together: dict[tuple[str, bool], list[CheckView]] = {}
    for check in checks:
        together.setdefault((check.detail, check.intermittent), []).append(check)
    return together.values()


def _since(checks: Sequence[CheckView], zone: ZoneInfo, at: datetime) -> str:
    """` since 08:14 AEDT`; empty where no check says since when."""
    seen = [check.since for check in checks if check.since]
    if not seen:
        return ""
    return f" since {_clock(min(seen), zone, at)}"


def _clock(instant: datetime, zone: ZoneInfo, at: datetime) -> str:
    """`08:14 AEDT`, with the day where it is not the day of `at`."""
    if in_zone(instant, zone).date() != in_zone(at, zone).date():
        return posted(instant, zone)
    parts = time_parts(instant, zone)
    return f"{parts.time} {parts.zone}"


def _verb(services: Sequence[str], plural: str) -> str:
    return plural if is_plural(services) else f"{plural}s"


def _services(checks: Sequence[CheckView]) -> list[str]:
    return list(dict.fromkeys(check.service for check in checks))


def _effective(check: CheckView) -> Verdict:
    """The verdict, or what the newest result says where that is worse; unknown before anything was measured.

    Of what is intermittent single results say nothing.
    """
    if check.intermittent:
        return check.verdict
    if check.verdict == Verdict.DOWN or check.latest == Health.FAILED:
        return Verdict.DOWN
    if check.verdict == Verdict.DEGRADED or check.latest == Health.DEGRADED:
        return Verdict.DEGRADED
    return check.verdict if check.latest is None else Verdict.UP


def _which(checks: Sequence[CheckView], verdict: Verdict) -> list[CheckView]:
    return [check for check in checks if _effective(check) == verdict]
