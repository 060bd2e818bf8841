"""How soon every worker of a host answers with words that another process has committed."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random
from statistics import median

import pytest

from tests.bench import carrier
from tests.bench.cores import children
from tests.bench.posting import Post, poster
from tests.bench.servers import granian
from tests.bench.table import Report, Row
from tests.bench.workers import one_of_each
from tests.peers.installation import Installation

pytestmark = pytest.mark.bench

WORKERS = 2
POSTS = 20
MOST_MS = 100
PATIENCE = 10.0


class Reader:
    """Asks one worker for the index again and again, as a browser does: only for what is new."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self._connection = connection
        self._etag = ""

    def until(self, words: str) -> float:
        """The first instant (monotonic seconds) at which an answer has come that says `words`."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self._connection.request("GET", "/", headers={"If-None-Match": self._etag})
            reply = self._connection.getresponse()
            body = reply.read()
            if reply.status == 200:
                self._etag = reply.headers["ETag"]
                if words.encode() in body:
                    return time.monotonic()
            time.sleep(0.001)
        raise AssertionError(f"no answer in {PATIENCE:g} s says {words!r}")


def test_every_worker_shows_a_post_at_once(site: Installation, report: Report) -> None:
    (code,) = carrier.open_codes(site)
    random, posts, delays = Random(7), list[Post](), list[float]()
    with granian(site, workers=WORKERS, core=None) as server, poster(site, code) as other:
        other.post("The first post of a process is slower: it loads what it needs.")
        workers = children(server)
        assert len(workers) == WORKERS
        readers = [Reader(connection) for connection in one_of_each(site.port, workers).values()]
        with ThreadPoolExecutor(len(readers)) as at_once:
            for number in range(POSTS):
                time.sleep(random.uniform(0, 0.1))  # so that the posts meet the workers' looks at any phase
                words = f"Seen by every worker, number {number}."
                seen = [at_once.submit(reader.until, words) for reader in readers]
                posts.append(other.post(words))
                delays.append(max(each.result() for each in seen) - posts[-1].committed)
    half, worst = median(delays) * 1000, max(delays) * 1000
    published = median(post.done - post.committed for post in posts) * 1000
    report.add(
        "seeing",
        Row(
            f"from commit to all of {WORKERS} workers, {POSTS} posts",
            f"median {half:.0f} ms, worst {worst:.0f} ms",
            f"all documents published after {published:.0f} ms",
            goal=f"at most {MOST_MS} ms",
            reached=worst <= MOST_MS,
        ),
    )
