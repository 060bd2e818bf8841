"""A page as plain files, complete for any static web server, and the commands that publish."""

import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import CommandError, call_command

from incidents.models import Incident, Page
from incidents.operations.actors import DEMO
from incidents.operations.rfos import attach_document, draft_rfo, publish_rfo
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import folder_of, text_of


def test_every_link_of_an_exported_page_leads_to_a_file(outage: Incident, tmp_path: Path) -> None:
    draft = draft_rfo(outage, body="Second.", change_summary="More.", by=DEMO, at=BEGAN + timedelta(days=30))
    attach_document(draft, name="Größe 1.pdf", content=b"%PDF-1.4 x", by=DEMO, at=BEGAN + timedelta(days=30))
    publish_rfo(draft, by=DEMO, at=BEGAN + timedelta(days=31))
    publish_page(outage.page_id)
    site = tmp_path / "site"
    call_command("export", str(site))
    pages = list(site.rglob("index.html"))
    assert len(pages) >= 6
    for file in pages:
        for link in re.findall(r'(?:href|src)="(/[^"?#]*)', file.read_text()):
            place = site / unquote(link).strip("/")
            outside = link.startswith("/subscriptions/")
            assert outside or place.is_file() or (place / "index.html").is_file(), (file, link)
    assert json.loads((site / "api/v2/summary.json").read_text())["page"]["name"] == "SIPcity"
    assert (site / "history.rss").read_text().startswith("<?xml")


def test_several_pages_are_exported_apart(page: Page, tmp_path: Path) -> None:
    other = factories.make_page("2talk")
    for each in (page, other):
        publish_page(each.pk)
    call_command("export", str(tmp_path / "site"))
    assert "SIPcity" in (tmp_path / "site" / page.code / "index.html").read_text()
    assert "2talk" in (tmp_path / "site" / other.code / "index.html").read_text()


def test_nothing_is_ever_written_over(page: Page, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "precious").write_text("mine")
    with pytest.raises(CommandError, match="not an empty folder"):
        call_command("export", str(tmp_path / "site"))


def test_publish_all_renders_every_page_and_names_what_failed(
    page: Page, outage: Incident, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("publish", "--all")
    assert "1 page published in full" in capsys.readouterr().out
    before = folder_of(page).file_of("/robots.txt").stat().st_mtime_ns
    call_command("publish", "--all")
    assert folder_of(page).file_of("/robots.txt").stat().st_mtime_ns > before
    call_command("publish")
    assert "0 pages published" in capsys.readouterr().out
    factories.make_incident(page, "Left behind")
    call_command("publish")
    assert "Left behind" in text_of(page, "/")
