"""The account of what arrived: by subscriber and update, with nothing taken on trust from the product."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.chaos.faults import Struck
from tests.peers.fast_sinks import Taken

_UPDATE = re.compile(r"Update (\d+)\.")


@dataclass
class Ledger:
    """Who heard what, how often, under which id and in which order."""

    told: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """The updates that reached a subscriber, by themselves or repeated in a later notice."""
    ids: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    repeats: list[Taken] = field(default_factory=list)
    inversions: list[Taken] = field(default_factory=list)
    messages: int = 0

    def lost(self, subscribers: Iterable[str], updates: int) -> int:
        """How many pairs of a subscriber and an update never met."""
        return sum(updates - len(self.told[each]) for each in subscribers)

    @property
    def second_ids(self) -> int:
        """How many notices came under more than one id."""
        return sum(len(ids) > 1 for ids in self.ids.values())


def read(taken: Sequence[Taken]) -> Ledger:
    """Go through what arrived, in the order in which it did."""
    ledger, seen, newest = Ledger(messages=len(taken)), Counter[tuple[str, str]](), Counter[str]()
    for each in taken:
        told = updates_in(each)
        head = told[0]
        ledger.told[each.to].update(told)
        ledger.ids[each.to, head].add(each.id)
        seen[each.to, each.id] += 1
        if seen[each.to, each.id] > 1:
            ledger.repeats.append(each)
        elif head < newest[each.to]:
            ledger.inversions.append(each)
        newest[each.to] = max(newest[each.to], head)
    return ledger


def updates_in(message: Taken) -> list[int]:
    """The numbers of the updates that a message tells, its own first."""
    if message.to.startswith("/"):
        bodies = [update["body"] for update in json.loads(message.body)["incident"]["incident_updates"]]
        return [int(number) for body in bodies for number in _UPDATE.findall(body)]
    text = message.body.decode().partition("Content-Type: text/html")[0]
    return [int(number) for number in _UPDATE.findall(text)]


def table(struck: Sequence[Struck], repeats: Sequence[Taken]) -> str:
    """Each fault with the rows in flight and the repeats that came before the next one."""
    began = struck[0].at
    ends = [fault.at for fault in struck[1:]] + [float("inf")]
    lines = [f"{'s':>6}  {'what':<26}{'in flight':>10}{'repeats':>9}"]
    for fault, end in zip(struck, ends, strict=True):
        count = sum(fault.at <= each.at < end for each in repeats)
        lines.append(f"{fault.at - began:6.1f}  {fault.what:<26}{fault.in_flight:>10}{count:>9}")
    return "\n".join(lines)
