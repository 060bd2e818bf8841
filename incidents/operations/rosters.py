"""Subscribers as a file: brought in from elsewhere and taken away, as CSV (RFC 4180).

A spreadsheet would run a cell that begins like a formula; such a cell is written with an apostrophe before it, which is
taken off again when it is read.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from incidents.channels.kinds import KINDS
from incidents.domain.body_limits import ROSTER_BYTES
from incidents.domain.journal import EventKind
from incidents.domain.subscribers import SubscriberState, Topics
from incidents.domain.texts import shown
from incidents.models import Component, Page, Subscriber, Suppression
from incidents.operations.actors import Actor
from incidents.operations.credentials import LostKey
from incidents.operations.endpoint_urls import UNREADABLE, columns, destination, kept_addresses
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, newest_event, record
from incidents.operations.subscribers import new_nonce, request_subscription

COLUMNS = (
    "channel",
    "address",
    "contact_email",
    "components",
    "only_major",
    "state",
    "confirmed_at",
    "topics",
)
"""Components by code, with spaces between. A file of before has no `topics`, which means all."""
MOST_ROWS, MOST_BYTES = 50_000, ROSTER_BYTES
MOST_COLUMNS = 100
"""Each row costs as many steps as the header has columns."""
MOST_ASKED = 2_000
"""Each who is asked is a mail, and somebody waits in front of a screen."""
STEP = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_YES, _NO = frozenset({"1", "true", "yes"}), frozenset({"", "0", "false", "no"})
_STATES = {"": True, "active": True, "pending": False, "unconfirmed": False}
"""Whether somebody in this state there has confirmed; who is in another one gets nothing there, and nothing here."""
_BOOKKEEPING = frozenset({"id", "page_id", "created_at", "updated_at", "quarantined_at", "(more cells)"})
"""Columns of Statuspage's own export that say nothing of what somebody wants to hear."""
TOO_MANY_CELLS = "(more cells)"


@dataclass
class Report:
    """What became of a file."""

    added: int = 0
    asked: int = 0
    """Who was mailed to confirm."""
    known: int = 0
    suppressed: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    """Line numbers, the header being 1, and what is wrong."""
    is_written: bool = True
    """False where rows were refused and nobody has accepted that they are left out: then nothing was written."""


def export_roster(page: Page) -> Iterator[str]:
    """The page's subscribers line by line, the header first; no secret and no link is among them."""
    rows = (
        Subscriber.objects.public()
        .filter(page=page, incident__isnull=True)
        .exclude(state=SubscriberState.ENDED)
    )
    yield _line(COLUMNS)
    for each in rows.prefetch_related("components").order_by("pk").iterator(chunk_size=2000):
        components = " ".join(component.code for component in each.components.all())
        confirmed = each.confirmed_at.isoformat(timespec="seconds") if each.confirmed_at else ""
        facts = (each.channel, _address(each), each.contact_email, components)
        major = "yes" if each.only_major else ""
        yield _line([*map(_safe, facts), major, each.state, confirmed, each.topics.value])


def _address(subscriber: Subscriber) -> str:
    """As it is brought in again: of a machine the URL itself, which this file is for."""
    try:
        return destination(subscriber)
    except LostKey:
        return UNREADABLE


def import_roster(
    page: Page, text: str, *, vouched: bool, accept_loss: bool = False, by: Actor, at: datetime
) -> Report:
    """Take in a file of `address` and, if they are there, the other COLUMNS.

    Where a row is refused, or a column is not read, nothing is written unless that is accepted with `accept_loss`; then
    a wrong row costs no other row. With `vouched` people have agreed elsewhere and are subscribed at once; else each is
    mailed to confirm. A receiver that gets a secret is always asked, since only its owner may see that. Known ones stay
    as they are. Raises Refused for what is no such file at all.
    """
    rows = _rows(text)
    if not vouched and len(rows) > MOST_ASKED:
        raise Refused(
            "file", f"At most {MOST_ASKED:,} people at a time are mailed to confirm. Split the file."
        )
    known = {component.code: component for component in Component.objects.in_use().filter(page=page)}
    report = Report()
    report.refused += [(1, f"The column {name!r} is not read.") for name in _unread(rows)]
    checked = [_checked(number, row, known, report) for number, row in rows]
    report.refused.sort()
    good = [row for row in checked if row]
    report.is_written = accept_loss or not report.refused
    for start in range(0, len(good) if report.is_written else 0, STEP):
        _take(page, good[start : start + STEP], report, vouched=vouched, by=by, at=at)
    return report


def _unread(rows: Sequence[tuple[int, dict[str, str]]]) -> list[str]:
    """Columns that hold something and that nothing here keeps."""
    names = [name for name in rows[0][1] if name not in {*COLUMNS, *_BOOKKEEPING}] if rows else []
    return [shown(name, limit=100) for name in names if any(row.get(name) for _, row in rows)]


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    try:
        reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        if len(names) > MOST_COLUMNS:
            raise Refused("file", f"At most {MOST_COLUMNS} columns. Remove those that are not needed.")
        if "address" not in names and "email" not in names:
            raise Refused("file", "The first line must name the columns, and one of them must be `address`.")
        reader.fieldnames = ["address" if name == "email" else name for name in names]
        rows: list[tuple[int, dict[str, str]]] = []
        for row in reader:
            if len(rows) >= MOST_ROWS:
                raise Refused("file", f"At most {MOST_ROWS:,} rows at a time. Split the file.")
            more = {TOO_MANY_CELLS: "yes"} if None in row else {}
            rows.append((reader.line_num, {key: value or "" for key, value in row.items() if key} | more))
    except csv.Error as error:
        raise Refused("file", f"This is not CSV: {error}.") from error
    return rows


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    channel: str
    address: str
    kept: dict[str, str]
    """The columns of the address as they are stored."""
    known_as: tuple[str, ...]
    """What the column of the address may hold for it, in lower case."""
    contact_email: str
    components: tuple[Component, ...]
    only_major: bool
    topics: Topics
    has_confirmed: bool
    """As far as the file says."""

    def is_taken_at_once(self, *, vouched: bool) -> bool:
        """Whether no mail asks them: somebody vouches for those who had confirmed, and no secret has to be shown."""
        return vouched and self.has_confirmed and not KINDS[self.channel].signs


def _checked(number: int, row: dict[str, str], known: dict[str, Component], report: Report) -> _Row | None:
    """The row in the form that we keep; or None, and the report says why."""
    facts = {key: (row.get(key) or "").strip().removeprefix("'") for key in COLUMNS}
    kind = KINDS.get(facts["channel"].lower() or "email")
    codes = facts["components"].replace(";", " ").split()
    unknown = [code for code in codes if code not in known]
    try:
        if kind is None:
            raise ValueError(f"{facts['channel']!r} is none of {', '.join(KINDS)}.")  # noqa: TRY301
        _refuse_unusable(row)
        if unknown:
            raise ValueError(f"No component of this page has the code {unknown[0]!r}.")  # noqa: TRY301
        if facts["only_major"].lower() not in _YES | _NO:
            raise ValueError(f"only_major is {facts['only_major']!r}: write yes, or leave it empty.")  # noqa: TRY301
        if facts["state"].lower() not in _STATES:
            raise ValueError(f"Its state is {facts['state']!r}, so it received nothing there.")  # noqa: TRY301
        if facts["topics"].lower() not in {"", *Topics}:
            raise ValueError(f"topics is {facts['topics']!r}: write {', '.join(Topics)}.")  # noqa: TRY301
        topics = Topics(facts["topics"].lower() or Topics.ALL)
        address = kind.normalise(facts["address"])
        contact = KINDS["email"].normalise(facts["contact_email"]) if kind.is_machine else ""
    except ValueError as error:
        report.refused.append((number, shown(str(error), limit=300)))
        return None
    chosen = tuple(known[code] for code in dict.fromkeys(codes))
    only_major = facts["only_major"].lower() in _YES
    kept, known_as = columns(kind, address), kept_addresses(kind, address)
    has_confirmed = _STATES[facts["state"].lower()]
    return _Row(
        number, kind.name, address, kept, known_as, contact, chosen, only_major, topics, has_confirmed
    )


def _refuse_unusable(row: dict[str, str]) -> None:
    """Raises ValueError for a row with words beyond the header, and for people who got nothing where they were."""
    if TOO_MANY_CELLS in row:
        raise ValueError("It has more cells than the first line has columns.")
    if row.get("quarantined_at", "").strip():
        raise ValueError("It was quarantined where it comes from.")


def _take(
    page: Page, rows: Sequence[_Row], report: Report, *, vouched: bool, by: Actor, at: datetime
) -> None:
    """One step: those who agreed elsewhere in one transaction, the others asked one by one."""
    at_once = [row for row in rows if row.is_taken_at_once(vouched=vouched)]
    with transaction.atomic():
        page = lock(page)
        report.added += _add(page, at_once, report, at=at)
        if at_once:
            data: dict[str, Any] = {"what": "imported", "rows": len(at_once)}
            record(page, EventKind.SUBSCRIBER_CHANGED, by=by, at=at, data=data)
    for row in rows:
        if row.is_taken_at_once(vouched=vouched):
            continue
        if (
            Subscriber.objects.public()
            .filter(page=page, channel=row.channel, address__lower__in=row.known_as, incident=None)
            .exists()
        ):
            report.known += 1
            continue
        request_subscription(
            page,
            channel=row.channel,
            address=row.address,
            contact_email=row.contact_email,
            components=row.components,
            only_major=row.only_major,
            topics=row.topics,
            at=at,
        )
        report.asked += 1


def _add(page: Page, rows: Sequence[_Row], report: Report, *, at: datetime) -> int:
    mails = [row.address.lower() for row in rows] + [row.contact_email.lower() for row in rows]
    suppressed = set(Suppression.objects.filter(address__in=mails).values_list("address", flat=True))
    here = set(
        Subscriber.objects.public()
        .filter(page=page, incident=None, address__lower__in=[each for row in rows for each in row.known_as])
        .values_list("channel", "address__lower")
    )
    fresh: list[Subscriber] = []
    chosen: list[tuple[Component, ...]] = []
    for row in rows:
        if not here.isdisjoint((row.channel, each) for each in row.known_as):
            report.known += 1
        elif (row.contact_email or row.address).lower() in suppressed:
            report.suppressed += 1
        else:
            here.add((row.channel, row.kept["address"].lower()))
            fresh.append(_subscriber(page, row, at=at))
            chosen.append(row.components)
    newest = newest_event()
    for subscriber in fresh:
        subscriber.joined_after = newest
    made = Subscriber.objects.bulk_create(fresh)
    through = Subscriber.components.through
    through.objects.bulk_create(
        [
            through(subscriber=subscriber, component=component)
            for subscriber, components in zip(made, chosen, strict=True)
            for component in components
        ]
    )
    return len(made)


def _subscriber(page: Page, row: _Row, *, at: datetime) -> Subscriber:
    return Subscriber(
        page=page,
        channel=row.channel,
        **row.kept,
        contact_email=row.contact_email,
        only_major=row.only_major,
        **row.topics.columns,
        state=SubscriberState.ACTIVE.value,
        nonce=new_nonce(),
        created_at=at,
        confirmed_at=at,
    )
