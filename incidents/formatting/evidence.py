"""The words that automation says in public: what was checked, what still works, and that a person is coming."""

from collections.abc import Sequence

from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.domain.outcomes import Health
from incidents.domain.texts import NAME_LIMIT
from incidents.domain.tree import CheckView

NOTIFIED = "Detected automatically – a person is being notified."  # noqa: RUF001  (the dash is meant)
TOLD_APART = 12
"""So many components are described one by one; the affected line names them all."""
RESOLVED = "All checks have stayed green. This incident is resolved."


def listed(words: Sequence[str]) -> str:
    """`UDP`, `UDP and TCP`, `UDP, TCP and TLS`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


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
    labels = list(dict.fromkeys(check.label for check in down))
    if not down:
        what = "SIP answers are slow or incomplete"
    elif len(down) + len(silent) == len(checks):
        what = "SIP is not answering"
    else:
        what = f"SIP over {listed(labels)} is not answering"
    if len(found) > 1:
        return what
    room = NAME_LIMIT - len(what) - 2
    name = found[0][0]
    return f"{name if len(name) <= room else name[: room - 1] + '…'}: {what}"


def body(extents: Sequence[str]) -> str:
    """The first words of an incident: the extent of each component, of a few when there are hundreds."""
    told = list(extents[:TOLD_APART])
    if len(extents) > TOLD_APART:
        told.append(f"{len(extents) - TOLD_APART} more services fail in the same way; they are listed below.")
    return "\n\n".join([*told, NOTIFIED])


def extent(component: str, checks: Sequence[CheckView]) -> str:
    """What works and what does not, transport by transport, with what each check found."""
    down, slow, fine = (_which(checks, each) for each in (Verdict.DOWN, Verdict.DEGRADED, Verdict.UP))
    sentences = []
    if down:
        sentences.append(
            f"{component} is not answering our SIP checks over {_labels(down)} ({_found(down)})."
        )
    if slow:
        sentences.append(f"{component} answers over {_labels(slow)}, but not as it should ({_found(slow)}).")
    if fine and (down or slow):
        sentences.append(f"SIP over {_labels(fine)} still {'answers' if len(fine) == 1 else 'answer'}.")
    return " ".join(sentences)


def recovered(component: str, checks: Sequence[CheckView]) -> str:
    """The words of "monitoring"."""
    return (
        f"{component} answers our SIP checks again over {_labels(_which(checks, Verdict.UP))}. "
        "We keep watching before we call this resolved."
    )


def _effective(check: CheckView) -> Verdict:
    """The verdict, or what the newest result says where that is worse; unknown before anything was measured."""
    if check.verdict == Verdict.DOWN or check.latest == Health.FAILED:
        return Verdict.DOWN
    if check.verdict == Verdict.DEGRADED or check.latest == Health.DEGRADED:
        return Verdict.DEGRADED
    return check.verdict if check.latest is None else Verdict.UP


def _which(checks: Sequence[CheckView], verdict: Verdict) -> list[CheckView]:
    return [check for check in checks if _effective(check) == verdict]


def _found(checks: Sequence[CheckView]) -> str:
    """`timed out` where all found the same, else `UDP: timed out; TLS: connection refused`."""
    details = {check.detail for check in checks}
    return (
        details.pop()
        if len(details) == 1
        else "; ".join(f"{check.label}: {check.detail}" for check in checks)
    )


def _labels(checks: Sequence[CheckView]) -> str:
    return listed([check.label for check in checks])
