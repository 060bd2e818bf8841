"""Setting how a page's RFOs are made: its rules, who signs, its holidays (DESIGN 12)."""

from collections.abc import Mapping
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction

from incidents.domain.texts import UncleanText, clean
from incidents.models import Holiday, Page, RfoPolicy, Signatory
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.journal import lock
from incidents.operations.pages import note_set_up
from incidents.operations.wording import checked_line

MOST_APPROVALS = 2
LONGEST = 10_000
MOST_HOLIDAYS = 500


@transaction.atomic
def set_policy(
    page: Page,
    *,
    approvals: int,
    needs_signature: bool,
    letterhead: str,
    terms: str,
    internal_words: str,
    clock: str,
    by: Actor,
    at: datetime,
) -> RfoPolicy:
    """The rules of one brand. Raises Refused naming the field."""
    if not 0 <= approvals <= MOST_APPROVALS:
        raise Refused("approvals", "Nobody, one or two people approve a version.")
    page = lock(page)
    policy, _ = RfoPolicy.objects.get_or_create(page=page)
    policy.approvals, policy.needs_signature, policy.clock = approvals, needs_signature, clock
    policy.letterhead = _clean("letterhead", letterhead, limit=500)
    policy.terms = _clean("terms", terms)
    policy.internal_words = _clean("internal_words", internal_words)
    policy.save()
    note_set_up(page, what="RFO rules changed", by=by, at=at)
    return policy


@transaction.atomic
def save_signatory(page: Page, *, user: User, name: str, title: str, by: Actor, at: datetime) -> Signatory:
    """Somebody who signs for the brand, under that name and title. One who was retired signs again."""
    page = lock(page)
    name, title = checked_line("name", name), checked_line("title", title)
    if not name:
        raise Refused("name", "Write the name as it stands below a letter.")
    signatory, _ = Signatory.objects.update_or_create(
        page=page, user=user, defaults={"name": name, "title": title, "retired_at": None}
    )
    note_set_up(page, what="signatory named", by=by, at=at)
    return signatory


@transaction.atomic
def retire_signatory(signatory: Signatory, *, by: Actor, at: datetime) -> None:
    """They sign nothing new; what they signed stays."""
    page = lock(signatory.page)
    Signatory.objects.filter(pk=signatory.pk, retired_at=None).update(retired_at=at)
    note_set_up(page, what="signatory retired", by=by, at=at)


@transaction.atomic
def set_holidays(page: Page, *, days: Mapping[date, str], by: Actor, at: datetime) -> None:
    """The whole table anew."""
    if len(days) > MOST_HOLIDAYS:
        raise Refused("holidays", f"There may be {MOST_HOLIDAYS} of them.")
    page = lock(page)
    Holiday.objects.filter(page=page).delete()
    Holiday.objects.bulk_create(
        Holiday(page=page, day=day, name=checked_line("holidays", name)) for day, name in sorted(days.items())
    )
    note_set_up(page, what="holidays changed", by=by, at=at)


def _clean(field: str, text: str, *, limit: int = LONGEST) -> str:
    try:
        return clean(text, limit=limit)
    except UncleanText as error:
        raise Refused(field, str(error)) from error
