"""Looking through the audit: whether every chain is whole, and whether the journal still says what was sealed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from django.conf import settings
from django.db.models import Exists, OuterRef

from incidents.domain.audit import FIRST, digest, seal
from incidents.models import AuditHead, AuditLine, Event, Page
from incidents.operations.audit import data_of

STEP = 2000
"""Lines read at a time, so that memory does not grow with the audit."""


@dataclass(slots=True)
class Verdict:
    """One chain: how long it is, where it ends, and what is wrong with it."""

    chain: str
    name: str
    number: int = 0
    last: str = FIRST
    faults: list[str] = field(default_factory=list)

    @property
    def head(self) -> str:
        """`CHAIN:COUNT:DIGEST`, to be kept elsewhere."""
        return f"{self.chain}:{self.number}:{self.last}"


def verify_audit(kept: Mapping[str, tuple[int, str]]) -> list[Verdict]:
    """Every chain, the installation's first. `kept` are heads of earlier days, by chain: each must still be passed."""
    names = {"": "installation"} | dict(Page.objects.values_list("code", "name"))
    chains = {*AuditHead.objects.values_list("chain", flat=True), *kept}
    chains |= set(AuditLine.objects.order_by().values_list("chain", flat=True).distinct())
    chains |= set(Page.objects.filter(events__isnull=False).values_list("code", flat=True))
    return [
        _verify(chain, names.get(chain, "a page that is gone"), kept.get(chain)) for chain in sorted(chains)
    ]


def _verify(chain: str, name: str, kept: tuple[int, str] | None) -> Verdict:
    found = Verdict(chain, name)
    rows = AuditLine.objects.filter(chain=chain).order_by("number").iterator(chunk_size=STEP)
    while lines := list(islice(rows, STEP)):
        events = Event.objects.in_bulk([line.event for line in lines if line.event])
        for line in lines:
            fault = _fault(found, line) or _against_journal(line, events)
            found.number, found.last = line.number, line.digest
            if fault:
                found.faults.append(f"line {line.number}: {fault}")
                return found
            if kept and kept[0] == line.number and kept[1] != line.digest:
                found.faults.append(f"line {line.number}: not the one that was kept elsewhere")
                return found
    found.faults += _at_the_end(found, kept)
    return found


def _fault(found: Verdict, line: AuditLine) -> str:
    if line.number != found.number + 1:
        missing = found.number + 1
        return f"line {missing} is missing" if line.number > missing else "stands here twice"
    if line.previous != found.last:
        return "does not follow the line before it: that one, or this one, was replaced"
    if line.digest != digest(settings.AUDIT_KEY, line.previous, line.columns()):
        return "was changed, or was not written by Dialtone"
    return ""


def _against_journal(line: AuditLine, events: Mapping[int, Event]) -> str:
    """What became of the event that the line tells of. A subscriber's may have been erased with the subscriber."""
    if line.event is None:
        return ""
    event = events.get(line.event)
    if event is None:
        of_person = line.kind.partition(".")[0] == "subscriber"
        is_gone = of_person or not Page.objects.filter(code=line.chain).exists()
        return "" if is_gone else f"event {line.event} is gone from the journal"
    sealed = (line.at, line.kind, line.actor, line.person, line.data)
    if sealed != (event.at, event.kind, event.actor, event.user_id, data_of(event)):
        return f"event {line.event} was changed in the journal"
    return ""


def _at_the_end(found: Verdict, kept: tuple[int, str] | None) -> Iterator[str]:
    head = AuditHead.objects.filter(chain=found.chain).first()
    if head is None:
        yield "the head of the chain is missing"
    elif head.seal != seal(settings.AUDIT_KEY, head.chain, head.number, head.digest):
        yield "the head of the chain was changed"
    elif (head.number, head.digest) != (found.number, found.last):
        yield f"lines were cut off: {found.number} are there of {head.number}"
    if kept and kept[0] > found.number:
        yield f"lines were cut off: {found.number} are there, and {kept[0]} were when its head was kept"
    unsealed = Event.objects.filter(page__code=found.chain).exclude(
        Exists(AuditLine.objects.filter(event=OuterRef("pk")))
    )
    if (event := unsealed.order_by("pk").first()) is not None:
        yield f"event {event.pk} of the journal has no line"
