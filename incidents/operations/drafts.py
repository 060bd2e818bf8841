"""What staff have typed and not sent; and who is at an incident. Nothing of it is public, none of it is journaled."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from incidents.models import Draft, Incident, Presence

KEPT = timedelta(days=14)
"""A draft that nobody has touched for so long is forgotten."""
LIMIT = 256 * 1024
"""Characters of one draft."""


def save_draft(user: User, *, place: str, fields: Mapping[str, list[str]], at: datetime) -> bool:
    """Keep a form as it stands; False for one that is larger than any form of ours."""
    if sum(len(name) + sum(map(len, values)) for name, values in fields.items()) > LIMIT:
        return False
    Draft.objects.update_or_create(user=user, place=place, defaults={"fields": dict(fields), "saved_at": at})
    return True


def drop_draft(user: User, *, place: str) -> None:
    """It was sent, or thrown away."""
    Draft.objects.filter(user=user, place=place).delete()


def forget_drafts(*, at: datetime) -> int:
    """Delete old drafts and presences; how many drafts."""
    Presence.objects.filter(seen_at__lt=at - KEPT).delete()
    return Draft.objects.filter(saved_at__lt=at - KEPT).delete()[0]


def note_presence(user: User, incident: Incident, *, is_writing: bool, at: datetime) -> None:
    """Somebody looks at an incident, or writes."""
    wrote = {"wrote_at": at} if is_writing else {}
    Presence.objects.update_or_create(user=user, incident=incident, defaults={"seen_at": at, **wrote})
