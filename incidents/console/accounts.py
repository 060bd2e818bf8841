"""Who may have an account: people are made by the admin, nobody signs up (DESIGN 13)."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """allauth with its sign-up closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  (allauth asks with the request)
        """Never: an account is made in `/admin/`."""
        return False
