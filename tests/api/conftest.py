"""A page, a component and a script that may do everything; and a real browser for the description of the API."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from incidents.models import Component, Page
from tests.api.asking import Script
from tests.factories import make_component, make_page
from tests.peers.browser import chromium
from tests.slow_work import nothing_slow_inside_a_transaction

__all__ = ["nothing_slow_inside_a_transaction"]


@pytest.fixture
def page(db: None) -> Page:
    return make_page("SIPcity")


@pytest.fixture
def script(page: Page) -> Script:
    return Script(page)


@pytest.fixture
def calls(page: Page) -> Component:
    return make_component(page, "Calls")


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with chromium() as found:
        yield found
