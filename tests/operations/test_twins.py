"""One outage on several pages: every page in its own words, and all of them together or none."""

from datetime import datetime, timedelta

import pytest

from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import IncidentStatus as Status
from incidents.models import AffectedComponent, Component, Event, Incident, IncidentUpdate, Page, Subscriber
from incidents.operations.errors import Conflict, Refused
from incidents.operations.maintenances import schedule_maintenance
from incidents.operations.twins import Telling, tell_elsewhere, update_twins
from tests.factories import BEGAN, DEMO, make_component, make_incident, make_page, make_update

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def sipcity() -> Page:
    return make_page("SIPcity")


@pytest.fixture
def talk() -> Page:
    return make_page("2talk", zone="Pacific/Auckland")


@pytest.fixture
def trunks(talk: Page) -> Component:
    return make_component(talk, "Trunks")


@pytest.fixture
def incident(sipcity: Page) -> Incident:
    network = make_component(sipcity, "Network")
    return make_incident(sipcity, "Calls to New Zealand fail", components={network: S.PARTIAL_OUTAGE})


@pytest.fixture
def twin(incident: Incident, talk: Page, trunks: Component) -> Incident:
    return tell(incident, talk, components={trunks: S.MAJOR_OUTAGE})


def tell(incident: Incident, page: Page, *, at: datetime = BEGAN + HOUR, **facts: object) -> Incident:
    words = {"title": "Calls to Australia fail", "body": "We are looking into failed calls to Australia."}
    return tell_elsewhere(incident, page, by=DEMO, at=at, **{**words, **facts})


def count() -> tuple[int, ...]:
    return tuple(each.objects.count() for each in (Incident, IncidentUpdate, Event, AffectedComponent))


def test_the_other_page_has_an_incident_of_its_own_with_its_own_words_and_components(
    incident: Incident, twin: Incident, trunks: Component
) -> None:
    update = twin.updates.get()
    assert (twin.page, twin.twin_of) == (trunks.page, incident)
    assert (twin.title, update.body) == (
        "Calls to Australia fail",
        "We are looking into failed calls to Australia.",
    )
    assert [row.component for row in update.affected.all()] == [trunks]
    assert twin.code != incident.code
    assert incident.updates.count() == 1
    trunks.refresh_from_db()
    assert trunks.state == S.MAJOR_OUTAGE


def test_each_page_tells_its_own_subscribers_and_only_once(incident: Incident, twin: Incident) -> None:
    for page in (incident.page, twin.page):
        Subscriber.objects.create(
            page=page, channel="email", address="ada@example.net", state="active", nonce="n", created_at=BEGAN
        )
    assert [each.page for each in Subscriber.objects.told_of(twin)] == [twin.page]
    assert [each.page for each in Subscriber.objects.told_of(incident)] == [incident.page]
    assert list(Event.objects.filter(notifies=True, component=None).values_list("page", "incident")) == [
        (incident.page_id, incident.pk),
        (twin.page_id, twin.pk),
    ]


def test_the_audit_line_says_whose_twin_it_is(incident: Incident, twin: Incident) -> None:
    assert Event.objects.get(incident=twin).data["twin_of"] == incident.code
    assert "twin_of" not in Event.objects.get(incident=incident).data


def test_a_twin_of_a_twin_is_a_twin_of_the_first(incident: Incident, twin: Incident) -> None:
    third = tell(twin, make_page("Vaitel", zone="America/New_York"))
    assert third.twin_of == incident
    for each in (incident, twin, third):
        assert set(Incident.objects.family(each)) == {incident, twin, third}


def test_a_family_holds_nobody_else(incident: Incident, twin: Incident, sipcity: Page) -> None:
    stranger = make_incident(sipcity)
    assert list(Incident.objects.family(stranger)) == [stranger]
    assert set(Incident.objects.family(stranger, twin)) == {stranger, incident, twin}
    assert not Incident.objects.family()


@pytest.mark.parametrize("whose", ["the first", "the twin"])
def test_a_page_tells_of_an_outage_once(incident: Incident, twin: Incident, whose: str) -> None:
    before = count()
    for page in (incident.page, twin.page):
        with pytest.raises(Refused) as refused:
            tell(incident if whose == "the first" else twin, page)
        assert refused.value.field == "page"
        assert page.name in str(refused.value)
    assert count() == before


def test_what_was_read_before_it_became_a_twin_is_no_way_to_tell_it_twice(
    incident: Incident, talk: Page
) -> None:
    stranger = make_incident(make_page("Vaitel"))
    read_before = Incident.objects.get(pk=stranger.pk)
    Incident.objects.filter(pk=stranger.pk).update(twin_of=incident)
    tell(incident, talk)
    with pytest.raises(Refused):
        tell(read_before, talk)


def test_a_maintenance_has_no_twin(sipcity: Page, talk: Page) -> None:
    planned = schedule_maintenance(
        sipcity,
        title="New routers",
        body="We replace two routers.",
        scheduled_for=BEGAN + 24 * HOUR,
        scheduled_until=BEGAN + 26 * HOUR,
        by=DEMO,
        at=BEGAN,
    )
    before = count()
    with pytest.raises(Refused):
        tell(planned, talk)
    assert count() == before


def test_components_of_another_page_are_refused(incident: Incident, talk: Page) -> None:
    before = count()
    (foreign,) = Component.objects.filter(page=incident.page)
    with pytest.raises(Refused) as refused:
        tell(incident, talk, components={foreign: S.MAJOR_OUTAGE})
    assert refused.value.field == "components"
    assert count() == before


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("title", {"title": " "}),
        ("body", {"body": ""}),
        ("body", {"body": "a\x07b"}),
        ("status", {"status": Status.RESOLVED}),
        ("happened_at", {"happened_at": BEGAN + 9 * HOUR}),
        ("next_update_by", {"next_update_by": BEGAN - HOUR}),
    ],
)
def test_what_an_opening_refuses_writes_nothing(
    incident: Incident, talk: Page, field: str, facts: dict[str, object]
) -> None:
    before = count()
    with pytest.raises(Refused) as refused:
        tell(incident, talk, **facts)
    assert refused.value.field == field
    assert count() == before


def test_an_update_on_several_pages_is_said_in_the_words_of_each(incident: Incident, twin: Incident) -> None:
    said = update_twins(
        [
            Telling(incident, Status.IDENTIFIED, "A cable to New Zealand is cut."),
            Telling(twin, Status.IDENTIFIED, "A cable to Australia is cut."),
        ],
        by=DEMO,
        at=BEGAN + 2 * HOUR,
        next_update_by=BEGAN + 3 * HOUR,
    )
    assert [update.body for update in said] == [
        "A cable to New Zealand is cut.",
        "A cable to Australia is cut.",
    ]
    for each, update in zip((incident, twin), said, strict=True):
        assert list(each.updates.all())[-1] == update
        assert (update.at, update.next_update_by) == (BEGAN + 2 * HOUR, BEGAN + 3 * HOUR)
        assert Event.objects.filter(incident=each, update=update, page=each.page, notifies=True).count() == 1


def test_when_one_page_refuses_nothing_is_said_on_any(
    incident: Incident, twin: Incident, trunks: Component
) -> None:
    before = count()
    with pytest.raises(Refused) as refused:
        update_twins(
            [
                Telling(incident, Status.IDENTIFIED, "A cable is cut."),
                Telling(twin, Status.IDENTIFIED, "bell \x07", {trunks: S.OPERATIONAL}),
            ],
            by=DEMO,
            at=BEGAN + 2 * HOUR,
        )
    assert (refused.value.field, refused.value.about) == ("body", twin.code)
    assert count() == before
    trunks.refresh_from_db()
    assert trunks.state == S.MAJOR_OUTAGE


def test_what_somebody_said_meanwhile_on_one_page_stops_all(incident: Incident, twin: Incident) -> None:
    seen = {each: Incident.objects.get(pk=each.pk).version for each in (incident, twin)}
    make_update(twin, "We have found it.", at=BEGAN + 2 * HOUR)
    before = count()
    with pytest.raises(Conflict) as conflict:
        update_twins(
            [
                Telling(each, Status.IDENTIFIED, "A cable is cut.", expected_version=version)
                for each, version in seen.items()
            ],
            by=DEMO,
            at=BEGAN + 3 * HOUR,
        )
    assert conflict.value.about == twin.code
    assert count() == before


def test_incidents_of_two_outages_are_not_told_as_one(incident: Incident, talk: Page) -> None:
    before = count() if (stranger := make_incident(talk)) else ()
    with pytest.raises(Refused):
        update_twins(
            [Telling(each, Status.IDENTIFIED, "A cable is cut.") for each in (incident, stranger)],
            by=DEMO,
            at=BEGAN + 2 * HOUR,
        )
    assert count() == before


def test_a_twin_goes_its_own_way(incident: Incident, twin: Incident, trunks: Component) -> None:
    make_update(twin, "It is over here.", status=Status.RESOLVED, at=BEGAN + 2 * HOUR)
    incident.refresh_from_db()
    assert incident.state == Status.INVESTIGATING
    assert set(Incident.objects.family(incident).open()) == {incident}
