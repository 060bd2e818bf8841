"""What the index costs a reader on the wire, with all that it makes a browser load."""

import re
import urllib.request
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from tests.bench.servers import granian
from tests.bench.table import Report, Row
from tests.peers.installation import Installation

pytestmark = pytest.mark.bench

MOST = 20_000
ENCODINGS = ("br", "gzip", "identity")
FROM_ELSEWHERE = re.compile(r"@import|url\(\s*[\"']?(?:https?:)?//")
LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "manifest"}
LOADED_TAGS = {"script", "img", "iframe", "source", "video", "audio", "embed", "input"}


class Loaded(HTMLParser):
    """The addresses that a page makes a browser load by itself; of several icons it takes one."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self._has_icon = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        rel = set(given.get("rel", "").split())
        if tag == "link" and LOADED_LINKS & rel and not ("icon" in rel and self._has_icon):
            self._has_icon |= "icon" in rel
            self.addresses.append(given["href"])
        elif tag in LOADED_TAGS and "src" in given:
            self.addresses.append(given["src"])


def body(url: str, encoding: str) -> bytes:
    """As it comes over the wire: nothing is unpacked."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": encoding})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return bytes(reply.read())


def test_the_index_is_light_and_asks_nobody_else(site: Installation, report: Report) -> None:
    with granian(site):
        loaded = [urljoin(site.url, each) for each in Loaded(body(site.url, "identity").decode()).addresses]
        ours = [each for each in loaded if urlsplit(each).netloc == urlsplit(site.url).netloc]
        styles = "".join(body(each, "identity").decode() for each in ours if ".css" in each)
        weights = {name: [len(body(each, name)) for each in (site.url, *ours)] for name in ENCODINGS}
    whole = {name: sum(found) for name, found in weights.items()}
    others = len(loaded) - len(ours) + len(FROM_ELSEWHERE.findall(styles))
    report.add(
        "weighing",
        Row(
            f"the index with the {len(ours)} files that it loads, Brotli",
            f"{whole['br']:,} bytes, {weights['br'][0]:,} of them the index",
            f"gzip {whole['gzip']:,}, raw {whole['identity']:,}",
            goal=f"at most {MOST:,}",
            reached=whole["br"] <= MOST,
        ),
        Row("requests to anybody else", str(others), goal="0", reached=others == 0),
    )
