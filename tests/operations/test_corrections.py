"""A title that was changed: the journal and the sealed audit keep both, the old words and the new."""

import json
from datetime import timedelta

import pytest

from incidents.models import AuditLine, Event, Incident
from incidents.operations.actors import DEMO
from incidents.operations.corrections import correct_incident
from tests.factories import BEGAN, make_incident, make_page

pytestmark = pytest.mark.django_db
LATER = BEGAN + timedelta(minutes=7)


@pytest.fixture
def incident() -> Incident:
    return make_incident(make_page("SIPcity"), "Calls fail")


def last() -> Event:
    event = Event.objects.order_by("pk").last()
    assert event
    return event


def test_the_journal_and_the_audit_keep_the_old_title_and_the_new_one(incident: Incident) -> None:
    correct_incident(incident, title="Calls to mobiles fail", by=DEMO, at=LATER)
    told = {"what": "changed: title", "before": "Calls fail", "after": "Calls to mobiles fail"}
    assert last().data == told
    line = AuditLine.objects.get(event=last().pk)
    assert json.loads(line.data) == told


def test_what_changes_beside_the_title_has_no_words_to_keep(incident: Incident) -> None:
    correct_incident(incident, title="Calls fail", impact_override="critical", by=DEMO, at=LATER)
    assert last().data == {"what": "changed: impact_override"}


def test_the_same_title_again_is_no_change(incident: Incident) -> None:
    count = Event.objects.count()
    correct_incident(incident, title="Calls fail", by=DEMO, at=LATER)
    assert Event.objects.count() == count
