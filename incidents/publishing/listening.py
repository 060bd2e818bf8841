"""Publishing's ear: it hears the *touched* bell in whichever process made the change."""

from incidents.operations.bells import when_touched
from incidents.publishing.publisher import publish_page

PATIENCE = 3.0
"""Seconds that a person's click waits while the page is rendered in full elsewhere; then the sweep publishes."""


def register() -> None:
    """Publish a page in the same process right after each committed change of it; a bell logs what fails."""
    when_touched(publish_touched)


def publish_touched(page_pk: int) -> None:
    """Publish, but keep nobody waiting for long."""
    publish_page(page_pk, patience=PATIENCE)
