"""The same request twice is carried out once: what was answered to an Idempotency-Key is kept for a day."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from incidents.models import ApiKey, Reply
from incidents.operations.credentials import LostKey, seal, unseal
from incidents.operations.errors import Refused

KEPT = timedelta(days=1)
NAME_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as far as it matters whether it is the same: who asks, under which Idempotency-Key, and for what."""

    key: ApiKey
    name: str
    digest: str


def asked(key: ApiKey, name: str, *, method: str, path: str, body: bytes) -> Asked:
    """Raises Refused for a name that is none."""
    if not name.isprintable() or len(name) > NAME_LIMIT:
        raise Refused("Idempotency-Key", f"Use up to {NAME_LIMIT} printable characters, such as a UUID.")
    digest = hashlib.sha256(f"{method} {path}\n".encode() + body).hexdigest()
    return Asked(key, name, digest)


def is_answered(what: Asked, *, at: datetime) -> bool:
    """Whether its name was used within the day, so that nothing has to be prepared; `reserve` decides."""
    return Reply.objects.filter(key=what.key, name=what.name, at__gte=at - KEPT).exists()


def reserve(what: Asked, *, at: datetime) -> Reply:
    """The row for the answer, inside the caller's transaction, which then carries the request out or not at all.

    It has a status where the request was answered before. A second request under way at the same time waits here for
    the first one's end. Raises Refused where the name was used for another request.
    """
    same = Reply.objects.filter(key=what.key, name=what.name)
    same.filter(at__lt=at - KEPT).delete()
    try:
        with transaction.atomic():
            return Reply.objects.create(key=what.key, name=what.name, digest=what.digest, at=at)
    except IntegrityError:
        reply = same.get()
    if reply.digest != what.digest:
        raise Refused(
            "Idempotency-Key", "This key was used for another request. Use a new one for each request."
        )
    return reply


def keep(reply: Reply, *, status: int, body: str) -> None:
    """Write down what is answered, in the transaction that does what it says."""
    reply.status, reply.body = status, seal(body) if body else ""
    reply.save(update_fields=["status", "body"])


def body_of(reply: Reply) -> str:
    """What was answered; it is kept encrypted, since it may hold a secret that is shown once. Raises Refused."""
    try:
        return unseal(reply.body)
    except LostKey as error:
        raise Refused(
            "Idempotency-Key", "Its answer can be read no longer. Look whether it was done."
        ) from error


def forget_replies(*, at: datetime) -> int:
    """Delete what nobody will ask for any more; how many."""
    return Reply.objects.filter(at__lt=at - KEPT).delete()[0]
