"""What was said in an incident that is over is read once, and again as soon as anything is written to it."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.domain.components import ComponentStatus
from incidents.models import Incident, Page
from incidents.publishing.snapshot import Reader
from tests import factories
from tests.factories import BEGAN

NOW = BEGAN + timedelta(days=30)


def words(page: Page, *, anew: bool = False) -> list[str]:
    reader = Reader(page, at=NOW, site_url="http://x.test", anew=anew)
    return [update.body for incident in reader.snapshot().recent_incidents for update in incident.updates]


def queries(page: Page) -> int:
    with CaptureQueriesContext(connection) as captured:
        words(page)
    return len(captured)


def ended(page: Page) -> Incident:
    incident = factories.make_incident(page)
    factories.resolve(incident, "It is over.")
    return incident


def test_a_second_look_asks_less(page: Page) -> None:
    ended(page)
    assert queries(page) > queries(page)


def test_whatever_is_written_to_it_is_seen(page: Page) -> None:
    incident = ended(page)
    assert words(page)[0] == "It is over."
    factories.make_update(incident, "It is back.", at=NOW - timedelta(days=1))
    assert words(page)[0] == "It is back."
    factories.resolve(incident, "Over again.", at=NOW)
    assert words(page)[0] == "Over again."


def test_its_rfo_is_seen(page: Page) -> None:
    incident = ended(page)
    words(page)
    version = factories.make_rfo(incident)
    assert words(page)[0] == version.body


def test_its_components_are_as_they_are_now(page: Page) -> None:
    network = factories.make_component(page, "Network")
    incident = factories.make_incident(page, components={network: ComponentStatus.PARTIAL_OUTAGE})
    factories.resolve(incident)
    words(page)
    network.name = "Core network"
    network.save()
    reader = Reader(page, at=NOW, site_url="http://x.test")
    (view,) = reader.snapshot().recent_incidents
    assert [each.name for each in view.affected] == ["Core network"]


def test_rendering_everything_trusts_nothing_that_was_read_before(page: Page) -> None:
    incident = ended(page)
    words(page)
    incident.updates.update(body="Put right in the rows.")
    assert words(page)[0] == "It is over."
    assert words(page, anew=True)[0] == "Put right in the rows."
