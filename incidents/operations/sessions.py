"""Ended sessions of staff: their address and browser are personal data that nothing needs any more."""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

KEPT_SESSIONS = timedelta(days=1)
"""Longer than a session lasts, so that one that has just begun is never taken for one that ended."""


def forget_sessions(*, at: datetime) -> int:
    """Delete sessions that ended over KEPT_SESSIONS ago, with the address and the browser they came from; how many."""
    gone = Session.objects.filter(expire_date__lt=at - KEPT_SESSIONS).delete()[0]
    living = Session.objects.values("session_key")
    ended = UserSession.objects.filter(created_at__lt=at - KEPT_SESSIONS).exclude(session_key__in=living)
    return gone + int(ended.delete()[0])
