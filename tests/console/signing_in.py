"""Staff at the door, in a real browser."""

from playwright.sync_api import Page


def sign_in(page: Page, url: str, path: str = "/console/", *, name: str = "dana") -> None:
    """Ask for a screen, and through the login to it."""
    page.goto(f"{url}{path}")
    page.fill("[name=login]", name)
    page.fill("[name=password]", "a long password")
    page.click("main button[type=submit]")
