"""No word stronger than its record: each strong word is in the table, and goes with the row it rests on."""

from datetime import timedelta

import pytest

from incidents.domain.components import ComponentStatus as S
from incidents.domain.deliveries import DeliveryState
from incidents.domain.rfo_content import Cohort, Content, Emergency, Moment
from incidents.models import Component, Delivery, Event, Incident, Page, RfoVersion
from incidents.notifying.composer import compose
from incidents.notifying.relay import relay_due
from incidents.operations.actors import PROBES
from incidents.operations.autodrafts import gather
from incidents.operations.components import set_status
from incidents.operations.rfos import draft_rfo
from incidents.operations.versions import publish_rfo
from incidents.publishing.publisher import publish_page
from incidents.publishing.rfo_print import source
from tests.channels.conftest import mail
from tests.factories import BEGAN, DEMO, make_component, make_incident, make_page, make_update, resolve
from tests.notifying.people import mail_reader
from tests.peers.mail import MailSink
from tests.publishing.conftest import text_of
from tests.publishing.pages import words
from tests.publishing.test_rfo_print import subject_of
from tests.stories.strong_words import CLAIMS, ROOT, found_in_sources

__all__ = ["mail"]
HOUR = timedelta(hours=1)
V1 = "/rfo/RFO-2021-0001/v1"


def test_every_strong_word_that_people_read_is_in_the_table() -> None:
    unknown = [
        (path, text)
        for path, text in found_in_sources()
        if not any(claim.path == path and claim.words.strip() in text for claim in CLAIMS)
    ]
    assert unknown == [], "name the record in tests/stories/strong_words.py, and write the test without it"


def test_every_row_of_the_table_is_in_its_file_and_its_test_exists() -> None:
    for claim in CLAIMS:
        assert claim.words in (ROOT / claim.path).read_text(), claim
        path, _, name = claim.test.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text() if claim.test else claim.record, claim


@pytest.fixture
def page(db: None) -> Page:
    return make_page("SIPcity")


@pytest.fixture
def network(page: Page) -> Component:
    return make_component(page, "Network")


def published(page: Page, *, is_signed: bool) -> Incident:
    incident = make_incident(page, "Calls fail")
    resolve(incident)
    incident.refresh_from_db()
    draft = draft_rfo(incident, body="Words.", signatory_name="A. Example", by=DEMO, at=BEGAN + 5 * HOUR)
    if is_signed:
        RfoVersion.objects.filter(pk=draft.pk).update(signed_at=BEGAN + 5 * HOUR)
        draft.refresh_from_db()
    publish_rfo(draft, by=DEMO, at=BEGAN + 6 * HOUR)
    publish_page(page.pk)
    return incident


@pytest.mark.parametrize("is_signed", [True, False])
def test_signed_is_said_of_a_version_with_a_signature_alone(page: Page, is_signed: bool) -> None:
    incident = published(page, is_signed=is_signed)
    told = compose(Event.objects.filter(kind="rfo.published").get(), at=BEGAN).body
    forms = {
        "mail": told,
        "page": words(text_of(page, V1)).partition("What we told you")[0],
        "paper": words(source(subject_of(incident))),
        "Markdown": text_of(page, f"{V1}.md"),
    }
    for form, text in forms.items():
        assert "A. Example" in text, form
        assert ("igned" in text) is is_signed, form
        assert ("n the name of" in text) is not is_signed, form
    assert ('"signed_at": null' in text_of(page, f"{V1}.json")) is not is_signed


def test_what_a_person_posts_is_not_called_automatic(page: Page, network: Component) -> None:
    incident = make_incident(page, components={network: S.MAJOR_OUTAGE}, by=PROBES)
    publish_page(page.pk)
    assert "posted automatically" in text_of(page, f"/incidents/{incident.code}")
    other = make_incident(page)
    publish_page(page.pk)
    assert "automatically" not in text_of(page, f"/incidents/{other.code}")


def test_the_timeline_counts_only_notifications_that_were_accepted(page: Page, mail: MailSink) -> None:
    mail_reader(page), mail_reader(page, "bob@example.com")
    incident = make_incident(page, "Calls fail")
    relay_due(at=BEGAN)
    resolve(incident)
    incident.refresh_from_db()

    def told() -> list[str]:
        return [each.words for each in gather(incident).timeline if each.source.startswith("deliveries")]

    assert told() == ["Notifications sent: 2"]
    Delivery.objects.filter(pk=Delivery.objects.latest("pk").pk).update(state=DeliveryState.DEAD)
    assert told() == ["Notifications sent: 1"]
    Delivery.objects.update(state=DeliveryState.FAILED)
    assert told() == []


def test_restored_is_said_where_every_component_was_operational_to_the_end(
    page: Page, network: Component
) -> None:
    other = make_component(page, "Portal")
    incident = make_incident(page, components={network: S.MAJOR_OUTAGE, other: S.MAJOR_OUTAGE})

    def restored() -> list[object]:
        incident.refresh_from_db()
        return [each.at for each in gather(incident).times if each.what == Moment.RESTORED]

    make_update(incident, components={network: S.OPERATIONAL}, at=BEGAN + HOUR)
    make_update(incident, components={network: S.MAJOR_OUTAGE}, at=BEGAN + 2 * HOUR)
    resolve(incident)
    assert restored() == [BEGAN + 4 * HOUR]
    set_status(other, status=S.PARTIAL_OUTAGE, by=DEMO, at=BEGAN + 4 * HOUR)
    assert restored() == []


@pytest.mark.parametrize("answer", list(Emergency))
def test_of_emergency_calls_nothing_is_said_that_nobody_answered(page: Page, answer: Emergency) -> None:
    incident = make_incident(page, "Calls fail")
    resolve(incident)
    incident.refresh_from_db()
    content = Content(cohort=Cohort(emergency=answer))
    draft = draft_rfo(incident, body="Words.", content=content, by=DEMO, at=BEGAN + 5 * HOUR)
    publish_rfo(draft, by=DEMO, at=BEGAN + 6 * HOUR)
    publish_page(page.pk)
    for path in (V1, f"{V1}.md"):
        assert ("were not affected" in text_of(page, path)) is (answer == Emergency.NO)
        assert ("services were affected" in text_of(page, path)) is (answer == Emergency.YES)
