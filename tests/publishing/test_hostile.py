"""Too much, too long and too clever: every document is still whole and nobody's markup but ours."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.domain.components import ComponentStatus
from incidents.domain.texts import RFO_LIMIT
from incidents.models import Component, ComponentGroup, Incident, Page
from incidents.operations.errors import Refused
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import folder_of, text_of
from tests.publishing.pages import words


def test_markup_in_any_name_is_text(page: Page) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    component = factories.make_component(page, evil, group=factories.make_group(page, evil + "g"))
    incident = factories.make_incident(
        page, evil, body=evil, components={component: ComponentStatus.MAJOR_OUTAGE}
    )
    factories.make_probe(component, detail=evil)
    Page.objects.filter(pk=page.pk).update(name=evil)
    publish_page(page.pk, everything=True)
    for document in folder_of(page).documents():
        text = document.fresh.bodies["identity"].decode()
        if document.media_type.startswith("text/html"):
            assert "<script>alert" not in text, document.path
            assert "<img" not in text, document.path
    assert "<script>alert(1)</script>" in words(text_of(page, f"/incidents/{incident.code}"))


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil.test", "https://", "http://<b>"]
)
def test_only_web_addresses_become_links(page: Page, address: str) -> None:
    incident = factories.make_incident(page, body=f"See {address} now")
    publish_page(page.pk)
    body = (
        text_of(page, f"/incidents/{incident.code}")
        .partition('<div class="words">')[2]
        .partition("</div>")[0]
    )
    assert "<a " not in body


def test_an_rfo_of_hostile_markdown_is_tame(page: Page) -> None:
    incident = factories.make_incident(page)
    factories.resolve(incident)
    tricks = "[x](javascript:alert(1)) <script>a</script> ![i](https://evil.test/i.png)\n\n"
    with pytest.raises(Refused, match="too complex to format"):
        factories.make_rfo(incident, tricks + "[" * (RFO_LIMIT - len(tricks)))
    factories.make_rfo(incident, tricks + "[" * 1_000)
    publish_page(page.pk)
    document = text_of(page, f"/incidents/{incident.code}/rfo")
    assert not any(each in document for each in ("<script>a", 'href="javascript', "<img"))


def test_a_title_of_two_hundred_and_fifty_five_characters_is_kept_whole(page: Page) -> None:
    title = "ß" * 255
    incident = factories.make_incident(page, title)
    Incident.objects.filter(pk=incident.pk).update(title=title)
    publish_page(page.pk)
    assert title in text_of(page, "/")
    assert json.loads(text_of(page, "/api/v2/incidents.json"))["incidents"][0]["name"] == title


def test_right_to_left_words_keep_their_own_direction(page: Page) -> None:
    factories.make_incident(page, "تعطل الشبكة", body="نحن نحقق في الأمر.")
    publish_page(page.pk)
    document = text_of(page, "/")
    assert 'dir="auto">تعطل الشبكة</a>' in document
    assert '<p dir="auto">نحن نحقق في الأمر.</p>' in document


def test_a_page_with_nothing_on_it_is_a_page(page: Page) -> None:
    publish_page(page.pk)
    assert "No services are listed on this page yet." in text_of(page, "/")
    assert json.loads(text_of(page, "/api/v2/summary.json"))["components"] == []


def test_five_hundred_components_in_forty_groups(page: Page) -> None:
    now = timezone.now()
    groups = ComponentGroup.objects.bulk_create(
        ComponentGroup(page=page, name=f"Group {number}", position=number + 1, created_at=now, updated_at=now)
        for number in range(40)
    )
    Component.objects.bulk_create(
        Component(
            page=page,
            group=groups[number % 40],
            name=f"Component {number}",
            position=number // 40 + 1,
            created_at=now,
            updated_at=now,
        )
        for number in range(500)
    )
    publish_page(page.pk, everything=True)
    assert text_of(page, "/").count('<div class="leaf">') == 500
    listed = json.loads(text_of(page, "/api/v2/components.json"))["components"]
    assert len(listed) == 540
    assert [each["position"] for each in listed] == sorted(each["position"] for each in listed)


def test_two_hundred_open_incidents(page: Page) -> None:
    for number in range(200):
        factories.make_incident(page, f"Incident {number}", at=BEGAN + timedelta(minutes=number))
    publish_page(page.pk)
    assert text_of(page, "/").count('<article class="card incident') == 200
    assert len(json.loads(text_of(page, "/api/v2/incidents/unresolved.json"))["incidents"]) == 200


def test_control_characters_that_reached_the_rows_break_no_document(outage: Incident) -> None:
    outage.updates.update(body="bell \x07 here")
    publish_page(outage.page_id, everything=True)
    assert json.loads(text_of(outage.page, "/api/v2/incidents.json"))
    assert "bell" in text_of(outage.page, f"/incidents/{outage.code}")
