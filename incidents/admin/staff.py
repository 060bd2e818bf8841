"""Accounts in Django's own tables: a deactivation there ends what one in the console ends."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import admin as auth
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.timezone import now

from incidents.admin.set_up import actor
from incidents.operations.staff import end_access

if TYPE_CHECKING:
    UserAdmin = auth.UserAdmin[User]
else:
    UserAdmin = auth.UserAdmin

admin.site.unregister(User)


@admin.register(User)
class StaffAdmin(UserAdmin):
    """Keys of somebody who cannot sign in do not wait for the account to be activated again."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write, and revoke the person's API keys where the account is no longer that of active staff."""
        super().save_model(request, obj, form, change)
        if change and not (obj.is_active and obj.is_staff):
            end_access(obj, by=actor(request), at=now())
