"""A real browser for the description of the API."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.peers.browser import chromium


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with chromium() as found:
        yield found
