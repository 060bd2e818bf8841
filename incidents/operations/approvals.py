"""Which approvals of an RFO's words count: judged at each reading, since people write, move on and lose roles after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import User

from incidents.domain.rfos import ApprovalRecord
from incidents.domain.roles import Right
from incidents.models import Page, RfoApproval, RfoVersion
from incidents.models.staff import current_rights, current_rights_of
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.staff import asks_for_factor

NEEDED = Right.PUBLISH
FRESH = timedelta(minutes=5)
"""So long ago at most a signatory or an approver has shown the second factor."""


@dataclass(frozen=True, slots=True)
class LostApproval:
    """An approval of these very words that does not count, and why, as a sentence."""

    approval: RfoApproval
    why: str


@dataclass(frozen=True, slots=True)
class Approvals:
    """Those of the present words."""

    held: Sequence[RfoApproval]
    lost: Sequence[LostApproval]


def approvals_of(version: RfoVersion, digest: str) -> Approvals:
    """The approvals of the words of that digest.

    One counts while the person who gave it has not written in the version and may publish RFOs of its page.
    """
    rows = list(version.approvals.filter(digest=digest).select_related("by"))
    writers = set(version.writers.values_list("pk", flat=True)) if rows else set()
    rights = current_rights_of([each.by for each in rows])
    held, lost = [], []
    for row in rows:
        name = row.by.get_username()
        if row.by.pk in writers:
            lost.append(LostApproval(row, f"{name} has also written in this version."))
        elif not rights[row.by.pk].may(NEEDED, version.rfo.page):
            lost.append(LostApproval(row, f"{name} may no longer publish RFOs of {version.rfo.page}."))
        else:
            held.append(row)
    return Approvals(held, lost)


def record_of(held: Sequence[RfoApproval], *, required: int) -> ApprovalRecord:
    """What is written down at publication."""
    given = ((each.by.get_username(), each.at.astimezone(UTC).isoformat()) for each in held)
    return ApprovalRecord(required, tuple(given))


def may_still(user: User, page: Page) -> bool:
    """Whether somebody may still approve, sign or publish RFOs of the page: one query."""
    return current_rights(user).may(NEEDED, page)


def check_person(by: Actor, page: Page, *, field: str) -> User:
    """The person in the console who approves or signs. Raises Refused for a key, an engine, and who may not publish."""
    if by.user is None or by.is_script:
        raise Refused(field, "Only a person approves or signs, in the console. An API key does neither.")
    if not may_still(by.user, page):
        raise Refused(field, f"This takes the role publisher on {page}.")
    return by.user


def check_factor(user: User, *, shown_at: datetime | None, at: datetime) -> None:
    """Raises Refused where somebody who has a second factor, or must have one, has not shown it just now."""
    if asks_for_factor(user) and not is_fresh(shown_at, at=at):
        raise Refused("factor", "Show your second factor again: an approval takes a fresh one.")


def is_fresh(shown_at: datetime | None, *, at: datetime) -> bool:
    """Whether a second factor was shown recently enough for a signature or an approval; `shown_at` None is never."""
    return shown_at is not None and at - shown_at <= FRESH
