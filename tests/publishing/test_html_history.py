"""History by month."""

from datetime import UTC, datetime, timedelta

from incidents.domain.incidents import IncidentStatus
from incidents.models import Incident, Page
from incidents.operations.actors import DEMO
from incidents.operations.maintenances import update_maintenance
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import folder_of, text_of
from tests.publishing.pages import lines, rendered, words


def test_the_three_newest_months_are_on_one_page_newest_first(outage: Incident) -> None:
    found = lines(rendered(outage.page, "/history", at=datetime(2021, 11, 20, tzinfo=UTC)))
    assert [line for line in found if line.endswith(" 2021") and "," not in line] == [
        "November 2021",
        "October 2021",
        "September 2021",
    ]
    assert found[found.index("November 2021") + 1] == "No incidents reported."
    assert found[found.index("October 2021") + 1] == "Degraded network, causing calling outage"


def test_an_entry_tells_impact_span_and_last_words(outage: Incident) -> None:
    publish_page(outage.page_id)
    text = words(text_of(outage.page, "/history/2021/10"))
    assert "Major outage This incident has been resolved." in text
    assert "Oct 09, 2021 - 08:22 AEDT to Oct 10, 2021 - 12:49 AEDT (1 d 4 h 27 min)" in text


def test_an_entry_of_a_maintenance_wears_its_state_whatever_became_of_it(page: Page) -> None:
    works = [factories.make_maintenance(page, f"Work {number}") for number in range(3)]
    for work, status in ((works[1], IncidentStatus.IN_PROGRESS), (works[2], IncidentStatus.COMPLETED)):
        update_maintenance(work, status=status, body="Words.", by=DEMO, at=BEGAN + timedelta(hours=1))
    publish_page(page.pk)
    text = words(text_of(page, "/history/2021/10"))
    for number, word in enumerate(("Scheduled", "In progress", "Completed")):
        assert f" Work {number} {word} " in text
    assert text.count(" Oct 11, 2021 - 08:22 AEDT ") == 3


def test_only_months_with_incidents_have_a_document_and_a_link(outage: Incident) -> None:
    factories.make_incident(outage.page, at=BEGAN - timedelta(days=400))
    publish_page(outage.page_id, everything=True)
    document = text_of(outage.page, "/history")
    for month, there in (("2021/10", True), ("2020/09", True), ("2021/09", False), ("2021/11", False)):
        assert (f'href="/history/{month}"' in document) is there, month
        assert (folder_of(outage.page).read(f"/history/{month}") is not None) is there, month


def test_long_words_are_cut(page: Page) -> None:
    factories.make_incident(page, body="word " * 400)
    publish_page(page.pk)
    assert len(words(text_of(page, "/history/2021/10"))) < 1000


def test_a_page_without_any_history_says_so(page: Page) -> None:
    factories.make_component(page)
    publish_page(page.pk)
    text = words(text_of(page, "/history"))
    assert text.count("No incidents reported.") == 3
    assert "By month" not in text
