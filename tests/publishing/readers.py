"""People who read a published page in a real browser."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Request

from incidents.publishing.store import PageFolder, Store
from tests.peers.installation import Installation

FURNISH = """
from datetime import UTC, datetime
from django.db import transaction
from tests.publishing.rich import furnish
with transaction.atomic():  # published once
    furnish(datetime.now(UTC))
"""


@dataclass
class Reader:
    """One browser tab with all that it complained of and asked for."""

    tab: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tab.on("console", lambda message: self.complaints.append(f"{self.tab.url}: {message.text}"))
        self.tab.on("pageerror", lambda error: self.complaints.append(f"{self.tab.url}: {error}"))
        self.tab.on("request", lambda each: self.asked.append(each))  # noqa: PLW0108  (it marks its handlers)

    def open(self, path: str) -> None:
        """Go to a public path."""
        self.tab.goto(self.base + path)

    def words(self) -> str:
        """What stands on the page, as it is laid out."""
        return self.tab.inner_text("main")

    def js(self, expression: str, argument: Any = None) -> Any:
        """What a line of JavaScript comes to."""
        return self.tab.evaluate(expression, argument)

    def foreign(self) -> list[str]:
        """Addresses that are not the installation's."""
        own = (f"{self.base}/", "data:")
        return [request.url for request in self.asked if not request.url.startswith(own)]


def published(site: Installation) -> PageFolder:
    """The folder of the installation's only page."""
    store = Store(Path(site.environment["DATA_DIR"]) / "published")
    (code,) = store.codes()
    return store.page(code)


def path_of(site: Installation, title: str) -> str:
    """Where the incident or maintenance of this title lies."""
    heading = f'<h1 dir="auto">{title}</h1>'.encode()
    found = [
        each.path for each in published(site).documents() if heading in each.fresh.bodies.get("identity", b"")
    ]
    return min(found, key=lambda path: (not path.startswith("/maintenance/"), len(path)))


def say(site: Installation, title: str, status: str, body: str) -> None:
    """Post an update in a process of its own, as staff would while people read."""
    site.shell(
        "from datetime import UTC, datetime\n"
        "from incidents.domain.incidents import IncidentStatus\n"
        "from incidents.models import Incident\n"
        "from tests import factories\n"
        f"incident = Incident.objects.get(title={title!r})\n"
        f"status, body, at = IncidentStatus({status!r}), {body!r}, datetime.now(UTC)\n"
        "if status.is_open: factories.make_update(incident, body, status=status, at=at)\n"
        "else: factories.resolve(incident, body, at=at)\n"
    )
