"""A retired component is shown and chosen no longer, and nothing of its past is lost."""

from datetime import datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client

from incidents.domain.components import ComponentStatus as S
from incidents.models import Component, Page, Probe
from incidents.operations.actors import DEMO
from incidents.operations.errors import Refused
from incidents.operations.retiring import retire_component, revive_component
from incidents.operations.series import save_series
from incidents.operations.templates import save_template
from incidents.publishing.publisher import publish_page
from tests.factories import (
    BEGAN,
    make_component,
    make_incident,
    make_maintenance,
    make_page,
    make_probe,
    resolve,
)
from tests.notifying.people import mail_reader
from tests.publishing.conftest import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


@pytest.fixture
def asterisk(page: Page) -> Component:
    return make_component(page, "Asterisk")


@pytest.fixture
def opensips(page: Page) -> Component:
    return make_component(page, "OpenSIPS")


def published(page: Page, path: str) -> str:
    publish_page(page.pk, everything=True)
    return text_of(page, path)


def test_it_leaves_the_page_and_its_incidents_keep_it(
    page: Page, asterisk: Component, opensips: Component
) -> None:
    incident = make_incident(page, "Calls fail", components={asterisk: S.MAJOR_OUTAGE})
    resolve(incident)
    retire_component(asterisk, replaced_by=opensips, by=DEMO, at=BEGAN)
    for path in ("/api/v2/components.json", "/api/v2/summary.json", "/uptime"):
        assert "OpenSIPS" in published(page, path)
        assert f'"name": "{asterisk}"' not in published(page, path)
    assert "Asterisk" not in published(page, "/uptime")
    assert "This incident affected: Asterisk." in published(page, f"/incidents/{incident.code}")


def test_its_uptime_stays_and_says_what_took_its_place(
    page: Page, asterisk: Component, opensips: Component
) -> None:
    retire_component(asterisk, replaced_by=opensips, by=DEMO, at=BEGAN)
    content = published(page, f"/uptime/{asterisk.code}")
    assert "Retired" in content
    assert f"/uptime/{opensips.code}" in content
    assert "Retired" in published(page, f"/badge/{asterisk.code}.svg")


def test_a_state_that_it_was_left_in_no_longer_counts(
    page: Page, asterisk: Component, opensips: Component
) -> None:
    Component.objects.filter(pk=asterisk.pk).update(status=S.MAJOR_OUTAGE)
    assert "All Systems Operational" not in published(page, "/api/v2/status.json")
    retire_component(asterisk, by=DEMO, at=BEGAN)
    assert "All Systems Operational" in published(page, "/api/v2/status.json")


def test_its_probes_stop(asterisk: Component) -> None:
    make_probe(asterisk, last_at=BEGAN)
    retire_component(asterisk, by=DEMO, at=BEGAN)
    assert not Probe.objects.get().enabled


def test_who_had_chosen_it_alone_hears_of_what_replaces_it(
    page: Page, asterisk: Component, opensips: Component
) -> None:
    ada = mail_reader(page, components=[asterisk])
    everybody = mail_reader(page, "bob@example.com")
    retire_component(asterisk, replaced_by=opensips, by=DEMO, at=BEGAN)
    assert set(ada.components.all()) == {asterisk, opensips}
    assert not everybody.components.exists()


def test_what_is_told_of_today_cannot_be_retired(
    page: Page, asterisk: Component, opensips: Component
) -> None:
    make_incident(page, "Calls fail", components={asterisk: S.MAJOR_OUTAGE})
    make_maintenance(page, "Switch", components=[opensips])
    with pytest.raises(Refused, match="Calls fail still tells of it"):
        retire_component(asterisk, by=DEMO, at=BEGAN)
    with pytest.raises(Refused, match="Switch still tells of it"):
        retire_component(opensips, by=DEMO, at=BEGAN)


def test_only_another_component_in_use_of_the_same_page_takes_its_place(
    page: Page, asterisk: Component, opensips: Component
) -> None:
    foreign = make_component(make_page("Another"), "Faxes")
    for wrong in (asterisk, foreign):
        with pytest.raises(Refused):
            retire_component(asterisk, replaced_by=wrong, by=DEMO, at=BEGAN)
    retire_component(opensips, by=DEMO, at=BEGAN)
    with pytest.raises(Refused):
        retire_component(asterisk, replaced_by=Component.objects.get(pk=opensips.pk), by=DEMO, at=BEGAN)


def test_twice_changes_nothing_and_it_can_be_brought_back(page: Page, asterisk: Component) -> None:
    retire_component(asterisk, by=DEMO, at=BEGAN)
    retire_component(asterisk, by=DEMO, at=BEGAN.replace(year=2030))
    assert Component.objects.get(pk=asterisk.pk).retired_at == BEGAN
    for _ in range(2):
        revive_component(asterisk, by=DEMO, at=BEGAN)
    assert "Asterisk" in published(page, "/api/v2/components.json")


def test_it_says_how_many_chose_it_alone_before_it_is_retired(
    page: Page, asterisk: Component, opensips: Component, client: Client
) -> None:
    client.force_login(User.objects.create_superuser("dana"))
    mail_reader(page, "a@example.com", components=[asterisk])
    mail_reader(page, "b@example.com", components=[asterisk, opensips])
    shown = client.get(f"/console/components/{asterisk.code}/retire").content.decode()
    assert "chose it and nothing else: 1." in shown


def test_recurring_maintenance_and_templates_follow_a_replacement_and_are_not_left_with_nothing(
    page: Page, asterisk: Component, opensips: Component
) -> None:
    series = save_series(
        None,
        page=page,
        title="Patching",
        body="We patch.",
        begins=datetime(2021, 11, 1, 2),
        rule="FREQ=WEEKLY",
        minutes=60,
        components=[asterisk],
        by=DEMO,
        at=BEGAN,
    )
    facts = {"page": page, "name": "Down", "title": "Down", "body": "We look.", "status": None}
    template = save_template(None, **facts, components=[asterisk], by=DEMO, at=BEGAN)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="The recurring maintenance Patching is of it alone"):
        retire_component(asterisk, by=DEMO, at=BEGAN)
    retire_component(asterisk, replaced_by=opensips, by=DEMO, at=BEGAN)
    assert opensips in series.components.all()
    assert opensips in template.components.all()
