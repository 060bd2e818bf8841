"""Who may read which class of field: the one table that screens, exports and the API ask.

A route says whom it serves; this table says which of its fields they see. The help page on staff prints the same rows,
and `tests/fields/test_canaries.py` compares both with what every role and every scope is really shown.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from incidents.domain.roles import Right, Role, needed_for
from incidents.domain.scopes import Scope


class FieldClass(StrEnum):
    """Values that are not for everybody who may open the screen or call the route they belong to."""

    RFO_DRAFT = "RFO and postmortem drafts: text, review comments, actions"
    RFO_CUSTOMERS = "parts of an RFO that are for customers"
    RFO_INTERNAL = "internal parts of an RFO"
    RFO_ATTACHMENT = "documents attached to an RFO draft"
    UNSENT_TEXT = "text that somebody has typed and not posted"
    SUBSCRIBER_ADDRESS = "e-mail addresses of subscribers"
    ENDPOINT_URL = "webhook and chat URLs of subscribers"
    ALERT_ADDRESS = "addresses and URLs where staff are alerted, and their answers"
    DELIVERY_ANSWER = "what a receiver answered"
    PROBE_TRACE = "traces of probes"
    SECRET = "passwords, keys, signing secrets and links that prove their holder"  # noqa: S105  (a name, no secret)


@dataclass(frozen=True, slots=True)
class Reading:
    """The least right on the page, and the scopes of which a key needs one; None and no scope: nobody else."""

    right: Right | None
    scopes: frozenset[Scope]


_PUBLISHERS = Reading(Right.PUBLISH, frozenset({Scope.SUBSCRIBERS}))
_WRITERS = Reading(Right.RESPOND, frozenset({Scope.RFO}))
_NOBODY = Reading(None, frozenset())
READINGS: Mapping[FieldClass, Reading] = MappingProxyType(
    {
        FieldClass.RFO_DRAFT: _WRITERS,
        FieldClass.RFO_CUSTOMERS: _WRITERS,
        FieldClass.RFO_INTERNAL: _WRITERS,
        FieldClass.RFO_ATTACHMENT: _WRITERS,
        FieldClass.UNSENT_TEXT: _NOBODY,
        FieldClass.SUBSCRIBER_ADDRESS: _PUBLISHERS,
        FieldClass.ENDPOINT_URL: _PUBLISHERS,
        FieldClass.ALERT_ADDRESS: Reading(Right.SET_UP, frozenset({Scope.ADMIN})),
        # A mail server quotes the address that it refuses, so its answer is as private as the address.
        FieldClass.DELIVERY_ANSWER: _PUBLISHERS,
        FieldClass.PROBE_TRACE: Reading(Right.RESPOND, frozenset({Scope.INCIDENTS})),
        FieldClass.SECRET: _NOBODY,
    }
)


def right_to(field: FieldClass) -> Right:
    """The right that reading takes. Raises ValueError for what nobody else reads."""
    right = READINGS[field].right
    if right is None:
        raise ValueError(f"Nobody may read {field}.")
    return right


def scopes_to(field: FieldClass) -> tuple[Scope, ...]:
    """The scopes of which a key needs one, in their own order; `admin`, which opens everything, is not listed."""
    return tuple(scope for scope in Scope if scope in READINGS[field].scopes)


def role_reads(role: Role | None, field: FieldClass) -> bool:
    """Whether a role on the page is shown such a field."""
    right = READINGS[field].right
    return role is not None and right is not None and role.may(right)


def key_reads(scopes: Collection[Scope], field: FieldClass) -> bool:
    """Whether a key with these scopes is shown such a field."""
    allowed = READINGS[field].scopes
    return bool(allowed) and bool({*allowed, Scope.ADMIN} & {*scopes})


def least_role(field: FieldClass) -> Role | None:
    """The lowest role that is shown such a field; None where no role is."""
    right = READINGS[field].right
    return needed_for(right) if right else None
