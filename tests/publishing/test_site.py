"""The table of documents, and what an event touches in it."""

from incidents.domain.journal import EventKind
from incidents.publishing.site import DOCUMENTS, Happened, Touched, touched_by
from incidents.publishing.subjects import About


def happened(kind: EventKind, incident: int | None = None, what: str = "", *components: str) -> Happened:
    return Happened(kind, incident, what, frozenset(components))


def test_no_two_documents_lie_at_one_path() -> None:
    assert len({document.pattern for document in DOCUMENTS}) == len(DOCUMENTS)


def test_only_documents_about_the_page_and_its_components_show_state_or_today() -> None:
    for document in DOCUMENTS:
        is_present = document.about in {About.PAGE, About.COMPONENT, About.SHOWCASE}
        assert is_present or not (document.shows_state or document.shows_today), document.pattern


def test_statuspage_s_json_keeps_the_last_state_when_monitoring_is_silent_and_freshness_tells() -> None:
    by_path = {document.pattern: document for document in DOCUMENTS if document.pattern.endswith(".json")}
    assert [path for path, document in by_path.items() if document.shows_state] == ["/api/freshness.json"]


def test_incidents_touch_the_page_and_themselves() -> None:
    events = [happened(EventKind.INCIDENT_OPENED, 1), happened(EventKind.INCIDENT_UPDATED, 2)]
    touched = Touched(page=True, nouns=frozenset({"incident"}), incidents=frozenset({1, 2}))
    assert touched_by(events) == touched


def test_what_changes_a_component_touches_its_own_documents() -> None:
    changed = happened(EventKind.COMPONENT_CHANGED, None, "", "network")
    hit = happened(EventKind.INCIDENT_UPDATED, 1, "", "network", "pbx")
    assert touched_by([changed, hit]).components == {"network", "pbx"}


def test_probes_touch_the_page_alone() -> None:
    assert touched_by([happened(EventKind.PROBE_CHANGED)]) == Touched(page=True, nouns=frozenset({"probe"}))


def test_what_is_nobody_else_s_business_touches_nothing() -> None:
    private = [kind for kind in EventKind if kind.startswith("subscriber.")]
    for kind in (*private, EventKind.RFO_DRAFTED, EventKind.INCIDENT_HELD):
        assert not touched_by([happened(kind, 1)]), kind


def test_a_new_set_up_touches_everything_and_a_new_thing_only_the_page() -> None:
    assert touched_by([happened(EventKind.PAGE_CHANGED, what="zone")]).everything
    created = touched_by([happened(EventKind.PAGE_CHANGED, what="created")])
    assert created == Touched(page=True, nouns=frozenset({"page"}))


def test_no_events_touch_nothing() -> None:
    assert not touched_by([])
