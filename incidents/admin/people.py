"""Accounts in the admin: Django's permissions are given here, and nothing by which somebody could become another.

Name, address, password and whether somebody may sign in are changed in the console, which audits it and tells the
owner. allauth's own tables hold sessions, factors and addresses, and are opened to nobody.
"""

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now

from incidents.admin.set_up import actor, never
from incidents.operations.audit import note
from incidents.operations.staff import end_access

if TYPE_CHECKING:
    BaseAdmin = UserAdmin[User]
else:
    BaseAdmin = UserAdmin

for _model in (EmailAddress, Authenticator, UserSession, User):
    admin.site.unregister(_model)


@admin.register(User)
class PersonAdmin(BaseAdmin):
    """One account and its permissions."""

    actions = None
    fieldsets = (
        (None, {"fields": ("username", "email", "is_active", "last_login", "date_joined")}),
        ("Permissions", {"fields": ("is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    has_delete_permission = never

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002  (Django's shape)
        """Of an account that exists, all but its permissions."""
        kept = ("username", "email", "is_active", "last_login", "date_joined")
        return kept if obj else ()

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002, ARG002
        """Nobody chooses a password for somebody else: the console mails a link."""
        raise PermissionDenied

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Audited, in the admin's transaction; keys of somebody who is staff no more end with that."""
        super().save_model(request, obj, form, change)
        what = "staff.permissions" if change else "staff.added"
        data = {"changed": sorted(form.changed_data)} if change else {}
        note(what, by=actor(request), at=now(), subject=f"person {obj.get_username()}", data=data)
        if change and not (obj.is_active and obj.is_staff):
            end_access(obj, by=actor(request), at=now())
