"""A published folder of each test's own, and the well-known incident of October 2021."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from pytest_django import Settings

from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.models import Incident, Page
from incidents.publishing.publisher import the_store
from incidents.publishing.store import PageFolder
from tests import factories
from tests.peers.browser import chromium
from tests.peers.installation import Installation
from tests.publishing.readers import FURNISH, Reader

Opens = Callable[..., Reader]


@pytest.fixture(autouse=True)
def publish_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.PUBLISH_DIR = tmp_path / "published"
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "published"


@pytest.fixture
def page(db: None) -> Page:
    return factories.make_page("SIPcity")


@pytest.fixture
def outage(page: Page) -> Incident:
    """Six statements, of which the RFO is the newest."""
    group = factories.make_group(page, "SIPcity Calling Platform")
    network = factories.make_component(page, "Network", group=group)
    pbx = factories.make_component(page, "SIPcity Cloud PBX")
    incident = factories.make_incident(
        page,
        "Degraded network, causing calling outage",
        body="As part of this mornings migration, we identified an issue within the TCP stack.",
        status=IncidentStatus.IDENTIFIED,
        components={network: ComponentStatus.MAJOR_OUTAGE, pbx: ComponentStatus.PARTIAL_OUTAGE},
    )
    for hour, minute, status, body in (
        (22, 26, IncidentStatus.IDENTIFIED, "We are continuing to implement a solution.\nArena is disabled."),
        (24, 11, IncidentStatus.IDENTIFIED, "We have registrations and calls back up."),
        (25, 58, IncidentStatus.MONITORING, "A fix has been implemented and we are monitoring the results."),
    ):
        at = datetime(2021, 10, 8 + hour // 24, hour % 24, minute, tzinfo=UTC)
        factories.make_update(incident, body, status=status, at=at)
    factories.resolve(incident, at=datetime(2021, 10, 10, 1, 49, tzinfo=UTC))
    factories.make_rfo(
        incident,
        at=datetime(2021, 10, 29, 3, 12, tzinfo=UTC),
        signatory_name="The Chief Executive",
        signatory_title="SIPcity",
    )
    incident.refresh_from_db()
    return incident


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A page with everything on it behind the real front."""
    with Installation(tmp_path_factory.mktemp("site")) as installation:
        installation.shell(FURNISH)
        installation.start("web")
        yield installation


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def opens(site: Installation, browser: Browser) -> Iterator[Opens]:
    """Opens tabs on the site; at the end none may have complained, or asked for anything from elsewhere."""
    readers: list[Reader] = []

    def open_tab(path: str = "/", **options: Any) -> Reader:
        readers.append(Reader(browser.new_page(**options), site.url))
        readers[-1].open(path)
        return readers[-1]

    yield open_tab
    for reader in readers:
        reader.tab.close()
    assert [each for reader in readers for each in (*reader.complaints, *reader.foreign())] == []


def folder_of(page: Page) -> PageFolder:
    return the_store().page(page.code)


def text_of(page: Page, path: str, *, stale: bool = False) -> str:
    """A published document's words; fails when there is none."""
    document = folder_of(page).read(path)
    assert document is not None, path
    variant = document.stale if stale else document.fresh
    assert variant is not None, path
    return variant.bodies["identity"].decode()
