"""What the journal tells of cannot be deleted from under it."""

import pytest
from django.db.models import ProtectedError

from incidents.domain.components import ComponentStatus
from incidents.models import Component, Event, Incident, IncidentUpdate
from tests import factories


@pytest.fixture
def incident(db: None) -> Incident:
    page = factories.make_page("SIPcity")
    network = factories.make_component(page, "Network")
    return factories.make_incident(page, components={network: ComponentStatus.MAJOR_OUTAGE})


@pytest.mark.parametrize("model", [Incident, IncidentUpdate, Component])
def test_neither_an_incident_nor_its_updates_nor_a_component_can_be_deleted(
    incident: Incident, model: type[Incident] | type[IncidentUpdate] | type[Component]
) -> None:
    before = Event.objects.count()
    with pytest.raises(ProtectedError):
        model.objects.all().delete()
    assert (Event.objects.count(), Incident.objects.count()) == (before, 1)
