"""Accounts in the admin: Django's permissions are given here, and nothing by which somebody could become another.

Somebody is added, and name, address, password and whether somebody may sign in are changed, in the console, which
audits it and tells the owner. allauth's own tables hold sessions, factors and addresses, and are opened to nobody.
"""

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now

from incidents.admin.set_up import actor, never
from incidents.operations.actors import Actor
from incidents.operations.audit import note
from incidents.operations.errors import Refused
from incidents.operations.staff import check_permissions, end_access

if TYPE_CHECKING:
    BaseAdmin = UserAdmin[User]
    BaseForm = UserChangeForm[User]
else:
    BaseAdmin, BaseForm = UserAdmin, UserChangeForm

for _model in (EmailAddress, Authenticator, UserSession, User):
    admin.site.unregister(_model)


KEPT = ("username", "email", "is_active", "last_login", "date_joined")
"""What is shown of an account and changed elsewhere."""


class PermissionsForm(BaseForm):
    """The permissions of an account, under the rules that the console has for roles."""

    by: Actor

    def clean(self) -> dict[str, Any]:
        """Refuses a change of one's own account, and of the last admin of every page. The admin checks and saves in
        one transaction."""
        wanted = super().clean() or self.cleaned_data
        if not self.changed_data:
            return wanted
        try:
            check_permissions(
                self.instance,
                is_staff=wanted.get("is_staff", self.instance.is_staff),
                is_superuser=wanted.get("is_superuser", self.instance.is_superuser),
                by=self.by,
            )
        except Refused as error:
            self.add_error(None, str(error))
        return wanted


@admin.register(User)
class PersonAdmin(BaseAdmin):
    """One account and its permissions."""

    actions = None
    form = PermissionsForm
    fieldsets = (
        (None, {"fields": KEPT}),
        ("Permissions", {"fields": ("is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    readonly_fields = KEPT
    has_add_permission = has_delete_permission = never

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """The form, which knows who asks."""
        form: Any = super().get_form(request, obj, change=change, **options)
        form.by = actor(request)
        return form

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002, ARG002
        """Nobody chooses a password for somebody else: the console mails a link."""
        raise PermissionDenied

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ARG002  (Django's shape)
        """Audited, in the admin's transaction; keys of somebody who is staff no more end with that.

        Only the permissions are written, since the console may have changed other columns of the row meanwhile.
        """
        obj.save(update_fields=["is_staff", "is_superuser"])
        obj.refresh_from_db()
        data = {"changed": sorted(form.changed_data)}
        note(
            "staff.permissions",
            by=actor(request),
            at=now(),
            subject=f"person {obj.get_username()}",
            data=data,
        )
        if not (obj.is_active and obj.is_staff):
            end_access(obj, by=actor(request), at=now())
