"""The help pages at `/help/`."""

import re

import pytest
from django.test import Client

from incidents.web.help import INDEX, help_page, pages

SLUGS = [page.slug for page in pages()]


def test_the_index_lists_every_page_by_its_title(client: Client) -> None:
    content = client.get("/help/").content.decode()
    for page in pages():
        assert f'<a href="/help/{page.slug}/"' in content
        assert page.title in content
    assert {"settings", "commands", "probes", "console", "import", "public-documents"} <= set(SLUGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_shows_its_words_under_one_heading(client: Client, slug: str) -> None:
    response = client.get(f"/help/{slug}/")
    content = response.content.decode()
    assert response.status_code == 200
    assert content.count("<h1>") == 1
    assert help_page(slug).title in content
    assert "|---" not in content


def test_a_table_becomes_a_table() -> None:
    assert "<td><code>DATA_DIR</code></td>" in help_page("settings").body


@pytest.mark.parametrize("slug", ["nothing", "page", "index.md", "a" * 300], ids=len)
def test_an_unknown_page_is_not_found(client: Client, slug: str) -> None:
    assert client.get(f"/help/{slug}/").status_code == 404


@pytest.mark.parametrize(
    "path", ["/help/../settings/", "/help/%2e%2e%2f%2e%2e%2fmanage/", "/help/docs/index/"]
)
def test_no_path_leads_out_of_the_folder(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_index_is_not_listed_in_itself() -> None:
    assert INDEX not in SLUGS


def test_every_link_within_the_help_leads_somewhere(client: Client) -> None:
    for slug in [INDEX, *SLUGS]:
        for target in re.findall(r'href="/help/([\w-]+)/"', help_page(slug).body):
            assert target in SLUGS, f"{slug} links to {target}"
