"""How a text is written is recorded with it: people and scripts write Markdown, machines and importers plain text."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.domain.reports import Report, ReportUpdate
from incidents.domain.texts import BodyFormat
from incidents.models import Event, Incident, IncidentUpdate, Page, Series
from incidents.models.trees import thread_of, with_updates
from incidents.operations import holds, signals
from incidents.operations.actors import DEMO, IMPORT
from incidents.operations.autodrafts import draft_from_record
from incidents.operations.imports import import_report
from incidents.operations.revisions import revise_update
from incidents.operations.series import make_due, save_series
from incidents.operations.signals import Heard
from incidents.operations.twins import Telling, update_twins
from tests.factories import (
    BEGAN,
    make_component,
    make_incident,
    make_maintenance,
    make_page,
    make_rfo,
    resolve,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MARKED = "**TLS** fails, see `kamailio.cfg`."
NAME = "sip__proxy__1 **beta** <sip:a@b>"


def formats() -> list[str]:
    return list(IncidentUpdate.objects.order_by("pk").values_list("body_format", flat=True))


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def test_what_people_and_scripts_post_is_markdown(page: Page) -> None:
    incident = make_incident(page, body=MARKED)
    update_twins([Telling(incident, IncidentStatus.IDENTIFIED, MARKED)], by=DEMO, at=BEGAN + HOUR)
    resolve(incident)
    make_maintenance(page, body=MARKED)
    assert set(formats()) == {BodyFormat.MARKDOWN}


def test_what_probes_say_is_plain_whatever_their_names_hold(page: Page) -> None:
    component = make_component(page, NAME)
    down = {component: ComponentStatus.MAJOR_OUTAGE}
    incident = holds.open_automatic(page, title="Down", body=f"{NAME} fails.", components=down, at=BEGAN)
    assert incident is not None
    hold = incident.holds.get()
    holds.follow(hold, body=f"{NAME} still fails.", status=ComponentStatus.PARTIAL_OUTAGE, at=BEGAN + HOUR)
    holds.recover(hold, body=f"{NAME} answers.", at=BEGAN + 2 * HOUR)
    assert holds.settle(incident, body="Over.", watched_for=timedelta(), at=BEGAN + 3 * HOUR)
    assert formats() == [BodyFormat.PLAIN] * 4


def test_alerts_are_plain_in_our_words_and_markdown_in_their_senders(page: Page) -> None:
    component = make_component(page, NAME)
    signals.hear(page, [Heard("a", True, BEGAN, component=component)], sender="prometheus", at=BEGAN)
    signals.hear(page, [Heard("b", True, BEGAN, group="b", body=MARKED)], sender="prometheus", at=BEGAN)
    assert formats() == [BodyFormat.PLAIN, BodyFormat.MARKDOWN]


def test_an_imported_report_is_plain(page: Page) -> None:
    said = (ReportUpdate(BEGAN, IncidentStatus.RESOLVED, True, "**Over** - see [x](y)", 1),)
    report = Report("Calls fail", "SIPcity", "Australia/Sydney", said, (), None, ())
    import_report(report, page=page, hit=ComponentStatus.MAJOR_OUTAGE, by=IMPORT, at=BEGAN + HOUR)
    assert formats() == [BodyFormat.PLAIN]


def test_a_change_of_words_keeps_the_format_they_were_posted_in(page: Page) -> None:
    incident = make_incident(page, body="Old *plain*.", body_format=BodyFormat.PLAIN)
    update = revise_update(incident.updates.get(), body=MARKED, by=DEMO, at=BEGAN + HOUR)
    assert update.body_format == BodyFormat.PLAIN
    (view,) = thread_of(with_updates(Incident.objects.all()).get(pk=incident.pk)).updates
    assert view.body_format == BodyFormat.PLAIN


def test_recurring_maintenance_announces_in_the_format_it_was_saved_in(page: Page) -> None:
    at = datetime(2027, 9, 20, tzinfo=UTC)
    facts = {
        "begins": datetime(2027, 9, 5, 2),
        "rule": "FREQ=WEEKLY;BYDAY=SU",
        "minutes": 60,
        "by": DEMO,
        "at": at,
    }
    save_series(None, page=page, title="New", body=MARKED, **facts)  # type: ignore[arg-type]
    make_due(at=at)
    assert set(formats()) == {BodyFormat.MARKDOWN}
    Event.objects.all().delete()
    IncidentUpdate.objects.all().delete()
    Series.objects.all().delete()
    save_series(None, page=page, title="Old", body=MARKED, body_format=BodyFormat.PLAIN, **facts)  # type: ignore[arg-type]
    make_due(at=at)
    assert set(formats()) == {BodyFormat.PLAIN}


def test_an_rfo_is_no_update_text_and_quotes_updates_without_marks(page: Page) -> None:
    incident = make_incident(page, body=MARKED)
    resolve(incident)
    incident.refresh_from_db()
    draft = draft_from_record(incident, by=DEMO, at=BEGAN + 5 * HOUR)
    assert "Investigating: TLS fails, see kamailio.cfg." in [each.words for each in draft.whole.timeline]
    draft.delete()
    make_rfo(incident)
    assert formats()[-1] == BodyFormat.PLAIN


def test_rows_that_nobody_gave_a_format_are_plain() -> None:
    """What the migration gives to all that were written before."""
    for model in (IncidentUpdate, Series):
        assert model._meta.get_field("body_format").default == BodyFormat.PLAIN
