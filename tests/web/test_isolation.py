"""Several pages in one installation: nothing of one is read on another, whatever is asked for and by which name."""

import math
import re
from itertools import permutations
from pathlib import Path

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from incidents.models import PageHost
from incidents.publishing.integrity import publish_integrity
from incidents.publishing.printing import print_due
from incidents.publishing.publisher import publish_hosts, publish_page, the_store
from incidents.publishing.site import DOCUMENTS, PDF
from incidents.publishing.store import PageFolder
from incidents.publishing.subjects import About
from tests.peers.paper import paper_facts, paper_words, require_press
from tests.web.brands import IDN, IN_DNS, Brand, make_brands
from tests.web.fronts import Visitor

KESTREL, OSPREY, MERLIN = range(3)
DOORS = ("/", "/?tz=UTC", "/subscriptions/")
NAMING = {
    each.pattern.split("/")[1]
    for each in DOCUMENTS
    if "{" in each.pattern and each.about != About.KEY  # the installation's, and the same on every page
} | {"attachments"}
"""How the paths begin that name a thing of one page."""
SPELLED = {
    "STATUS.Osprey.Test": OSPREY,
    "status.osprey.test.": OSPREY,
    "status.osprey.test:8443": OSPREY,
    "STATUS.OSPREY.TEST.:80": OSPREY,
    IN_DNS: MERLIN,
    IN_DNS.upper(): MERLIN,
    "status.kestrel.test": KESTREL,
    "nobody-claims.this.test": KESTREL,
    "osprey.test": KESTREL,
    "x.status.osprey.test": KESTREL,
}
NOT_OURS = (
    "",
    None,
    "status.osprey.example",
    "osprey",
    "status.osprey.test@evil.example",
    "status.osprey.test, status.kestrel.test",
    "status.osprey.test/..",
    "status.osprey.test:port",
    IDN.encode().decode("latin-1"),
    "o" * 9000 + ".test/",
    "status.osprey.test\t",
)


@pytest.fixture
def brands(db: None, settings: Settings, tmp_path: Path) -> tuple[Brand, ...]:
    settings.PUBLISH_DIR = tmp_path / "published"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ALLOWED_HOSTS = [".test"]
    brands = make_brands()
    for brand in brands:
        publish_page(brand.page.pk, everything=True)
    publish_integrity(at=now())
    return brands


@pytest.fixture
def printed(brands: tuple[Brand, ...]) -> None:
    """With the PDFs, which come after everything else."""
    require_press()
    assert print_due(at=now(), turn=math.inf) == 2 * len(brands)


@pytest.fixture
def visitor(brands: tuple[Brand, ...], settings: Settings) -> Visitor:
    """The front with Django itself behind it."""
    return Visitor(settings.PUBLISH_DIR, get_wsgi_application())


def folder_of(brand: Brand) -> PageFolder:
    return the_store().page(brand.page.code)


def paths_of(brand: Brand) -> set[str]:
    return {document.path for document in folder_of(brand).documents()}


def published(brand: Brand) -> dict[str, bytes]:
    """Every byte in the page's folder, readable: each rendering of each document, and what lies beside them."""
    folder = folder_of(brand)
    found = {"pointer": folder.pointer_file.read_bytes()}
    for document in folder.documents():
        for variant in filter(None, (document.fresh, document.stale)):
            body = variant.bodies["identity"]
            if document.path.startswith("/rfo/") and document.media_type == PDF:
                body += paper_words(body).encode() + str(paper_facts(body)).encode()
            found[f"{document.path} {variant is document.stale}"] = document.path.encode() + b"\n" + body
    return found


def betrayed(body: bytes, brand: Brand) -> list[str]:
    """What of a brand stands in some bytes."""
    low = body.decode("latin-1").lower()
    return [secret for secret in brand.secrets() if secret in low]


@pytest.mark.usefixtures("printed")
def test_no_published_document_holds_anything_of_another_page(brands: tuple[Brand, ...]) -> None:
    for document in DOCUMENTS:
        form = re.compile(re.sub(r"\\\{\w+\\\}", r"[\\w-]+", re.escape(document.pattern)))
        for brand in brands:
            assert any(form.fullmatch(path) for path in paths_of(brand)), (document.pattern, brand.word)
    for mine, other in permutations(brands, 2):
        assert len(other.secrets()) > 10
        for name, body in published(mine).items():
            assert betrayed(body, other) == [], name


def test_a_page_does_hold_its_own_words_and_no_subscriber(brands: tuple[Brand, ...]) -> None:
    for brand in brands:
        everything = b"\n".join(published(brand).values()).decode("latin-1")
        subscriber = brand.page.subscribers.get()
        assert subscriber.address not in everything
        assert [each for each in brand.secrets() if each not in everything] == [subscriber.code]


def test_each_host_is_answered_with_its_own_page(brands: tuple[Brand, ...], visitor: Visitor) -> None:
    for mine, other in permutations(brands, 2):
        for path in paths_of(mine):
            reply = visitor.ask(path, host=mine.host)
            assert reply.status == 200, path
            assert betrayed(reply.body, other) == [], path


@pytest.mark.usefixtures("printed")
def test_another_pages_paths_are_not_found_under_this_host(
    brands: tuple[Brand, ...], visitor: Visitor
) -> None:
    for here, there in permutations(brands, 2):
        foreign = paths_of(there) - paths_of(here)
        assert {path.split("/")[1] for path in foreign} == NAMING
        for path in foreign:
            for asked in (path, f"{path}?tz=UTC", f"{path}?page=1"):
                reply = visitor.ask(asked, host=here.host)
                assert reply.status == 404, asked
                assert [each for each in betrayed(reply.body, there) if each not in path] == [], asked


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
def test_a_viewers_zone_shows_the_page_of_the_host(
    brands: tuple[Brand, ...], visitor: Visitor, zone: str
) -> None:
    for brand in brands:
        for path in ("/", "/history", "/uptime", "/api"):
            reply = visitor.ask(f"{path}?tz={zone}", host=brand.host)
            assert reply.status == 200
            assert betrayed(reply.body, brand)
            assert [betrayed(reply.body, other) for other in brands if other != brand] == [[], []], path


def test_before_anything_is_published_the_host_chooses_too(
    brands: tuple[Brand, ...], settings: Settings, tmp_path: Path
) -> None:
    paths = {brand.host: paths_of(brand) for brand in brands}
    settings.PUBLISH_DIR = tmp_path / "nothing"
    for brand in brands:
        client = Client(headers={"host": brand.host})
        for path in ("/", "/history", "/api/v2/summary.json", "/history.atom"):
            body = client.get(path).content
            assert betrayed(body, brand)
            assert [betrayed(body, other) for other in brands if other != brand] == [[], []], path
        for other in brands:
            for path in paths[other.host] - paths[brand.host]:
                assert client.get(path).status_code == 404, path


def test_a_host_that_changes_hands_never_mixes_two_pages(brands: tuple[Brand, ...]) -> None:
    osprey, merlin = brands[OSPREY], brands[MERLIN]
    client = Client(headers={"host": osprey.host})
    PageHost.objects.filter(page=osprey.page).update(page=merlin.page)
    assert not betrayed(client.get("/", {"tz": "UTC"}).content, merlin)
    publish_hosts(the_store())
    body = client.get("/", {"tz": "UTC"}).content
    assert merlin.word in body.decode()
    assert osprey.word not in body.decode().replace(osprey.host, "")
    PageHost.objects.filter(host=osprey.host).update(page=osprey.page)
    publish_hosts(the_store())
    assert not betrayed(client.get("/", {"tz": "UTC"}).content, merlin)


def test_the_door_for_subscribers_is_the_hosts_own(brands: tuple[Brand, ...], visitor: Visitor) -> None:
    for brand in brands:
        reply = visitor.ask("/subscriptions/", host=brand.host)
        assert reply.status == 200
        assert betrayed(reply.body, brand)
        assert [betrayed(reply.body, other) for other in brands if other != brand] == [[], []]


def test_a_host_is_known_however_it_is_spelled_and_the_default_answers_the_rest(
    brands: tuple[Brand, ...], visitor: Visitor
) -> None:
    for host, brand in SPELLED.items():
        for asked in DOORS:
            reply = visitor.ask(asked, host=host)
            assert reply.status == 200, (host, asked)
            assert [each.word for each in brands if each.word in reply.body.decode()] == [
                brands[brand].word
            ], (host, asked)


def test_a_host_that_is_none_or_not_ours_gets_nothing_of_any_page(
    brands: tuple[Brand, ...], visitor: Visitor
) -> None:
    for host in NOT_OURS:
        for asked in DOORS:
            reply = visitor.ask(asked, host=host)
            assert reply.status == 400, (host, asked)
            assert [brand.word for brand in brands if brand.word in reply.body.decode()] == []
