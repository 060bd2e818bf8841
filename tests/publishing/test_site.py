"""The table of documents, and what an event touches in it."""

from incidents.domain.journal import EventKind
from incidents.publishing.site import DOCUMENTS, Happened, Touched, touched_by
from incidents.publishing.subjects import About


def happened(kind: EventKind, incident: int | None = None, what: str = "") -> Happened:
    return Happened(kind, incident, what)


def test_no_two_documents_lie_at_one_path() -> None:
    assert len({document.pattern for document in DOCUMENTS}) == len(DOCUMENTS)


def test_only_documents_about_the_page_show_state_or_today() -> None:
    for document in DOCUMENTS:
        assert document.about == About.PAGE or not (document.shows_state or document.shows_today), (
            document.pattern
        )


def test_json_keeps_the_last_state_when_monitoring_is_silent() -> None:
    assert not any(document.shows_state for document in DOCUMENTS if document.pattern.endswith(".json"))


def test_incidents_touch_the_page_and_themselves() -> None:
    events = [happened(EventKind.INCIDENT_OPENED, 1), happened(EventKind.INCIDENT_UPDATED, 2)]
    assert touched_by(events) == Touched(page=True, incidents=frozenset({1, 2}))


def test_components_and_probes_touch_the_page_alone() -> None:
    for kind in (EventKind.COMPONENT_CHANGED, EventKind.PROBE_CHANGED):
        assert touched_by([happened(kind)]) == Touched(page=True)


def test_what_is_nobody_else_s_business_touches_nothing() -> None:
    private = [kind for kind in EventKind if kind.startswith("subscriber.")]
    for kind in (*private, EventKind.RFO_DRAFTED, EventKind.INCIDENT_HELD):
        assert not touched_by([happened(kind, 1)]), kind


def test_a_new_set_up_touches_everything_and_a_new_thing_only_the_page() -> None:
    assert touched_by([happened(EventKind.PAGE_CHANGED, what="zone")]).everything
    assert touched_by([happened(EventKind.PAGE_CHANGED, what="created")]) == Touched(page=True)


def test_no_events_touch_nothing() -> None:
    assert not touched_by([])
