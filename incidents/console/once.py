"""A double tap posts once, whichever process each tap reaches.

Each form carries a signed key that says when it was handed out. Under the page's lock a post looks for the same words
by the same person since that instant: the statement itself is the memory, so no cache can forget it.
"""

from datetime import datetime

from django.contrib.auth.models import User
from django.core import signing
from django.db.models import QuerySet

from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import EventKind
from incidents.models import Component, Event, Incident, IncidentUpdate, Page, Probe

_SALT = "incidents.console.once"


def new_key(*, at: datetime) -> str:
    """The key of a form handed out at `at`."""
    return signing.dumps(at.isoformat(), salt=_SALT)


def issued_at(key: str) -> datetime:
    """When the form was handed out. Raises signing.BadSignature for a key that we did not make."""
    return datetime.fromisoformat(signing.loads(key, salt=_SALT))


def posted_update(
    incident: Incident, *, by: User, since: datetime, status: IncidentStatus, body: str
) -> IncidentUpdate | None:
    """The same statement, if `by` has made it about this incident since the form was handed out."""
    return _same_words(by, since, body).filter(incident=incident, status=status).last()


def was_said(key: str, *, by: User, body: str) -> bool:
    """Whether `by` has made a statement of these words since the form with this key was handed out."""
    try:
        since = issued_at(key)
    except signing.BadSignature:
        return False
    return _same_words(by, since, body.replace("\r\n", "\n").strip()).exists()


def posted_incident(page: Page, *, by: User, since: datetime, title: str, body: str) -> Incident | None:
    """The incident that `by` has opened on the page with these words since the form was handed out."""
    opened = _same_words(by, since, body).filter(
        incident__page=page, incident__title=" ".join(title.split()), incident__created_at__gte=since
    )
    update = opened.select_related("incident").first()
    return update.incident if update else None


def made_probe(component: Component, *, by: User, since: datetime, name: str, kind: str) -> Probe | None:
    """The probe that `by` has added to the component under this name since the form was handed out."""
    name = " ".join(name.split())
    made = Event.objects.filter(
        page=component.page, kind=EventKind.PROBE_CHANGED, user=by, at__gte=since, data__what="created"
    )
    if not made.filter(data__probe=name).exists():
        return None
    return Probe.objects.filter(component=component, name=name, kind=kind).last()


def _same_words(by: User, since: datetime, body: str) -> "QuerySet[IncidentUpdate]":
    return IncidentUpdate.objects.filter(author=by, created_at__gte=since, body=body)
