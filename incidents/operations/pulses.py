"""Signs of life: each engine's newest, and the oldest of them, which is how old the truth may be."""

from datetime import datetime, timedelta

from incidents.domain.pulses import Role
from incidents.domain.system_clocks import MAX_SKEW
from incidents.models import Pulse

SELDOM = timedelta(seconds=1)
"""A pulse that is no older is not written again."""


def note_pulse(role: Role, *, at: datetime) -> datetime:
    """Write down that `role` was alive at `at`; returns the oldest pulse of all roles that have ever had one.

    A role that never ran, such as a relay where nobody is told anything, is not waited for. A pulse from the future
    counts from now on, so that an engine that died before the clock was set back is still noticed.
    """
    pulses = {pulse.role: pulse.at for pulse in Pulse.objects.all()}
    before = pulses.get(role.value)
    if before is None or abs(at - before) >= SELDOM:
        Pulse.objects.update_or_create(role=role.value, defaults={"at": at})
        pulses[role.value] = at
    if max(pulses.values()) > at + MAX_SKEW:
        Pulse.objects.filter(at__gt=at + MAX_SKEW).update(at=at)
    return min((min(pulses[each.value], at) for each in Role if each.value in pulses), default=at)
