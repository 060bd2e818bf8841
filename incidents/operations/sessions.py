"""Sessions of staff: ended with the account, and forgotten once they are over.

The address and the browser of a session that is over are personal data that nothing needs any more.
"""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session

KEPT_SESSIONS = timedelta(days=1)
"""Longer than a session lasts, so that one that has just begun is never taken for one that ended."""


def forget_sessions(*, at: datetime) -> int:
    """Delete sessions that ended over KEPT_SESSIONS ago, with the address and the browser they came from; how many."""
    gone = Session.objects.filter(expire_date__lt=at - KEPT_SESSIONS).delete()[0]
    living = Session.objects.values("session_key")
    ended = UserSession.objects.filter(created_at__lt=at - KEPT_SESSIONS).exclude(session_key__in=living)
    return gone + int(ended.delete()[0])


def end_sessions_of(user: User) -> None:
    """Sign a person out on every device, for good; call it in the transaction that ends the access.

    An account that may not sign in opens nothing, but a session that is left would open the console again once the
    account is activated: to whoever holds its cookie.
    """
    own = UserSession.objects.filter(user=user)
    Session.objects.filter(session_key__in=own.values("session_key")).delete()
    own.delete()
