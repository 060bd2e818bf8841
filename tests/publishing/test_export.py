"""A page as plain files, complete for any static web server, and the commands that publish."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils.timezone import now
from pytest_django import Settings

from incidents.models import Incident, Page
from incidents.publishing.bundles import bundle
from incidents.publishing.plain_files import ENDINGS
from incidents.publishing.publisher import publish_due, publish_page, the_store
from incidents.publishing.site import DOCUMENTS
from tests import factories
from tests.peers.stepped_clock import touch
from tests.publishing.conftest import folder_of, text_of
from tests.publishing.whole_site import broken, links, make_whole_site, rows_without_document


@pytest.fixture
def whole(db: None) -> Page:
    made = make_whole_site()
    touch(the_store().heartbeat)
    return made


def export(place: Path, *options: str) -> Path:
    call_command("export", str(place), *options)
    return place


def test_every_row_of_the_site_table_is_exported_byte_for_byte(whole: Page, tmp_path: Path) -> None:
    assert rows_without_document(folder_of(whole)) == []
    site = export(tmp_path / "site")
    for document in folder_of(whole).documents():
        is_html = document.media_type.startswith("text/html")
        file = site / document.path.strip("/") / "index.html" if is_html else site / document.path.strip("/")
        for encoding, ending in ENDINGS.items():
            beside = file.with_name(f"{file.name}{ending}")
            assert document.fresh.bodies.get(encoding) == (beside.read_bytes() if beside.exists() else None)
            if beside.exists():
                assert beside.stat().st_mtime_ns == folder_of(whole).file_of(document.path).stat().st_mtime_ns


def test_every_link_of_an_export_leads_to_a_file_of_it(
    whole: Page, settings: Settings, tmp_path: Path
) -> None:
    site = export(tmp_path / "site")
    assert broken(site, origin=settings.SITE_URL) == []
    everywhere = {link for file in site.rglob("*.html") for link in links(file)}
    assert len(everywhere) > 40
    assert any(link.endswith("Gr%C3%B6%C3%9Fe%201%20%28final%29.pdf") for link in everywhere)


def test_a_broken_link_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")
    (tmp_path / "index.html").write_text(
        '<a href="/there?v=1"><a href="/gone"><a href="/there?page=2"><img src="http://own.test/lost.png">'
        '<a href="http://other.test/x">'
    )
    (tmp_path / "sitemap.xml").write_text(
        "<loc>http://own.test/there</loc><loc>http://own.test/nowhere</loc>"
    )
    assert sorted(broken(tmp_path, origin="http://own.test")) == [
        "index.html: /gone",
        "index.html: /there?page=2",
        "index.html: http://own.test/lost.png",
        "sitemap.xml: http://own.test/nowhere",
    ]


def test_no_row_that_is_a_file_has_others_below_it() -> None:
    files = [row.pattern for row in DOCUMENTS if not row.media_type.startswith("text/html")]
    assert [file for file in files for row in DOCUMENTS if row.pattern.startswith(f"{file}/")] == []


def test_what_documents_name_of_the_static_files_comes_along(page: Page, tmp_path: Path) -> None:
    factories.make_incident(
        page, "See /static/subscriptions.css and /static/../manage.py, /static/no/such.css"
    )
    publish_page(page.pk)
    site = export(tmp_path / "site")
    assert (site / "static" / "page.js").read_bytes() == Path("static/page.js").read_bytes()
    assert (site / "static" / "page.js.gz").exists()
    assert (site / "static" / "favicons" / "page.svg").exists()
    assert (site / "static" / "subscriptions.css").exists()
    assert not (site / "static" / "console.css").exists()
    assert not list(site.rglob("manage.py*"))


def test_subscribing_is_declined_in_plain_words_with_what_can_be_followed(
    whole: Page, tmp_path: Path
) -> None:
    words = (export(tmp_path / "site") / "subscriptions" / "index.html").read_text()
    assert "Subscribing is not possible here" in words
    followed = [row.pattern for row in DOCUMENTS if row.pattern.endswith((".atom", ".rss", "nance.ics"))]
    assert len(followed) > 2
    assert [path for path in followed if "{" not in path and f'href="{path}"' not in words] == []


def test_an_export_while_monitoring_is_silent_does_not_look_confirmed(whole: Page, tmp_path: Path) -> None:
    alive = (export(tmp_path / "alive") / "index.html").read_text()
    the_store().heartbeat.unlink()
    silent = export(tmp_path / "silent") / "index.html"
    assert "Not confirmed" not in alive
    assert "Not confirmed since" in silent.read_text()
    assert int(silent.stat().st_mtime) == int((tmp_path / "alive" / "index.html").stat().st_mtime) + 1


def test_the_page_prints_until_when_it_may_be_believed(page: Page, tmp_path: Path) -> None:
    before = now() - timedelta(minutes=20)
    factories.make_probe(factories.make_component(page, "Network"), last_at=before)
    publish_due(at=before)
    touch(the_store().heartbeat)
    words = (export(tmp_path / "site") / "index.html").read_text()
    assert f'data-checked="{before:%Y-%m-%dT%H:%M:%SZ}" data-fresh="105"' in words
    assert '<p class="late" hidden>' in words


def test_a_name_that_no_file_system_takes_is_left_out_and_named(
    page: Page, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_page(page.pk)
    path = f"/attachments/abcdefghijkl/{'報' * 100}.pdf"
    folder_of(page).write(bundle(path, "application/pdf", b"%PDF-", download="x.pdf"))
    assert (export(tmp_path / "site") / "index.html").exists()
    assert path in capsys.readouterr().err


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


def test_json_is_exported_as_it_is_published(whole: Page, tmp_path: Path) -> None:
    site = export(tmp_path / "site")
    assert json.loads((site / "api/v2/summary.json").read_text())["page"]["name"] == "SIPcity"
    assert (site / "history.rss").read_text().startswith("<?xml")
