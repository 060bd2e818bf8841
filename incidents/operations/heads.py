"""Publishing the heads of the audit: what is written down of it, and what contradicts an earlier publication."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower

from incidents.domain.audit import seal
from incidents.domain.codes import new_code
from incidents.domain.published import HeadFacts, Publication, Published, VersionFacts
from incidents.domain.roles import Role
from incidents.formatting.head_words import daily_words
from incidents.models import (
    AuditHead,
    AuditLine,
    HeadMail,
    HeadPublication,
    Membership,
    Page,
    RfoVersion,
    Suppression,
)
from incidents.operations.actors import CLOCK, SHELL
from incidents.operations.audit import lock_chain, note

KEPT_PUBLICATIONS = timedelta(days=400)


def published_versions(page: Page | None = None) -> list[VersionFacts]:
    """Every published RFO version of a page, or of all, as the database has it now."""
    rows = RfoVersion.objects.exclude(published_at=None).exclude(sha256="")
    rows = rows.filter(rfo__page=page) if page else rows
    facts = rows.order_by("rfo__page", "rfo", "number")
    return [
        VersionFacts(*each)
        for each in facts.values_list("rfo__page__code", "rfo__number", "number", "sha256")
    ]


def digest_of(versions: Iterable[VersionFacts]) -> str:
    """SHA-256 over all their checksums, sorted, one a line."""
    return hashlib.sha256("".join(f"{each}\n" for each in sorted(map(str, versions))).encode()).hexdigest()


def current_heads() -> list[HeadFacts]:
    """Where every chain ends now, the installation's first."""
    rows = AuditHead.objects.exclude(number=0).order_by("chain")
    return [HeadFacts(*each) for each in rows.values_list("chain", "number", "digest")]


def is_due(*, at: datetime) -> bool:
    """Whether today's publication is missing, or an RFO was published since the last one."""
    if not HeadPublication.objects.filter(day=at.astimezone(UTC).date()).exists():
        return True
    newest = HeadPublication.objects.last()
    count = RfoVersion.objects.exclude(published_at=None).exclude(sha256="").count()
    return newest is None or newest.versions != count


def publish_heads(
    published: Published, *, addresses: Sequence[str] = (), at: datetime, after_restore: bool = False
) -> HeadPublication | None:
    """Write down where every chain ends and what is published, with a mail to each admin once a day; None where
    nothing is due.

    `published` is what lies outside of the database, at those `addresses`. Where the database contradicts it, the row
    says how and its documents are not published, unless somebody says that a backup was restored.
    """
    if not after_restore and not is_due(at=at):
        return None
    with transaction.atomic():
        lock_chain("")
        if not after_restore and not is_due(at=at):
            return None
        return _publish(published, addresses, at=at, after_restore=after_restore)


def _publish(
    published: Published, addresses: Sequence[str], *, at: datetime, after_restore: bool
) -> HeadPublication:
    faults = [*contradictions(published)]
    versions = published_versions()
    row = HeadPublication(code=new_code(), at=at, versions=len(versions), versions_sha256=digest_of(versions))
    kind = "heads.published_after_restore" if after_restore else "heads.published"
    data = {"versions": row.versions, "versions_sha256": row.versions_sha256, "contradictions": faults}
    note(kind, by=SHELL if after_restore else CLOCK, at=at, subject=f"publication {row.code}", data=data)
    heads = current_heads()
    row.heads = [str(each) for each in heads]
    row.faults = [] if after_restore else faults
    today = at.astimezone(UTC).date()
    if not HeadPublication.objects.filter(day=today).exists():
        row.day = today
        row.text = daily_words(_named(heads), versions, row.faults, at=at, addresses=addresses)
    row.save()
    if row.day:
        HeadMail.objects.bulk_create(
            [HeadMail(publication=row, address=address, due_at=at) for address in admin_addresses()]
        )
    return row


def _named(heads: Collection[HeadFacts]) -> list[tuple[str, HeadFacts]]:
    names = {"": "The installation"} | dict(Page.objects.values_list("code", "name"))
    return [(names.get(each.chain, "A page that is gone"), each) for each in heads]


def admin_addresses() -> list[str]:
    """Active staff who are admins of every page and whom mail reaches."""
    everywhere = Membership.objects.filter(page=None, role=Role.ADMIN).values("user")
    found = User.objects.filter(Q(is_superuser=True) | Q(pk__in=everywhere), is_active=True, is_staff=True)
    lowered = found.exclude(email="").annotate(lowered=Lower("email"))
    reached = lowered.exclude(lowered__in=Suppression.objects.values("address"))
    return sorted(set(reached.values_list("lowered", flat=True)))


def contradictions(published: Published) -> Iterator[str]:
    """How the database contradicts what was published: a quick look, which reads no chain from end to end."""
    heads = {row.chain: row for row in AuditHead.objects.all()}
    names = {"": "installation"} | dict(Page.objects.values_list("code", "name"))
    for head in heads.values():
        keys = (settings.AUDIT_KEY, *settings.AUDIT_KEY_PREVIOUS)
        if head.seal not in {seal(key, head.chain, head.number, head.digest) for key in keys}:
            yield f"{names.get(head.chain, head.chain)}: the head of the audit was changed"
    for chain, known in published.heads().items():
        yield from _of_chain(chain, names.get(chain, f"page {chain}"), known, heads.get(chain))
    yield from _of_versions(published)


def _of_chain(
    chain: str, name: str, known: Mapping[int, tuple[str, Publication]], head: AuditHead | None
) -> Iterator[str]:
    count = head.number if head else 0
    if max(known) > count:
        yield f"{name}: the audit has {count} lines, and {max(known)} were published"
    lines = dict(AuditLine.objects.filter(chain=chain, number__in=known).values_list("number", "digest"))
    for number, (digest, _) in known.items():
        if number <= count and lines.get(number) != digest:
            yield f"{name}: line {number} of the audit is not the one whose head was published"


def _of_versions(published: Published) -> Iterator[str]:
    here = {(each.page, each.rfo, each.version): each.sha256 for each in published_versions()}
    for (page, rfo), versions in published.versions().items():
        for number, sha256 in versions.items():
            found = here.get((page, rfo, number))
            if found is None:
                yield f"{rfo} v{number} of page {page} was published and is missing"
            elif found != sha256:
                yield f"{rfo} v{number} of page {page} has another checksum than was published"


def purge_publications(*, at: datetime) -> int:
    """Delete what was published long ago, with its mails; how many rows. The newest one stays."""
    newest = HeadPublication.objects.last()
    old = HeadPublication.objects.filter(at__lt=at - KEPT_PUBLICATIONS)
    return old.exclude(pk=newest.pk).delete()[0] if newest else 0
