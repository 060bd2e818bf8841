"""A draft that nobody had to type: each fact from the record names its source, and drift from it is shown."""

from datetime import timedelta

import pytest

from incidents.domain.audiences import Audience
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.domain.rfo_content import Entry, Moment
from incidents.models import Incident, ProbeResult, Rfo, RfoVersion
from incidents.operations.autodrafts import draft_due, draft_from_record, drift_of, regenerate
from incidents.operations.causes import set_cause
from incidents.operations.errors import Refused
from incidents.operations.rfos import set_content, words_digest
from tests.factories import (
    BEGAN,
    DEMO,
    make_component,
    make_incident,
    make_maintenance,
    make_page,
    make_probe,
    make_update,
    resolve,
)

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ENDED = BEGAN + 4 * HOUR


@pytest.fixture
def incident() -> Incident:
    page = make_page("SIPcity", zone="Australia/Sydney")
    network = make_component(page, "Network")
    probe = make_probe(network, "tls")
    for minutes, outcome, health in (
        (-3, "ok", "ok"),
        (-1, "refused", "failed"),
        (0, "refused", "failed"),
        (230, "ok", "ok"),
    ):
        ProbeResult.objects.create(
            probe=probe, at=BEGAN + minutes * MINUTE, outcome=outcome, health=health, detail="secret-host"
        )
    incident = make_incident(page, "TLS is down", components={network: ComponentStatus.MAJOR_OUTAGE})
    make_update(incident, "It is one certificate.", status=IncidentStatus.IDENTIFIED, at=BEGAN + HOUR)
    resolve(incident, at=ENDED)
    incident.refresh_from_db()
    return incident


def drafted(incident: Incident) -> RfoVersion:
    return draft_from_record(incident, by=DEMO, at=ENDED)


def test_it_tells_what_was_said_changed_and_measured_each_with_its_source(incident: Incident) -> None:
    content = drafted(incident).whole
    times = {each.what: (each.at, each.source.split()[0]) for each in content.times}
    assert times[Moment.IMPACT_START] == (BEGAN, "incident")
    assert times[Moment.DETECTED] == (BEGAN - MINUTE, "probes")
    assert times[Moment.FIRST_NOTICE] == (BEGAN, "update")
    assert times[Moment.IDENTIFIED] == (BEGAN + HOUR, "update")
    assert times[Moment.RESTORED] == (ENDED, "components")
    assert times[Moment.RESOLVED] == (ENDED, "incident")
    assert content.lasted == 4 * HOUR
    told = [(each.at, each.words, each.source.split()[0]) for each in content.timeline]
    assert (BEGAN, "Network: Major outage", "component") in told
    assert (BEGAN + HOUR, "Identified: It is one certificate.", "update") in told
    assert all(each.source for each in content.timeline)


def test_what_probes_saw_is_for_ourselves_and_holds_nothing_that_a_server_wrote(incident: Incident) -> None:
    content = drafted(incident).whole
    seen = [each for each in content.timeline if each.source.startswith("probe")]
    assert [each.at for each in seen] == [BEGAN - MINUTE, BEGAN + 230 * MINUTE]
    assert {each.audience for each in seen} == {Audience.INTERNAL}
    assert not [each for each in content.timeline if "secret-host" in each.words]


def test_the_letter_leaves_places_that_must_be_filled_before_it_is_published(incident: Incident) -> None:
    version = drafted(incident)
    assert version.kind == "preliminary"
    assert "Oct 09, 2021 - 08:22 AEDT" in version.body
    assert version.body.count("TBD") == 3


def test_the_maintenance_that_caused_it_is_in_it(incident: Incident) -> None:
    work = make_maintenance(incident.page, "Migration", begins=BEGAN + DAY, ends=BEGAN + 2 * DAY)
    set_cause(incident, maintenance=work, by=DEMO, at=ENDED)
    incident.refresh_from_db()
    words = [each.words for each in drafted(incident).whole.timeline]
    assert "Planned work begins: Migration" in words


def test_what_the_record_says_otherwise_by_now_is_shown_and_taken_over_and_own_words_stay(
    incident: Incident,
) -> None:
    version = drafted(incident)
    assert not drift_of(version)
    own = Entry(BEGAN + 2 * HOUR, "We called the vendor.")
    content = version.whole
    set_content(
        version,
        content=type(content)(
            times=content.times, windows=content.windows, timeline=(*content.timeline, own)
        ),
        by=DEMO,
        at=ENDED,
    )
    make_update(
        incident,
        "A word that was added later.",
        status=IncidentStatus.MONITORING,
        at=ENDED + DAY,
        happened_at=BEGAN + 3 * HOUR,
    )
    version.refresh_from_db()
    drift = drift_of(version)
    assert any("A word that was added later." in words for words in drift.new)
    assert drift.gone == ()
    after = regenerate(version, digest=words_digest(version), by=DEMO, at=ENDED + DAY).whole
    assert own in after.timeline
    assert [each.at for each in after.timeline] == sorted(each.at for each in after.timeline)
    version.refresh_from_db()
    assert not drift_of(version)


def test_the_sweep_drafts_once_what_was_resolved_and_hit_somebody(incident: Incident) -> None:
    quiet = make_incident(incident.page, "A question")
    resolve(quiet)
    going_on = make_incident(incident.page, "Going on")
    assert going_on.state.is_open
    assert [draft_due(at=ENDED + MINUTE), draft_due(at=ENDED + MINUTE)] == [1, 0]
    assert Rfo.objects.get().incident == incident
    assert Rfo.objects.get().versions.get().state == "draft"


def test_what_is_long_over_is_drafted_by_people_alone(incident: Incident) -> None:
    assert draft_due(at=ENDED + 3 * DAY) == 0


def test_an_incident_that_has_an_rfo_is_not_drafted_again(incident: Incident) -> None:
    drafted(incident)
    with pytest.raises(Refused, match="already"):
        drafted(incident)
