"""Limits that hold across all processes and hosts, since they are counted in the database.

A name is kept as a keyed digest: nobody reads out of the table who was mailed or who signed in.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from incidents.channels.addresses import mailbox_key
from incidents.models import Quota


@dataclass(frozen=True, slots=True)
class Limit:
    """So many uses in any span of this length."""

    name: str
    uses: int
    span: timedelta


MAILBOX = Limit("mail that strangers cause", 3, timedelta(hours=24))
"""To one mailbox, whatever was asked for it: to subscribe, the same once more, or a link to choose a password."""


def mailbox_of(address: str) -> str:
    """Whose mailbox it is: `Name+anything@Example.com` is that of `name@example.com`."""
    local, _, domain = mailbox_key(address).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def digest_of(purpose: str, name: str) -> str:
    """A name as the tables keep it: 64 hexadecimal digits that only SECRET_KEY leads to."""
    return salted_hmac(f"incidents.quotas {purpose}", name, algorithm="sha256").hexdigest()


@transaction.atomic
def take(limit: Limit, name: str, *, at: datetime) -> bool:
    """Count one use, and say whether it is within the limit; a use beyond it is not counted.

    The row stays locked until the caller's transaction ends, so that of many at once no more than the limit allows get
    through.
    """
    row = _locked(limit, name, at=at)
    used = _recent(row, limit, at=at)
    if len(used) >= limit.uses:
        return False
    row.used_at = [*used, at.timestamp()]
    row.forget_at = at + limit.span
    row.save(update_fields=["used_at", "forget_at"])
    return True


@transaction.atomic
def give_back(limit: Limit, name: str, *, at: datetime) -> None:
    """Do not count the newest use: it turned out to be none of those that are limited."""
    row = _locked(limit, name, at=at)
    row.used_at = _recent(row, limit, at=at)[:-1]
    row.save(update_fields=["used_at"])


def clear(limit: Limit, name: str) -> None:
    """Begin from nothing."""
    Quota.objects.filter(digest=digest_of(limit.name, name)).delete()


def purge_quotas(*, at: datetime) -> int:
    """Delete rows of which no use counts any more; how many."""
    return Quota.objects.filter(forget_at__lt=at).delete()[0]


def _locked(limit: Limit, name: str, *, at: datetime) -> Quota:
    digest = digest_of(limit.name, name)
    while True:
        Quota.objects.get_or_create(digest=digest, defaults={"forget_at": at + limit.span})
        if row := Quota.objects.select_for_update().filter(digest=digest).first():
            return row  # else it was purged between the two lines


def _recent(row: Quota, limit: Limit, *, at: datetime) -> list[float]:
    since = (at - limit.span).astimezone(UTC).timestamp()
    until = at.timestamp() + limit.span.total_seconds()  # further ahead: used before the clock was set back
    return sorted(float(each) for each in row.used_at if since < float(each) <= until)
