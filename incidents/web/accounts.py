"""allauth as staff meet it: nobody signs up, guessing locks out the guesser alone, secrets are sealed (DESIGN 13)."""

import base64
import logging
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.signals import user_logged_in
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import now

from incidents.domain.account_mails import AccountMailKind
from incidents.operations.account_mails import queue_account_mail
from incidents.operations.actors import staff
from incidents.operations.audit import note
from incidents.operations.credentials import LostKey, seal, unseal
from incidents.operations.staff import must_have_second_factor
from incidents.web.limits import caller

log = logging.getLogger(__name__)


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """allauth with its sign-up closed, and its limits counted by who calls."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  (allauth asks with the request)
        """Never: an account is made by an admin."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """A link back leads to the host that was asked, or to SITE_URL, and to no other page's host."""
        hosts = {self.request.get_host(), urlsplit(settings.SITE_URL).netloc}
        return url_has_allowed_host_and_scheme(url, allowed_hosts=hosts)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:  # noqa: ARG002  (allauth's shape)
        """Nothing: each mail of ours is a row first and counts against its mailbox (`operations.account_mails`)."""
        log.error("allauth wanted to send a mail of its own", extra={"template": template_prefix})

    def set_password(self, user: User, password: str) -> None:
        """A new password, in one step with the audit's line and the mail to its owner; first of all it is hashed, which
        takes long and holds up nobody."""
        is_first = not user.has_usable_password()
        user.set_password(password)
        with transaction.atomic():
            user.save(update_fields=["password"])
            note(
                "staff.password_changed",
                by=staff(user),
                at=now(),
                subject=f"person {user.get_username()}",
                data={"first": is_first},
            )
            if not is_first:
                facts = {"from": caller(self.request)}
                queue_account_mail(user, AccountMailKind.PASSWORD_CHANGED, facts=facts, at=now())

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:
        """Whoever has signed in just now is not asked again."""
        request = self.request
        records = get_authentication_records(request, request.user)
        newest: float = max((record["at"] for record in records), default=0.0)
        fresh = time.time() - newest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        return not fresh and bool(super().is_reauthentication_required(app=app))

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that limits count by, behind our own proxy too."""
        return caller(request) or "0.0.0.0"

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Wrong passwords lock an account for the address they came from, so that nobody can lock its owner out."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{caller(request)}"


class StaffMfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth carries no types
    """Second factors sealed with CREDENTIALS_KEY and bound to the site's own name, whatever host was asked for."""

    def encrypt(self, text: str) -> str:
        """As it is stored."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """As it is used. What another key sealed opens nothing: no code fits it, and an admin resets it."""
        try:
            return unseal(encrypted_text)
        except LostKey as error:
            log.error("a second factor cannot be read", extra={"error": str(error)})  # noqa: TRY400  (no fault of the code)
            return base64.b32encode(secrets.token_bytes(20)).decode("ascii")

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last one stays with whoever must have one: an admin can reset it."""
        own = Authenticator.objects.filter(user=authenticator.user)
        others = own.exclude(pk=authenticator.pk).exclude(type=Authenticator.Type.RECOVERY_CODES)
        return others.exists() or not must_have_second_factor(authenticator.user)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to SITE_URL."""
        return {"id": urlsplit(settings.SITE_URL).hostname or "localhost", "name": "Dialtone"}


@receiver(user_logged_in)
def note_sign_in(user: User, **_: Any) -> None:
    """Who came in is part of the audit."""
    note("staff.signed_in", by=staff(user), at=now(), subject=f"person {user.get_username()}")
