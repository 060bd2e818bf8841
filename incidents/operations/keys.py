"""Making, showing once and revoking API keys."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from incidents.models import ApiKey, Page
from incidents.models.keys import Scope
from incidents.operations.actors import Actor
from incidents.operations.audit import note
from incidents.operations.components import checked_name
from incidents.operations.errors import Refused

PREFIX = "dt_"
SHOWN = len(PREFIX) + 6
USED_EVERY = timedelta(minutes=1)


@transaction.atomic
def make_key(
    *,
    name: str,
    page: Page | None,
    scopes: Collection[Scope],
    expires_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which nobody can read again. Raises Refused."""
    if not scopes:
        raise Refused("scopes", "Choose what the key is for.")
    if expires_at is not None and expires_at <= at:
        raise Refused("expires_at", "This lies in the past. Choose a later day, or none.")
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        page=page,
        name=checked_name("name", name),
        shown=secret[:SHOWN],
        digest=digest_of(secret),
        scopes=[scope.value for scope in Scope if scope in scopes],
        made_by=by.user,
        made_at=at,
        expires_at=expires_at,
    )
    note("key.made", by=by, at=at, subject=f"key {key.code}", data=_facts(key), page=page)
    return key, secret


@transaction.atomic
def revoke_key(key: ApiKey, *, by: Actor, at: datetime) -> None:
    """End a key at once; a second tap changes nothing."""
    key = ApiKey.objects.select_for_update().select_related("page").get(pk=key.pk)
    if key.revoked_at is None:
        key.revoked_at = at
        key.save(update_fields=["revoked_at"])
        note("key.revoked", by=by, at=at, subject=f"key {key.code}", data=_facts(key), page=key.page)


def digest_of(secret: str) -> str:
    """What is kept of a secret: it has 256 bits, so that a plain digest cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def key_of(secret: str, *, at: datetime) -> ApiKey | None:
    """The valid key of a secret; that it was used is noted once a minute."""
    key = ApiKey.objects.select_related("page", "made_by").filter(digest=digest_of(secret)).first()
    if key is None or key.state(at) != "valid":
        return None
    if key.last_used_at is None or at - key.last_used_at >= USED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)
    return key


def _facts(key: ApiKey) -> dict[str, object]:
    return {"name": key.name, "shown": key.shown, "scopes": key.scopes}
