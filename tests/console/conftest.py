"""The cast of the console's tests: staff, somebody signed in who is not staff, and a stranger."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser

from incidents.domain.components import ComponentStatus
from incidents.models import Component, Incident, Page
from tests.console.addresses import addresses
from tests.factories import make_component, make_group, make_incident, make_page
from tests.peers.browser import chromium

__all__ = ["addresses"]


@pytest.fixture
def dana(db: None) -> User:
    return User.objects.create_user(
        "dana", "dana@sipcity.test", "a long password", is_staff=True, is_superuser=True
    )


@pytest.fixture
def erin(db: None) -> User:
    return User.objects.create_user(
        "erin", "erin@sipcity.test", "a long password", is_staff=True, is_superuser=True
    )


@pytest.fixture
def frank(db: None) -> User:
    return User.objects.create_user("frank", "frank@example.net", "a long password")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def staff(dana: User) -> Client:
    return signed_in(dana)


@pytest.fixture
def colleague(erin: User) -> Client:
    return signed_in(erin)


@pytest.fixture
def outsider(frank: User) -> Client:
    return signed_in(frank)


@pytest.fixture
def page(db: None) -> Page:
    return make_page("SIPcity")


@pytest.fixture
def network(page: Page) -> Component:
    return make_component(page, "Network", group=make_group(page, "Calling Platform"))


@pytest.fixture
def pbx(page: Page) -> Component:
    return make_component(page, "Cloud PBX")


@pytest.fixture
def incident(page: Page, network: Component, pbx: Component) -> Incident:
    return make_incident(page, "Calls fail", components={network: ComponentStatus.MAJOR_OUTAGE})


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    # Playwright keeps an event loop running in this thread; the ORM is used from it between two steps.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with chromium() as browser:
        yield browser
