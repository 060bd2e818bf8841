"""Whether a request is from signed-in staff, asked of the database before its body is read and outside of Django.

The signed cookie of `staff_cookie` only keeps a place: it outlives the session, and the account.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.db import close_old_connections
from django.http import parse_cookie
from django.utils.crypto import constant_time_compare

from incidents.domain.body_limits import Sender
from incidents.domain.roles import Right
from incidents.models.staff import current_rights

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def sender_by_session(environ: "WSGIEnvironment") -> Sender:
    """Who sends a file to the console; the view asks again, and for the right on its page.

    Raises what the database raises.
    """
    try:
        user = _signed_in(parse_cookie(environ.get("HTTP_COOKIE", "")).get(settings.SESSION_COOKIE_NAME, ""))
        if user is None:
            return Sender.UNKNOWN
        # Whoever only looks on has nothing to send.
        return Sender.STAFF if current_rights(user).may_somewhere(Right.RESPOND) else Sender.NOT_ALLOWED
    finally:
        close_old_connections()


def _signed_in(session_key: str) -> User | None:
    """The active member of staff whose session it is.

    Django's `get_user` ends a session, or moves it to another key, where the answer could not carry the cookie.
    """
    if not session_key:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user_id = session.get(SESSION_KEY)
    user = User.objects.filter(pk=user_id, is_active=True, is_staff=True).first() if user_id else None
    if user is None:
        return None
    kept = session.get(HASH_SESSION_KEY, "")
    valid = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return user if any(constant_time_compare(kept, each) for each in valid) else None
