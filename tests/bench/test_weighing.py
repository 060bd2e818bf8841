"""What the index costs a reader on the wire, with all that it makes a browser load."""

import urllib.request
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from tests.bench.servers import granian
from tests.bench.table import Report, Row
from tests.peers.installation import Installation

pytestmark = pytest.mark.bench

MOST = 20_000
LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "manifest"}
LOADED_TAGS = {"script", "img", "iframe", "source", "video", "audio", "embed", "input"}


class Loaded(HTMLParser):
    """The addresses that a page makes a browser load by itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "link" and LOADED_LINKS & set(given.get("rel", "").split()):
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
        page = body(site.url, "identity").decode()
        loaded = [urljoin(site.url, each) for each in Loaded(page).addresses]
        ours = [each for each in loaded if urlsplit(each).netloc == urlsplit(site.url).netloc]
        styles = "".join(body(each, "identity").decode() for each in ours if ".css" in each)
        weights = {
            encoding: [len(body(each, encoding)) for each in (site.url, *ours)]
            for encoding in ("br", "gzip", "identity")
        }
    others = len(loaded) - len(ours) + styles.count("//") + styles.count("@import")
    report.add(
        "weighing",
        Row(
            "the index with its style sheet, script and icon (Brotli)",
            f"{sum(weights['br']):,} bytes, {weights['br'][0]:,} of them the page",
            f"gzip {sum(weights['gzip']):,}, raw {sum(weights['identity']):,}",
            goal=f"at most {MOST:,}",
            reached=sum(weights["br"]) <= MOST,
        ),
        Row("requests to anybody else", str(others), goal="0", reached=others == 0),
    )
