"""The promises of an RFO: written down, kept alive after publication, done or dropped (DESIGN 12)."""

from datetime import date, datetime

from django.db import transaction

from incidents.domain.audiences import Audience
from incidents.domain.journal import EventKind
from incidents.domain.rfo_content import MOST_ROWS, ActionKind, ActionState
from incidents.models import ActionItem, Rfo
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, record
from incidents.operations.rfos import note_writer
from incidents.operations.wording import checked_line

LINE = 500


@transaction.atomic
def save_action(
    item: ActionItem | None,
    *,
    rfo: Rfo,
    what: str,
    owner: str = "",
    due: date | None = None,
    kind: ActionKind = ActionKind.PREVENTIVE,
    audience: Audience = Audience.PUBLIC,
    by: Actor,
    at: datetime,
) -> ActionItem:
    """A new promise, or other words for one that is open. Versions that are published keep what they say."""
    lock(rfo.page)
    what = checked_line("what", what, limit=LINE)
    if not what:
        raise Refused("what", "Say what will be done.")
    if item is None and rfo.actions.count() >= MOST_ROWS:
        raise Refused("what", f"An RFO has {MOST_ROWS} actions at most.")
    row = ActionItem.objects.get(pk=item.pk) if item else ActionItem(rfo=rfo, created_at=at)
    row.what, row.owner, row.due = what, checked_line("owner", owner), due
    row.kind, row.audience = kind.value, audience.value
    row.save()
    _note(row, "action changed" if item else "action added", by=by, at=at)
    return row


@transaction.atomic
def close_action(
    item: ActionItem, *, state: ActionState, evidence: str = "", by: Actor, at: datetime
) -> ActionItem:
    """Done, dropped, or open again. Dropping a promise takes a reason."""
    lock(item.rfo.page)
    item = ActionItem.objects.select_related("rfo__page", "rfo__incident").get(pk=item.pk)
    evidence = checked_line("evidence", evidence, limit=LINE)
    if state == ActionState.DROPPED and not evidence:
        raise Refused("evidence", "Say why it was dropped: customers were promised it.")
    item.state, item.evidence = state.value, evidence
    item.closed_at = None if state == ActionState.OPEN else at
    item.save(update_fields=["state", "evidence", "closed_at"])
    _note(item, f"action {state.value}", by=by, at=at)
    return item


@transaction.atomic
def remove_action(item: ActionItem, *, by: Actor, at: datetime) -> None:
    """Take a promise away that nobody has read yet. Raises Refused for one that is published."""
    lock(item.rfo.page)
    published = item.rfo.versions.exclude(sha256="")
    if published.filter(published_at__gte=item.created_at).exists():
        raise Refused("state", "Customers have read this promise. Drop it, and say why.")
    _note(item, "action removed", by=by, at=at)
    item.delete()


def _note(item: ActionItem, what: str, *, by: Actor, at: datetime) -> None:
    draft = item.rfo.versions.last()
    if draft is not None and draft.is_open:
        note_writer(draft, by)
    record(
        item.rfo.page,
        EventKind.RFO_REVIEWED,
        by=by,
        at=at,
        incident=item.rfo.incident,
        data={"rfo": item.rfo.number, "what": what, "action": item.what[:200]},
    )
