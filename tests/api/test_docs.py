"""The description for people: in a real browser, under our policy for scripts, nothing from elsewhere (slow)."""

from typing import Any

import pytest
from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_it_is_browsable_offline_and_no_policy_is_broken(browser: Browser, live_server: Any) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda each: said.append(each.text))
    page.on("request", lambda each: asked.append(each.url))
    page.goto(f"{live_server.url}/v1/docs")
    page.wait_for_selector("text=Create an incident or a maintenance")
    page.click("text=Create an incident or a maintenance")
    page.wait_for_selector(".opblock.is-open .responses-table")
    assert said == []
    assert all(each.startswith((live_server.url, "data:")) for each in asked)
