"""What people reload during an outage is out before the rest is rendered, and a publisher may die in between."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.models import Incident
from incidents.publishing.publisher import publish_due, publish_page
from incidents.publishing.run import Plan, Run
from incidents.publishing.snapshot import Reader
from incidents.publishing.store import Pointer
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import folder_of, text_of

NEWS = "Calls fail"


class Killed(Exception):
    """Stands for the end of the process."""


@pytest.fixture
def news(outage: Incident) -> Incident:
    publish_page(outage.page_id)
    return factories.make_incident(outage.page, NEWS, at=BEGAN + timedelta(days=40))


def die_after_the_first(news: Incident) -> Pointer:
    """Publish the news as far as to the first documents; what was current before."""
    folder, at = folder_of(news.page), datetime.now(UTC)
    before = folder.pointer()
    assert before is not None

    def point_and_die() -> None:
        folder.point(run.pointer(before.revision, revision_at=before.revision_at, published_at=at))
        raise Killed

    run = Run(news.page, folder, Reader(news.page, at=at, site_url="http://status.sipcity.test"), before)
    plan = Plan(page=True, nouns=frozenset({"incident"}), incidents=frozenset({news.pk}))
    with folder.lock(), pytest.raises(Killed):
        run.render(plan, first_out=point_and_die)
    return before


def test_the_index_and_what_monitors_poll_come_first(news: Incident) -> None:
    before = die_after_the_first(news)
    for path in ("/", "/api/v2/summary.json"):
        assert NEWS in text_of(news.page, path), path
    assert NEWS not in text_of(news.page, "/history.rss")
    pointer = folder_of(news.page).pointer()
    assert pointer is not None
    assert pointer.published_at > before.published_at, "readers look again only when it has moved"
    assert pointer.revision == before.revision, "not all of the news is in the documents"


def test_the_sweep_makes_up_for_a_publisher_that_died_in_between(news: Incident) -> None:
    die_after_the_first(news)
    assert publish_due(at=datetime.now(UTC)) == 1
    for path in ("/history.rss", f"/incidents/{news.code}"):
        assert NEWS in text_of(news.page, path), path
