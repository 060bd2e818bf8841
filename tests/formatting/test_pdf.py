"""HTML becomes a tagged PDF in a child that fetches nothing, ends in time and may be missing altogether."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from incidents.formatting.pdf import REST_SECONDS, NoPdf, Press, Unavailable
from tests.peers.paper import paper_facts, paper_structure, paper_unpacked, paper_words, require_press
from tests.peers.sink import hook_sink

LETTER = """
<html lang="en-AU"><title>Störung</title><meta name="author" content="SIPcity">
<meta name="dcterms.created" content="2021-10-29T14:12:00+11:00">
<h1>Calls failed</h1><p>From <b>08:22</b> on.</p>
<table><thead><tr><th>When</th></tr></thead><tbody><tr><td>08:22</td></tr></tbody></table>
"""


@pytest.fixture
def press() -> Press:
    require_press()
    return Press()


def test_the_same_html_gives_the_same_bytes_in_two_processes(
    press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = press.pdf(LETTER)
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert press.pdf(LETTER) == first


def test_it_is_tagged_and_says_title_author_language_and_date(press: Press) -> None:
    content = press.pdf(LETTER)
    facts = paper_facts(content)
    assert (facts["Title"], facts["Author"], facts["Tagged"]) == ("Störung", "SIPcity", "yes")
    assert facts["CreationDate"].startswith("Fri Oct 29 03:12:00 2021")
    assert b"/Lang (en-AU)" in paper_unpacked(content)
    assert b'pdfuaid:part="1"' in paper_unpacked(content)
    assert [tag for tag in paper_structure(content) if tag not in {"Span", "NonStruct"}] == [
        *("Document", "H1", "P", "Table", "THead", "TR", "TH", "TBody", "TR", "TD")
    ]


def test_nothing_is_fetched_whatever_the_html_asks_for(press: Press, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    with hook_sink() as sink:
        web, file = sink.url("/x"), secret.as_uri()
        asked = "".join(
            f"""<link rel="stylesheet" href="{url}"><link rel="attachment" href="{url}">
            <style>@import "{url}"; @font-face {{ font-family: f; src: url({url}) }} p {{ font-family: f }}</style>
            <p style="background: url({url}); list-style-image: url({url}); content: url({url})">words</p>
            <img src="{url}"><object data="{url}"></object><embed src="{url}"><iframe src="{url}"></iframe>
            <svg><image href="{url}"/><use href="{url}#a"/></svg><input type="image" src="{url}">
            <video poster="{url}"></video><a href="{url}">link</a>"""
            for url in (web, file)
        )
        content = press.pdf(f"<html lang=en><base href='{web}'><title>t</title>{asked}")
    assert sink.hooks == []
    assert "words" in paper_words(content)
    assert b"canary" not in paper_unpacked(content)
    assert b"EmbeddedFile" not in paper_unpacked(content)


def test_what_takes_too_long_is_ended(press: Press) -> None:
    with pytest.raises(NoPdf, match=r"within 0\.05 seconds"):
        press.pdf(LETTER, deadline=0.05)
    assert not press.is_resting


def test_what_cannot_be_laid_out_is_no_pdf_and_says_why(press: Press) -> None:
    with pytest.raises(NoPdf, match="status 1"):
        press.pdf(f"<html lang=en><title>t</title>{'<div>' * 2_000}deep")
    assert not press.is_resting


def test_missing_libraries_are_told_once_and_not_looked_for_again_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    now = [100.0]
    press = Press(clock=lambda: now[0])
    with monkeypatch.context() as missing:
        missing.setenv("PYTHONPATH", str(tmp_path))
        with pytest.raises(Unavailable, match="libpango"):
            press.pdf(LETTER)
        now[0] += REST_SECONDS
        with pytest.raises(Unavailable, match="libpango"):
            press.pdf(LETTER)
    assert [record.message for record in caplog.records] == ["no PDF can be made here; all else goes on"]
    assert press.is_resting
    with pytest.raises(Unavailable, match="missing"):
        press.pdf(LETTER)
    require_press()
    now[0] += REST_SECONDS
    assert press.pdf(LETTER).startswith(b"%PDF-1.7")


def test_the_web_process_does_not_load_weasyprint(tmp_path: Path) -> None:
    code = "import statuspage.wsgi, sys; print('weasyprint' in sys.modules)"
    env = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "statuspage.settings"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
