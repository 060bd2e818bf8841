"""From a draft to a publication that others have agreed to: remarks, approvals, a signature, a time (DESIGN 12).

Approvals and signatures are of the very words: each keeps their digest, and counts no longer once they change. So there
is nothing to take back when somebody edits, and nobody can approve one thing and see another published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from incidents.domain.faults import Fault
from incidents.domain.journal import EventKind
from incidents.domain.rfos import UNPUBLISHED, RfoState
from incidents.domain.sweeps import SweepKind
from incidents.domain.texts import UncleanText, clean
from incidents.models import IncidentUpdate, RfoApproval, RfoComment, RfoPolicy, RfoVersion
from incidents.operations.actors import CLOCK, Actor
from incidents.operations.approvals import (
    LostApproval,
    approvals_of,
    check_factor,
    check_person,
    is_fresh,
    may_still,
    record_of,
)
from incidents.operations.errors import Busy, Conflict, Refused
from incidents.operations.faults import faults_of, policy_of
from incidents.operations.journal import NO_HOLD, lock, record
from incidents.operations.renderings import format_again
from incidents.operations.rfos import open_version, words_digest
from incidents.operations.sweeps import Place, each_row
from incidents.operations.versions import publish_rfo
from incidents.operations.wording import checked_line

FURTHEST = timedelta(days=366)
COMMENT_LIMIT = 5_000


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a version has come. `digest` is that of its words at present."""

    version: RfoVersion
    policy: RfoPolicy
    digest: str
    approvals: Sequence[RfoApproval]
    """Of the present words, by people who may still give them."""
    faults: Sequence[Fault]
    lost: Sequence[LostApproval] = ()
    """Approvals of the present words that do not count."""
    may_be_signed: bool = True
    """Whether the chosen signatory, if there is one, may still sign for the page."""

    @property
    def is_signed(self) -> bool:
        """Whether the present words are signed, by somebody who may still sign."""
        signed = bool(self.version.signed_digest) and self.version.signed_digest == self.digest
        return signed and self.may_be_signed

    @property
    def needs_signature(self) -> bool:
        """Whether somebody has to sign it."""
        return self.policy.needs_signature or self.version.signatory_id is not None

    @property
    def blocks(self) -> list[Fault]:
        """What must be mended."""
        return [each for each in self.faults if each.blocks]

    @property
    def warnings(self) -> list[Fault]:
        """What a person may let stand."""
        return [each for each in self.faults if not each.blocks]

    @property
    def groups(self) -> list[tuple[Fault, list[str]]]:
        """Faults that say the same and offer the same, with the places of each."""
        found: dict[tuple[str, tuple[str, ...]], tuple[Fault, list[str]]] = {}
        for fault in self.faults:
            same = (fault.message, tuple(mend.new for mend in fault.mends))
            place = f"{fault.place}, line {fault.line}" if fault.line else fault.place
            found.setdefault(same, (fault, []))[1].append(place)
        return list(found.values())

    @property
    def lacks(self) -> list[str]:
        """Why it cannot be published yet, as sentences."""
        found = []
        missing = self.policy.approvals - len(self.approvals)
        if missing > 0:
            who = (
                "somebody who did not write it" if missing == 1 else f"{missing} people who did not write it"
            )
            found.append(f"It has to be approved by {who}.")
        if self.needs_signature and self.version.signatory is None:
            found.append("Choose who signs it.")
        elif self.needs_signature and not self.may_be_signed:
            found.append(
                f"{self.version.signatory_name} may no longer sign for this page. Choose another signatory."
            )
        elif self.needs_signature and not self.is_signed:
            found.append(f"{self.version.signatory_name} has to sign it.")
        if self.version.rfo.incident.state.is_open:
            found.append("Resolve the incident first; its RFO follows.")
        if self.blocks:
            found.append(f"Mend what the checks found ({len(self.blocks)}).")
        return found


def standing_of(version: RfoVersion) -> Standing:
    """Read it anew."""
    digest, page, signatory = words_digest(version), version.rfo.page, version.signatory
    approvals = approvals_of(version, digest)
    return Standing(
        version,
        policy_of(page),
        digest,
        approvals.held,
        faults_of(version),
        approvals.lost,
        may_be_signed=signatory is None or may_still(signatory.user, page),
    )


@transaction.atomic
def ask_review(version: RfoVersion, *, by: Actor, at: datetime) -> None:
    """Say that a draft is ready to be read by others."""
    version = _locked(version)
    version.state = RfoState.IN_REVIEW.value
    version.save(update_fields=["state"])
    _note(version, "review asked for", by=by, at=at)


@transaction.atomic
def take_back(version: RfoVersion, *, by: Actor, at: datetime) -> None:
    """Go on writing; what was scheduled is not published."""
    version = _locked(version)
    version.state, version.publish_at = RfoState.DRAFT.value, None
    version.save(update_fields=["state", "publish_at"])
    _note(version, "taken back", by=by, at=at)


@transaction.atomic
def add_comment(version: RfoVersion, *, body: str, place: str = "", by: Actor, at: datetime) -> RfoComment:
    """A remark for the writers."""
    version = _locked(version)
    try:
        body = clean(body, limit=COMMENT_LIMIT)
    except UncleanText as error:
        raise Refused("comment", str(error)) from error
    if not body:
        raise Refused("comment", "Say what should be changed.")
    comment = RfoComment.objects.create(
        version=version, by=by.user, at=at, place=checked_line("place", place, limit=40), body=body
    )
    _note(version, "comment", by=by, at=at, place=comment.place)
    return comment


@transaction.atomic
def settle_comment(comment: RfoComment, *, by: Actor, at: datetime) -> None:
    """The remark has been dealt with."""
    version = _locked(comment.version)
    RfoComment.objects.filter(pk=comment.pk, settled_at=None).update(settled_at=at)
    _note(version, "comment settled", by=by, at=at)


@transaction.atomic
def approve(
    version: RfoVersion, *, digest: str, shown_at: datetime | None = None, by: Actor, at: datetime
) -> RfoApproval:
    """Find the words of that digest right. `shown_at` is when the person last showed a second factor, None for never.

    Raises Refused for a key, a writer and a factor that is not fresh, Conflict where the words are others now.
    """
    version = _locked(version)
    user = check_person(by, version.rfo.page, field="approval")
    if version.state != RfoState.IN_REVIEW:
        raise Refused("approval", "It is not in review. Ask for a review first.")
    if version.writers.filter(pk=user.pk).exists():
        raise Refused("approval", "You have written in it, so somebody else has to approve it.")
    check_factor(user, shown_at=shown_at, at=at)
    _same_words(version, digest)
    approval, _ = RfoApproval.objects.get_or_create(
        version=version, by=user, digest=digest, defaults={"at": at}
    )
    _note(version, "approved", by=by, at=at, digest=digest)
    return approval


@transaction.atomic
def sign(version: RfoVersion, *, digest: str, shown_at: datetime | None, by: Actor, at: datetime) -> None:
    """Sign the words of that digest. `shown_at` is when the signatory last showed a second factor, None for never."""
    version = _locked(version)
    signatory = version.signatory
    user = check_person(by, version.rfo.page, field="signature")
    if signatory is None or signatory.user_id != user.pk:
        raise Refused("signature", f"Only {version.signatory_name or 'the signatory'} may sign it.")
    if signatory.retired_at:
        raise Refused("signature", f"{signatory.name} signs no longer. Choose another signatory.")
    if not is_fresh(shown_at, at=at):
        raise Refused("factor", "Show your second factor again: a signature takes a fresh one.")
    _same_words(version, digest)
    version.signed_at, version.signed_digest = at, digest
    version.save(update_fields=["signed_at", "signed_digest"])
    _note(version, "signed", by=by, at=at, digest=digest)


@transaction.atomic
def release(
    version: RfoVersion,
    *,
    digest: str,
    accept: bool,
    by: Actor,
    at: datetime,
    notify: bool = True,
    hold: timedelta = NO_HOLD,
) -> IncidentUpdate:
    """Publish the words of that digest, if all has been done that the page asks for.

    `accept` lets warnings of the checks stand. Raises Refused saying what lacks, Conflict where the words are others.
    """
    version = _locked(version)
    standing = _ready(version, digest=digest, accept=accept)
    if not standing.is_signed:
        version.signed_at = None
        version.save(update_fields=["signed_at"])
    approvals = record_of(standing.approvals, required=standing.policy.approvals)
    return publish_rfo(version, by=by, at=at, notify=notify, hold=hold, approvals=approvals)


@transaction.atomic
def schedule(
    version: RfoVersion,
    *,
    digest: str,
    publish_at: datetime,
    accept: bool,
    notify: bool = True,
    by: Actor,
    at: datetime,
) -> None:
    """Have it published by itself at that instant, unless its words change before."""
    version = _locked(version)
    if not at < publish_at <= at + FURTHEST:
        raise Refused("publish_at", "Choose a time that is still to come, within a year.")
    _ready(version, digest=digest, accept=accept)
    version.publish_at, version.scheduled_digest = publish_at, digest
    version.scheduled_by, version.notify_then = by.user, notify
    version.save(update_fields=["publish_at", "scheduled_digest", "scheduled_by", "notify_then"])
    _note(version, "scheduled", by=by, at=at, publish_at=publish_at.isoformat())


def release_due(*, at: datetime) -> int:
    """Publish what was scheduled; how many. What has changed since is left to people, and they see why."""
    rows = RfoVersion.objects.filter(publish_at__lte=at, state__in=UNPUBLISHED)
    due = rows.select_related("rfo__page", "rfo__incident")
    return sum(each_row(SweepKind.RFO, due, partial(_release_scheduled, at=at), place=_place, at=at))


def _place(version: RfoVersion) -> Place:
    return Place(version.rfo.page_id, str(version), f"/console/incidents/{version.rfo.incident.code}/rfo")


def _release_scheduled(version: RfoVersion, *, at: datetime) -> bool:
    """Format it first if that is still to be done; a busy machine tries again at the next sweep. Raises Busy."""
    try:
        format_again(version)
    except Busy:
        raise
    except Refused as error:
        return _not_published(version, error, at=at)
    return _release_formatted(version, at=at)


@transaction.atomic
def _not_published(version: RfoVersion, error: Refused, *, at: datetime) -> bool:
    """Leave it to people, who see why."""
    RfoVersion.objects.filter(pk=version.pk, state__in=UNPUBLISHED).update(publish_at=None)
    _note(version, "not published as scheduled", by=CLOCK, at=at, why=str(error))
    return False


@transaction.atomic
def _release_formatted(version: RfoVersion, *, at: datetime) -> bool:
    """Publish it if, now that the page is locked, it is still due: another may have done it, or taken it back."""
    lock(version.rfo.page)
    due = RfoVersion.objects.filter(pk=version.pk, publish_at__lte=at, state__in=UNPUBLISHED)
    found = due.select_related("rfo__page", "rfo__incident", "scheduled_by").first()
    if found is None:
        return False
    person = found.scheduled_by
    by = Actor(person.get_username(), person) if person else CLOCK
    try:
        _check_scheduler(found)
        release(found, digest=found.scheduled_digest, accept=True, by=by, at=at, notify=found.notify_then)
    except Refused as error:
        return _not_published(found, error, at=at)
    return True


def _check_scheduler(version: RfoVersion) -> None:
    """Whoever scheduled it must still be somebody who may publish; a key of the installation needs nobody."""
    person = version.scheduled_by
    if person and not may_still(person, version.rfo.page):
        raise Refused("publish_at", f"{person} scheduled it, and may no longer publish RFOs of this page.")


def _ready(version: RfoVersion, *, digest: str, accept: bool) -> Standing:
    _same_words(version, digest)
    standing = standing_of(version)
    for reason in standing.lacks:
        raise Refused("state", reason)
    if standing.warnings and not accept:
        raise Refused(
            "accept",
            f"The checks warn of {len(standing.warnings)} things. Mend them, or say that they may stand.",
        )
    return standing


def _same_words(version: RfoVersion, digest: str) -> None:
    if digest != words_digest(version):
        raise Conflict("digest", "Its words have changed since you read them. Read them again.")


def _locked(version: RfoVersion) -> RfoVersion:
    lock(version.rfo.page)
    return open_version(version)


def _note(version: RfoVersion, what: str, *, by: Actor, at: datetime, **data: str) -> None:
    record(
        version.rfo.page,
        EventKind.RFO_REVIEWED,
        by=by,
        at=at,
        incident=version.rfo.incident,
        data={"rfo": str(version), "what": what, **data},
    )
