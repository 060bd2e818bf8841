"""Looking through the audit: whether every chain is whole, still says what the journal says and what was published."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef

from incidents.domain.audit import FIRST, HANDED_OVER, digest, fingerprint, seal
from incidents.domain.published import Publication, Published
from incidents.models import AuditHead, AuditLine, Event, HeadPublication, Page
from incidents.operations.audit import data_of

STEP = 2000
"""Lines read at a time, so that memory does not grow with the audit."""
NOTHING = Published()


@dataclass(slots=True)
class Verdict:
    """One chain: how long it is, where it ends, under which key, and what is wrong with it."""

    chain: str
    name: str
    number: int = 0
    last: str = FIRST
    key: str = ""
    faults: list[str] = field(default_factory=list)

    @property
    def head(self) -> str:
        """`CHAIN:COUNT:DIGEST`, to be kept elsewhere."""
        return f"{self.chain}:{self.number}:{self.last}"


def verify_audit(kept: Mapping[str, tuple[int, str]], published: Published = NOTHING) -> list[Verdict]:
    """Every chain, the installation's first. `kept` are heads of earlier days, by chain: each must still be passed, and
    so must every head that is known to have been `published`.
    """
    names = {"": "installation"} | dict(Page.objects.values_list("code", "name"))
    heads = published.heads()
    chains = {*AuditHead.objects.values_list("chain", flat=True), *kept, *heads}
    chains |= set(AuditLine.objects.order_by().values_list("chain", flat=True).distinct())
    chains |= set(Page.objects.filter(events__isnull=False).values_list("code", flat=True))
    chains |= {""} if _has_begun() else set()
    return [
        _verify(chain, names.get(chain, "a page that is gone"), kept.get(chain), heads.get(chain, {}))
        for chain in sorted(chains)
    ]


def _has_begun() -> bool:
    """Whether the installation's chain must exist: who signed in and what was published is noted in it."""
    return HeadPublication.objects.exists() or User.objects.exclude(last_login=None).exists()


def _verify(
    chain: str, name: str, kept: tuple[int, str] | None, published: Mapping[int, tuple[str, Publication]]
) -> Verdict:
    found = Verdict(chain, name)
    if not AuditLine.objects.filter(chain=chain).exists() and (missing := _missing(chain, published)):
        found.faults.append(missing)
        return found
    keys = (settings.AUDIT_KEY, *settings.AUDIT_KEY_PREVIOUS)
    rows = AuditLine.objects.filter(chain=chain).order_by("number").iterator(chunk_size=STEP)
    while lines := list(islice(rows, STEP)):
        events = Event.objects.in_bulk([line.event for line in lines if line.event])
        for line in lines:
            fault = _fault(found, line, keys) or _against_journal(line, events, found.key)
            fault = fault or _key_fault(found, line, keys)
            found.number, found.last = line.number, line.digest
            fault = fault or _against_heads(line, kept, published)
            if fault:
                found.faults.append(f"line {line.number}: {fault}")
                return found
    found.faults += _at_the_end(found, kept, published)
    return found


def _missing(chain: str, published: Mapping[int, tuple[str, Publication]]) -> str:
    """What to say of a chain without a single line; nothing where that may be so."""
    if published:
        number = max(published)
        return (
            f"the whole chain is missing: {number} lines of it were published {_when(published[number][1])}"
        )
    if not chain:
        return "the whole chain is missing: every sign-in is noted in it, and somebody has signed in"
    return ""


def _fault(found: Verdict, line: AuditLine, keys: tuple[str, ...]) -> str:
    if line.number != found.number + 1:
        missing = found.number + 1
        return f"line {missing} is missing" if line.number > missing else "stands here twice"
    if line.previous != found.last:
        return "does not follow the line before it: that one, or this one, was replaced"
    columns = line.columns()
    used = next((key for key in keys if line.digest == digest(key, line.previous, columns)), "")
    if not used:
        return "was changed, or was not written by Dialtone"
    found.key = found.key or used
    if used != found.key:
        return (
            "is sealed with another key than the chain was handed over to: a process still runs with an earlier "
            "AUDIT_KEY, or somebody who holds it wrote this line"
        )
    return ""


def _key_fault(found: Verdict, line: AuditLine, keys: tuple[str, ...]) -> str:
    """Follow a hand-over line to the key that it names."""
    if line.kind != HANDED_OVER:
        return ""
    named = json.loads(line.data)["key"]
    following = next((key for key in keys if fingerprint(key) == named), "")
    if not following:
        return f"hands over to the key {named}, which is neither AUDIT_KEY nor in AUDIT_KEY_PREVIOUS"
    found.key = following
    return ""


def _against_heads(
    line: AuditLine, kept: tuple[int, str] | None, published: Mapping[int, tuple[str, Publication]]
) -> str:
    if kept and kept[0] == line.number and kept[1] != line.digest:
        return "not the one that was kept elsewhere"
    known, publication = published.get(line.number, ("", None))
    if publication and known != line.digest:
        return (
            f"is sealed, but is not the line whose head was published {_when(publication)}: somebody who holds "
            "AUDIT_KEY has sealed the chain again"
        )
    return ""


def _against_journal(line: AuditLine, events: Mapping[int, Event], key: str) -> str:
    """What became of the event that the line tells of. A subscriber's may have been erased with the subscriber."""
    if line.event is None:
        return ""
    event = events.get(line.event)
    if event is None:
        of_person = line.kind.partition(".")[0] == "subscriber"
        is_gone = of_person or not Page.objects.filter(code=line.chain).exists()
        return "" if is_gone else f"event {line.event} is gone from the journal"
    sealed = (line.at, line.kind, line.actor, line.person, line.data)
    if sealed != (event.at, event.kind, event.actor, event.user_id, data_of(event, key=key)):
        return f"event {line.event} was changed in the journal"
    return ""


def _at_the_end(
    found: Verdict, kept: tuple[int, str] | None, published: Mapping[int, tuple[str, Publication]]
) -> Iterator[str]:
    head = AuditHead.objects.filter(chain=found.chain).first()
    if head is None:
        yield "the head of the chain is missing"
    elif head.seal != seal(found.key or settings.AUDIT_KEY, head.chain, head.number, head.digest):
        yield "the head of the chain was changed"
    elif (head.number, head.digest) != (found.number, found.last):
        yield f"lines were cut off: {found.number} are there of {head.number}"
    if kept and kept[0] > found.number:
        yield f"lines were cut off: {found.number} are there, and {kept[0]} were when its head was kept"
    if published and max(published) > found.number:
        yield _shorter(found.number, max(published), published[max(published)][1])
    unsealed = Event.objects.filter(page__code=found.chain).exclude(
        Exists(AuditLine.objects.filter(event=OuterRef("pk")))
    )
    if (event := unsealed.order_by("pk").first()) is not None:
        yield f"event {event.pk} of the journal has no line"


def _shorter(number: int, was: int, publication: Publication) -> str:
    """The chain was cut, or, where the database knows nothing of the publication, all of it was set back."""
    when = _when(publication)
    if publication.code and not HeadPublication.objects.filter(code=publication.code).exists():
        return (
            f"the database was set back: {number} lines are there, {was} were published {when}, and the database "
            "knows nothing of that publication"
        )
    return f"lines were cut off: {number} are there, and {was} were published {when}"


def _when(publication: Publication) -> str:
    return f"on {publication.at}" if publication.at else f"in {publication.source}"
