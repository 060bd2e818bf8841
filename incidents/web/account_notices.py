"""What an owner learns by mail about his second factors, and the audit with it; and sessions that get a new key.

Written in the transaction that adds or removes the factor. What an admin or the shell does is audited by its own
operation (`operations.staff`).
"""

from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_used
from allauth.usersessions.models import UserSession
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest
from django.utils.timezone import now

from incidents.domain.account_mails import AccountMailKind
from incidents.operations.account_mails import queue_account_mail
from incidents.operations.actors import staff
from incidents.operations.audit import note
from incidents.operations.second_factors import note_network
from incidents.web.limits import caller

FACTORS = {
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.WEBAUTHN: "passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}


def listen() -> None:
    """Notice every change of a factor; twice is harmless."""
    names = "incidents.web.account_notices"
    post_save.connect(factor_saved, sender=Authenticator, dispatch_uid=names)
    post_delete.connect(factor_deleted, sender=Authenticator, dispatch_uid=names)
    authenticator_used.connect(factor_shown, dispatch_uid=names)
    authenticator_added.connect(factor_shown, dispatch_uid=names)


def factor_saved(instance: Authenticator, created: bool, **_: Any) -> None:
    """A new factor, or new recovery codes."""
    if created and _is_owners(instance):
        codes = instance.type == Authenticator.Type.RECOVERY_CODES
        kind = AccountMailKind.RECOVERY_CODES if codes else AccountMailKind.FACTOR_ADDED
        _tell(instance, kind, "staff.second_factor_added")


def factor_deleted(instance: Authenticator, **_: Any) -> None:
    """A factor less. Recovery codes go when new ones are made, and with the last factor."""
    if _is_owners(instance) and instance.type != Authenticator.Type.RECOVERY_CODES:
        _tell(instance, AccountMailKind.FACTOR_REMOVED, "staff.second_factor_removed")


def factor_shown(request: HttpRequest, user: Any, **_: Any) -> None:
    """The network is its owner's from now on. A session that goes on gets another key: it is worth more than before."""
    note_network(user, caller(request), at=now())
    if request.user.is_authenticated:
        before = request.session.session_key
        request.session.cycle_key()
        UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def _is_owners(factor: Authenticator) -> bool:
    """Whether its owner's own session does this."""
    request = context.request
    return request is not None and request.user.pk == factor.user_id


def _tell(factor: Authenticator, kind: AccountMailKind, what: str) -> None:
    at, name = now(), FACTORS[Authenticator.Type(factor.type)]
    facts = {"factor": name, "from": caller(context.request)}
    queue_account_mail(factor.user, kind, facts=facts, at=at)
    subject = f"person {factor.user.get_username()}"
    note(what, by=staff(factor.user), at=at, subject=subject, data={"factor": name})
