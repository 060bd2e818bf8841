"""Mending public words: what they were stays, nobody is told unless asked, and nothing is mended behind a colleague."""

from datetime import timedelta

import pytest

from incidents.domain.components import ComponentStatus as S
from incidents.models import Event, Incident, IncidentUpdate, Revision
from incidents.models.trees import incident_view, thread_of, with_updates
from incidents.operations.actors import DEMO
from incidents.operations.errors import Conflict, Refused
from incidents.operations.revisions import revise_update
from tests.factories import BEGAN, make_component, make_incident, make_page, make_rfo, resolve

pytestmark = pytest.mark.django_db
LATER = BEGAN + timedelta(minutes=7)


@pytest.fixture
def incident() -> Incident:
    page = make_page("SIPcity")
    return make_incident(page, "Calls fail", components={make_component(page, "Network"): S.MAJOR_OUTAGE})


def the_update(incident: Incident) -> IncidentUpdate:
    return incident.updates.get()


def test_the_new_words_stand_and_the_old_ones_stay(incident: Incident) -> None:
    update = the_update(incident)
    before = update.body
    revise_update(update, body="Calls to mobiles fail.", by=DEMO, at=LATER)
    update = the_update(incident)
    assert (update.body, update.edited_at) == ("Calls to mobiles fail.", LATER)
    kept = Revision.objects.get()
    assert (kept.body, kept.replaced_at) == (before, LATER)
    row = with_updates(Incident.objects.all()).get()
    view = incident_view(row, {}, thread_of(row)).updates[0]
    assert ([each.body for each in view.revisions], view.changed_at) == ([before], LATER)


def test_nothing_but_the_words_changes(incident: Incident) -> None:
    def rest() -> list[tuple[object, ...]]:
        names = ("status", "at", "created_at", "next_update_by", "notify", "added_later")
        return list(IncidentUpdate.objects.values_list(*names))

    before = rest()
    revise_update(the_update(incident), body="Other words.", by=DEMO, at=LATER)
    assert rest() == before


def test_nobody_is_told_unless_it_is_asked_for(incident: Incident) -> None:
    revise_update(the_update(incident), body="Other words.", by=DEMO, at=LATER)
    assert not Event.objects.latest("pk").notifies
    revise_update(the_update(incident), body="Better words.", by=DEMO, at=LATER, notify=True)
    assert Event.objects.latest("pk").notifies


def test_the_same_words_again_change_nothing(incident: Incident) -> None:
    update = the_update(incident)
    events = Event.objects.count()
    revise_update(update, body=f"  {update.body}  ", by=DEMO, at=LATER)
    assert not Revision.objects.exists()
    assert Event.objects.count() == events


def test_two_at_once_are_told_of_each_other(incident: Incident) -> None:
    update = the_update(incident)
    revise_update(update, body="Theirs.", by=DEMO, at=LATER, expected_revisions=0)
    with pytest.raises(Conflict, match="Somebody changed these words"):
        revise_update(update, body="Mine.", by=DEMO, at=LATER, expected_revisions=0)
    assert the_update(incident).body == "Theirs."


def test_a_double_tap_mends_once(incident: Incident) -> None:
    for _ in range(2):
        revise_update(the_update(incident), body="Mine.", by=DEMO, at=LATER, expected_revisions=0)
    assert Revision.objects.count() == 1


@pytest.mark.parametrize("body", ["", "   ", "a\x00b", "x" * 100_000])
def test_words_that_no_page_can_show_are_refused(incident: Incident, body: str) -> None:
    with pytest.raises(Refused):
        revise_update(the_update(incident), body=body, by=DEMO, at=LATER)
    assert not Revision.objects.exists()


def test_a_version_of_the_rfo_never_changes(incident: Incident) -> None:
    resolve(incident)
    version = make_rfo(incident)
    with pytest.raises(Refused, match="never changes"):
        revise_update(version.update, body="Other words.", by=DEMO, at=LATER)


def test_a_form_from_before_the_change_is_noticed(incident: Incident) -> None:
    seen = incident.version
    revise_update(the_update(incident), body="Other words.", by=DEMO, at=LATER)
    assert Incident.objects.get().version == seen + 1
