"""The one way in by password: the same work for every name and address, known or not."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest

from incidents.operations.staff_lookup import person_by_login


class StaffBackend(ModelBackend):
    """Signs in by name or mail address with exactly one run of the password hasher, whatever is true of the account.

    Two backends after one another hash once each, and for a known address once more: a stopwatch would tell who is
    staff.
    """

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002  (Django's shape)
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        """The user whose password this is, if the account is active; else None."""
        login = (username or credentials.get("email") or "").strip()
        if not password or not login:
            return None
        user = person_by_login(login)
        if user is None:
            User().set_password(password)
            return None
        is_right = user.check_password(password)  # an unusable password costs one run as well
        return user if is_right and self.user_can_authenticate(user) else None
