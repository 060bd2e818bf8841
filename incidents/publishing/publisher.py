"""From committed changes to published documents."""

from datetime import datetime


def publish_page(page_pk: int, *, everything: bool = False) -> None:
    """Render what the page's newest events touch."""


def publish_due(*, at: datetime) -> None:
    """Publish what was missed."""
