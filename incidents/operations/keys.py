"""Making, showing once and revoking API keys; a key is worth at most what its creator is worth at that moment."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet

from incidents.domain.roles import Right
from incidents.models import ApiKey, Page
from incidents.models.keys import Scope
from incidents.models.staff import current_rights
from incidents.operations.actors import Actor
from incidents.operations.audit import note
from incidents.operations.components import checked_name
from incidents.operations.errors import Refused

PREFIX = "dt_"
SHOWN = len(PREFIX) + 6
USED_EVERY = timedelta(minutes=1)
LIFETIME = timedelta(days=365)
"""Of a key of which nothing else was said."""


class InactiveKey(Exception):
    """The secret is right, but the key's creator has lost every right that its scopes need."""


@transaction.atomic
def make_key(
    *,
    name: str,
    page: Page | None,
    scopes: Collection[Scope],
    expires_at: datetime | None = None,
    never_expires: bool = False,
    by: Actor,
    at: datetime,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which nobody can read again; without `expires_at` it is valid for a year.

    Raises Refused, also for a person who may not set the page up.
    """
    if not scopes:
        raise Refused("scopes", "Choose what the key is for.")
    expires_at = None if never_expires else expires_at or at + LIFETIME
    if expires_at is not None and expires_at <= at:
        raise Refused("expires_at", "This lies in the past. Choose a later day.")
    if by.user:
        _check_creator(by.user, page)
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


def _check_creator(user: User, page: Page | None) -> None:
    """Locks the account, so that a deactivation at the same time ends this key or keeps it from being made."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if not current_rights(user).may(Right.SET_UP, page):
        raise Refused("of", "Creating a key takes the role admin on its page; for every page, on every page.")


@transaction.atomic
def revoke_key(key: ApiKey, *, by: Actor, at: datetime) -> None:
    """End a key at once; a second tap changes nothing."""
    key = ApiKey.objects.select_for_update(of=("self",)).select_related("page").get(pk=key.pk)
    if key.revoked_at is None:
        key.revoked_at = at
        key.save(update_fields=["revoked_at"])
        note("key.revoked", by=by, at=at, subject=f"key {key.code}", data=_facts(key), page=key.page)


def keys_to_revoke(user: User, *, at: datetime) -> "QuerySet[ApiKey]":
    """The keys that somebody made and that have not ended: those that end with the account."""
    running = Q(expires_at=None) | Q(expires_at__gt=at)
    mine = ApiKey.objects.filter(running, made_by=user, revoked_at=None).select_related("page")
    # By page, since each is audited in its page's chain and other work takes these locks in that order.
    return mine.order_by(F("page").asc(nulls_first=True), "pk")


@transaction.atomic
def revoke_keys_of(user: User, *, by: Actor, at: datetime) -> int:
    """End all keys of a person, each with a line in the audit; how many."""
    keys = list(keys_to_revoke(user, at=at))
    for key in keys:
        revoke_key(key, by=by, at=at)
    return len(keys)


def digest_of(secret: str) -> str:
    """What is kept of a secret: it has 256 bits, so that a plain digest cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def key_of(secret: str, *, at: datetime) -> ApiKey | None:
    """The valid key of a secret; that it was used is noted once a minute. Raises InactiveKey."""
    key = ApiKey.objects.select_related("page", "made_by").filter(digest=digest_of(secret)).first()
    if key is None or key.state(at) != "valid":
        return None
    if not key.opened:
        raise InactiveKey
    if key.last_used_at is None or at - key.last_used_at >= USED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)
    return key


def _facts(key: ApiKey) -> dict[str, object]:
    return {"name": key.name, "shown": key.shown, "scopes": key.scopes}
