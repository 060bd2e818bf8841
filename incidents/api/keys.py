"""Who asks: an API key, as `Authorization: OAuth`, `Bearer`, or `?api_key=`, and what it opens (DESIGN 13)."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from incidents.domain.field_rights import FieldClass, key_reads
from incidents.models import ApiKey
from incidents.models.keys import Scope
from incidents.operations.actors import Actor, script
from incidents.operations.keys import InactiveKey, key_of

WORDS = frozenset({"oauth", "bearer"})
MOST = "3600/min"
"""Sixty times what Statuspage allows; over it somebody's loop has gone wild."""
INACTIVE = (
    "Could not authenticate. This key is inactive: the person who created it no longer has the rights that it needs. "
    "Ask an admin of the page to create another key."
)
"""Said to whoever holds the secret, and to nobody who guesses."""


class KeyAuthentication(BaseAuthentication):
    """The key of a request; there is no other way in, least of all a session's cookie."""

    def authenticate(self, request: Request) -> tuple[None, ApiKey]:
        """Raises AuthenticationFailed where there is no valid key."""
        secret = _secret(request)
        if not secret:
            raise AuthenticationFailed(
                "Could not authenticate. Send the header 'Authorization: OAuth <key>'."
            )
        try:
            key = key_of(secret, at=datetime.now(UTC))
        except InactiveKey as error:
            raise AuthenticationFailed(INACTIVE) from error
        if key is None:
            raise AuthenticationFailed(
                "Could not authenticate. This key is unknown, expired or revoked; make another in the console."
            )
        return None, key

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002  (DRF's shape)
        """What a client should try."""
        return "OAuth"


class KeyThrottle(SimpleRateThrottle):
    """So many requests a minute of one key."""

    rate = MOST
    cache_format = "api:%(ident)s"

    def get_cache_key(self, request: Request, view: Any) -> str | None:  # noqa: ARG002  (DRF's shape)
        """Counted by key; who has none gets no further than a 401."""
        return self.cache_format % {"ident": request.auth.code} if isinstance(request.auth, ApiKey) else None


def _secret(request: Request) -> str:
    word, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
    if word.lower() in WORDS:
        return secret.strip()
    return _in_url(request) if not word else ""


def _in_url(request: Request) -> str:
    """The key of the address. Raises AuthenticationFailed where this installation takes none there."""
    secret = request.query_params.get("api_key", "")
    if secret and not settings.API_KEY_IN_URL:
        raise AuthenticationFailed(
            "Could not authenticate. A key in the address is not accepted, because proxies and browsers keep "
            "addresses. Send the header 'Authorization: OAuth <key>', or let the operator set API_KEY_IN_URL=true."
        )
    return secret


def has(key: ApiKey, *scopes: Scope) -> bool:
    """Whether a key opens one of the scopes now; `admin` opens everything."""
    return bool({*scopes, Scope.ADMIN} & key.opened)


def may_read(key: ApiKey, field: FieldClass) -> bool:
    """Whether a key is shown such a field now; a route that it opens may hold some that it is not."""
    return key_reads(key.opened, field)


def demand(key: ApiKey, *scopes: Scope) -> None:
    """Raises PermissionDenied naming what lacks."""
    if not has(key, *scopes):
        names = " or ".join(dict.fromkeys(each.value for each in (*scopes, Scope.ADMIN)))
        if {*scopes, Scope.ADMIN} & {Scope(each) for each in key.scopes}:
            raise PermissionDenied(
                f"This key no longer opens {names}: the person who created it no longer has that right. "
                "Ask an admin of the page to create another key."
            )
        raise PermissionDenied(f"This key lacks the scope {names}. Make one that has it in the console.")


def actor(key: ApiKey) -> Actor:
    """The key as the journal names it."""
    return script(key.name, key.made_by)
