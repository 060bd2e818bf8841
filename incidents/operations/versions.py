"""A draft becomes a numbered version that never changes; all versions are taken back (DESIGN 12)."""

from base64 import b64encode
from datetime import datetime, timedelta
from secrets import token_urlsafe

from django.db import transaction

from incidents.domain.audiences import Audience
from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import EventKind
from incidents.domain.rfos import PUBLIC, ApprovalRecord, RfoKind, RfoState, checksum, facts, withheld_of
from incidents.domain.texts import BodyFormat
from incidents.models import IncidentUpdate, Look, Page, Rfo, RfoPolicy, RfoVersion
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.journal import NO_HOLD, lock, record
from incidents.operations.renderings import renderings_of
from incidents.operations.rfos import RenderedLetter, checked_letter, open_version, whole_of
from incidents.operations.updates import add_update


@transaction.atomic
def publish_rfo(
    version: RfoVersion,
    *,
    by: Actor,
    at: datetime,
    happened_at: datetime | None = None,
    notify: bool = True,
    mark_late: bool = True,
    hold: timedelta = NO_HOLD,
    approvals: ApprovalRecord | None = None,
) -> IncidentUpdate:
    """Publish a draft: from now on it is immutable, the incident is in postmortem, and subscribers are told.

    Nobody's approval is asked for here: `reviews.release` does so, and gives the `approvals` that it found. Without
    them, as of a version that comes from elsewhere, the version says nothing of approvals.
    """
    page = lock(version.rfo.page)
    version = open_version(version)
    incident = version.rfo.incident
    if incident.state.is_open:
        raise Refused("state", "Resolve the incident first; its RFO follows.")
    earlier = version.rfo.versions.filter(number__lt=version.number)
    before = earlier.exclude(sha256="").last()
    version.content = whole_of(version).as_json()
    version.salt = token_urlsafe(24)
    version.edition = token_urlsafe(24) if withheld_of(version.whole, version.salt) else ""
    version.letterhead = _letterhead(page)
    version.incident_title, version.page_name = incident.title, page.name
    version.approval_record = approvals.as_json() if approvals else None
    version.state = RfoState.PUBLISHED.value
    version.publish_at = None
    version.published_at = happened_at or at
    version.previous_sha256 = before.sha256 if before else ""
    version.sha256 = checksum(facts_of(version))
    version.save()
    earlier.filter(state=RfoState.PUBLISHED).update(state=RfoState.SUPERSEDED)
    return _tell(
        page,
        version,
        EventKind.RFO_REVISED if before else EventKind.RFO_PUBLISHED,
        by=by,
        at=at,
        happened_at=happened_at,
        notify=notify,
        mark_late=mark_late,
        hold=hold,
    )


def withdraw_rfo(
    rfo: Rfo,
    *,
    reason: str | RenderedLetter,
    by: Actor,
    at: datetime,
    notify: bool = True,
    hold: timedelta = NO_HOLD,
) -> IncidentUpdate:
    """Take back all that is published of an RFO; a last version, chained to them, says why. Raises Refused."""
    letter = reason if isinstance(reason, RenderedLetter) else checked_letter(reason)
    with transaction.atomic():
        page = lock(rfo.page)
        rfo = Rfo.objects.select_related("incident__page", "page").get(pk=rfo.pk)
        rows = rfo.versions.select_related("rfo__incident__page", "rfo__page")
        standing = rows.filter(state=RfoState.PUBLISHED).last()
        if standing is None or standing.kind == RfoKind.WITHDRAWN:
            raise Refused("state", "Nothing of this RFO is published.")
        if rows.filter(number__gt=standing.number).exists():
            raise Refused(
                "state", "A draft of the next version is being written. Publish it, or discard it, first."
            )
        version = RfoVersion(
            rfo=rfo,
            number=standing.number + 1,
            kind=RfoKind.WITHDRAWN.value,
            state=RfoState.PUBLISHED.value,
            body=letter.body,
            body_html=letter.html,
            change_summary="Withdrawn",
            incident_title=rfo.incident.title,
            page_name=page.name,
            author=by.user,
            created_at=at,
            published_at=at,
            previous_sha256=standing.sha256,
        )
        version.save()
        version.sha256 = checksum(facts_of(version))
        version.save(update_fields=["sha256"])
        rfo.versions.filter(state__in=PUBLIC, number__lt=version.number).update(state=RfoState.WITHDRAWN)
        return _tell(page, version, EventKind.RFO_WITHDRAWN, by=by, at=at, notify=notify, hold=hold)


def _letterhead(page: Page) -> dict[str, object]:
    """The head of the paper as it is now; a version that is out keeps its own."""
    policy, look = RfoPolicy.objects.filter(page=page).first(), Look.objects.filter(page=page).first()
    return {
        "lines": policy.letterhead.splitlines() if policy else [],
        "support": look.support if look else "",
        "logo": b64encode(bytes(look.logo)).decode() if look else "",
    }


def _tell(
    page: Page,
    version: RfoVersion,
    kind: EventKind,
    *,
    by: Actor,
    at: datetime,
    happened_at: datetime | None = None,
    notify: bool,
    mark_late: bool = True,
    hold: timedelta,
) -> IncidentUpdate:
    incident = version.rfo.incident
    update = add_update(
        incident,
        status=IncidentStatus.POSTMORTEM,
        body=version.body,
        body_format=BodyFormat.PLAIN,
        components={},
        by=by,
        at=at,
        happened_at=happened_at,
        notify=notify,
        mark_late=mark_late,
        rfo_version=version,
    )
    record(
        page,
        kind,
        by=by,
        at=at,
        incident=incident,
        update=update,
        data={
            "rfo": str(version),
            "sha256": version.sha256,
            "renderings": [each.digest for each in renderings_of(version)],
            **_approvals_of(version),
        },
        notify=notify,
        hold=hold,
    )
    return update


def _approvals_of(version: RfoVersion) -> dict[str, object]:
    """For the journal and the audit, which name people."""
    held = version.approvals_held
    return {"approvals": held.required, "approved_by": [name for name, _ in held.by]} if held else {}


def facts_of(version: RfoVersion) -> dict[str, object]:
    """What a published version's checksum covers."""
    assert version.published_at is not None  # noqa: S101  (a version is published at an instant)
    return facts(
        number=version.rfo.number,
        version=version.number,
        kind=version.kind,
        incident=version.rfo.incident.code,
        body=version.body,
        signatory=(version.signatory_name, version.signatory_title),
        change_summary=version.change_summary,
        published_at=version.published_at,
        attachments=[(each.name, each.sha256) for each in version.attachments.all()],
        previous=version.previous_sha256,
        content=version.whole.seen_by(Audience.PUBLIC).as_json(),
        withheld=withheld_of(version.whole, version.salt),
        signed_at=version.signed_at,
        approvals=version.public_approvals,
        title=version.incident_title,
        page=version.page_name,
    )
