"""Placeholder until the audit branch is merged."""

from datetime import datetime
from typing import Any

from incidents.models import Page
from incidents.operations.actors import Actor


def note(
    what: str,
    *,
    by: Actor,
    at: datetime,
    subject: str,
    data: dict[str, Any] | None = None,
    page: Page | None = None,
) -> None:
    """Nothing yet."""
