"""Heartbeats: calls of what is monitored, written down for the next run of their probe."""

from datetime import datetime

from incidents.domain.system_clocks import MAX_SKEW
from incidents.models import Probe
from incidents.probes.kinds import KINDS

PASSIVE = [kind.name for kind in KINDS.values() if kind.passive]


def note_beat(code: str, *, status: int, at: datetime) -> bool:
    """The probe called `code` has been called with this exit status; False where there is none that waits for calls.

    One statement: a thousand callers at once cost as little. A call that came late does not hide a newer one.
    """
    waiting = Probe.objects.filter(code=code, kind__in=PASSIVE)
    # A call from further ahead came before the clock was set back.
    waiting = waiting.exclude(beaten_at__gt=at, beaten_at__lte=at + MAX_SKEW)
    changed = waiting.update(beaten_at=at, beat_status=status)
    return bool(changed) or Probe.objects.filter(code=code, kind__in=PASSIVE).exists()
