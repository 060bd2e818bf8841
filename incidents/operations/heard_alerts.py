"""What a sender of alerts said, and what it did not say: what is not shown is unknown, and unknown ends nothing."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from incidents.domain.components import ComponentStatus
from incidents.models import Component, Page, Signal

NOT_SHOWN = (
    "{count} alerts of this group were not shown by the sender (truncatedAlerts). This line stands for them and is "
    "over when the sender says that the group is resolved, or shows all of it."
)


@dataclass(frozen=True, slots=True)
class Heard:
    """One alert as it came. `title` and `body` are words that its sender wrote for customers; mostly none.

    `firing` is None where the sender does not know: that changes no alert. `note` is for staff and for the answer.
    """

    fingerprint: str
    firing: bool | None
    began: datetime
    group: str = ""
    component: Component | None = None
    status: ComponentStatus = ComponentStatus.PARTIAL_OUTAGE
    title: str = ""
    body: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    ended: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """What a sender says of a group as a whole: whether it fires, and how many of its alerts it does not show.

    `common` is what all of them have in common, as an alert of its own.
    """

    common: Heard
    not_shown: int


def once_each(heard: Iterable[Heard]) -> list[Heard]:
    """Of several words on one alert the newest; of equally new ones that it fires, then that it is not known."""
    found: dict[str, Heard] = {}
    for each in heard:
        known = found.get(each.fingerprint)
        if known is None or _rank(each) > _rank(known):
            found[each.fingerprint] = each
    return list(found.values())


def _rank(heard: Heard) -> tuple[datetime, int]:
    return heard.began, {True: 2, None: 1, False: 0}[heard.firing]


def with_alerts_not_shown(
    page: Page, sender: str, shown: Sequence[Heard], group: AlertGroup
) -> Sequence[Heard]:
    """The alerts that were shown, and one that stands for those of their group that were not.

    A group that is resolved as a whole ends what fired of it and is not shown now, as far as the count explains it.
    Inside the caller's transaction and lock.
    """
    key = group.common.group
    name = f"not shown: {hashlib.sha256(key.encode()).hexdigest()}"
    rows = list(Signal.objects.filter(page=page, sender=sender, group=key, ended_at=None))
    seen = {name, *(each.fingerprint for each in shown)}
    firing = [each for each in rows if each.fingerprint not in seen]
    said = group.common.firing
    if said is None and group.not_shown and (rows or any(each.firing for each in shown)):
        said = True
    found = list(shown)
    if said is False and len(firing) <= group.not_shown:
        found += [Heard(row.fingerprint, False, group.common.began, key) for row in firing]
    fires = said if group.not_shown else False
    if fires or any(each.fingerprint == name for each in rows):
        note = NOT_SHOWN.format(count=f"{group.not_shown:,}") if fires else ""
        found.append(replace(group.common, fingerprint=name, firing=fires, note=note))
    return found
