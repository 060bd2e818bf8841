"""What a click on Post waits for, with ten incidents behind it and with ten thousand."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from statistics import median

import pytest

from tests.bench import carrier
from tests.bench.posting import Post, Poster, poster
from tests.bench.table import Report, Row
from tests.peers.installation import Installation

pytestmark = pytest.mark.bench

HISTORIES = {
    "few": {"past": 10, "quiet_days": 0},
    "many": {"past": 10_000, "quiet_days": 0},
    "long ago": {"past": 10_000, "quiet_days": 100},
}
WARM_UP = 2
POSTS = 15
MOST = 1.5


@pytest.fixture(scope="module")
def posters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Poster]]:
    """A process for each history, each in an installation of its own."""
    with ExitStack() as stack, ThreadPoolExecutor() as at_once:
        installations = [
            stack.enter_context(Installation(tmp_path_factory.mktemp("posting"))) for _ in HISTORIES
        ]
        codes = at_once.map(
            lambda each, history: carrier.publish_in(each, **history), installations, HISTORIES.values()
        )
        yield {
            name: stack.enter_context(poster(installation, code))
            for name, installation, code in zip(HISTORIES, installations, codes, strict=True)
        }


def figures(posts: Sequence[Post]) -> str:
    whole, rows = median(post.took for post in posts), median(post.committed - post.began for post in posts)
    return f"{whole * 1000:.0f} ms ({rows * 1000:.0f} of it to write the rows)"


def test_a_post_costs_the_same_however_long_the_history(posters: dict[str, Poster], report: Report) -> None:
    for each in posters.values():
        for _ in range(WARM_UP):
            each.post("We are still at it.")
    posts: dict[str, list[Post]] = {name: [] for name in posters}
    for number in range(POSTS):
        for name, each in posters.items():
            posts[name].append(each.post(f"Node {number} is checked; we go on with the next one."))
    few = median(post.took for post in posts["few"])
    rows = []
    for name, what in (("many", "over ten years"), ("long ago", "none in the last hundred days")):
        ratio = median(post.took for post in posts[name]) / few
        rows.append(
            Row(
                f"post an update, 10,000 past incidents, {what}",
                figures(posts[name]),
                f"with 10: {figures(posts['few'])}",
                f"{ratio:.2f}",
                f"at most {MOST}",
                ratio <= MOST,
            )
        )
    report.add("posting", *rows)
