"""Where an export lies: a folder for each host, never half of one, never over anything foreign."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from incidents.models import Page
from incidents.publishing.bundles import bundle
from incidents.publishing.export import MARK
from incidents.publishing.plain_files import PlainFiles
from incidents.publishing.publisher import publish_page
from incidents.publishing.swapping import Occupied, whole_folder
from tests import factories
from tests.peers.installation import ROOT
from tests.publishing.conftest import folder_of

FILLER = """
import sys, time
from pathlib import Path
from incidents.publishing.swapping import whole_folder
with whole_folder(Path(sys.argv[1]), mark="ours", replace=True) as made:
    (made / "half").write_text("written")
    print("half done", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "exports" / "site"


def export(site: Path, *options: str) -> None:
    call_command("export", str(site), *options)


def test_a_single_page_is_the_folder_itself(page: Page, site: Path) -> None:
    publish_page(page.pk)
    export(site)
    assert "SIPcity" in (site / "index.html").read_text()
    assert not (site / "default").exists()


def test_several_pages_have_a_folder_for_each_host(page: Page, site: Path, settings: Settings) -> None:
    other = factories.make_page("2talk", hosts=("status.2talk.test", "old.2talk.test", "../evil", ".hidden"))
    unclaimed = factories.make_page("Vaitel")
    settings.ALLOWED_HOSTS = ["status.sipcity.test", "status.2talk.test", ".wild.test", "*", "[::1]"]
    for each in (page, other, unclaimed):
        publish_page(each.pk)
    export(site)
    names = {"status.sipcity.test": "SIPcity", "status.2talk.test": "2talk", "old.2talk.test": "2talk"}
    for name, brand in {**names, "[::1]": "SIPcity", "default": "SIPcity", unclaimed.code: "Vaitel"}.items():
        assert f'<b dir="auto">{brand}</b>' in (site / name / "index.html").read_text(), name
    codes = {page.code, other.code, unclaimed.code}
    assert {file.name for file in site.iterdir()} == {*names, "[::1]", "default", *codes, MARK}
    assert (site / "default").readlink() == Path(page.code)
    assert json.loads((site / MARK).read_text())["hosts"]["old.2talk.test"] == other.code


def test_what_is_foreign_is_never_written_over(page: Page, site: Path) -> None:
    publish_page(page.pk)
    site.mkdir(parents=True)
    (site / "precious").write_text("mine")
    for options, words in (((), "not an empty folder"), (("--replace",), "nor an earlier export")):
        with pytest.raises(CommandError, match=words):
            export(site, *options)
    assert (site / "precious").read_text() == "mine"
    assert list(site.parent.iterdir()) == [site]


def test_an_export_is_replaced_only_when_asked_and_whole(page: Page, site: Path) -> None:
    publish_page(page.pk)
    export(site, "--replace")
    (site / "left_over").write_text("of an older one")
    factories.make_incident(page, "Something new")
    publish_page(page.pk)
    with pytest.raises(CommandError, match="there already"):
        export(site)
    assert "Something new" not in (site / "index.html").read_text()
    export(site, "--replace")
    assert "Something new" in (site / "index.html").read_text()
    assert not (site / "left_over").exists()
    assert list(site.parent.iterdir()) == [site]


def test_a_torn_document_leaves_the_earlier_export_as_it_was(page: Page, site: Path) -> None:
    publish_page(page.pk)
    export(site)
    factories.make_incident(page, "Something new")
    publish_page(page.pk)
    folder_of(page).file_of("/history").write_bytes(b"torn")
    with pytest.raises(CommandError, match="publish --all"):
        export(site, "--replace")
    assert "Something new" not in (site / "index.html").read_text()
    assert (site / "history" / "index.html").exists()
    assert list(site.parent.iterdir()) == [site]


def test_nothing_published_is_nothing_exported(db: None, site: Path) -> None:
    with pytest.raises(CommandError, match="No page is published yet"):
        export(site)
    assert not site.exists()


def test_a_writer_killed_half_way_leaves_nothing_at_the_place(site: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", FILLER, str(site)], cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"half done\n"
    with pytest.raises(Occupied, match="being written"), whole_folder(site, mark="ours", replace=True):
        raise AssertionError("two writers at once")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not site.exists()
    assert len(list(site.parent.iterdir())) == 1
    with whole_folder(site, mark="ours", replace=True) as made:
        (made / "all").write_text("of it")
    assert (site / "all").read_text() == "of it"
    assert list(site.parent.iterdir()) == [site]


def test_no_reader_ever_misses_a_file_while_exports_are_swapped(site: Path) -> None:
    for number in range(2):
        with whole_folder(site, mark="ours", replace=True) as made:
            (made / "index.html").write_text(str(number))
    looking = (
        "import sys, pathlib\nwhile 1: pathlib.Path(sys.argv[1], 'index.html').stat(); print(flush=True)"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", looking, str(site)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert reader.stdout is not None
    assert reader.stderr is not None
    reader.stdout.readline()
    os.set_blocking(reader.stdout.fileno(), False)
    for number in range(300):
        with whole_folder(site, mark="ours", replace=True) as made:
            (made / "index.html").write_text(str(number))
        reader.stdout.read()
    missed = reader.poll()
    reader.kill()
    reader.communicate()
    assert missed is None


def test_others_may_read_it_however_careful_the_writer_is(page: Page, site: Path) -> None:
    publish_page(page.pk)
    before = os.umask(0o077)
    try:
        export(site)
    finally:
        os.umask(before)
    assert {oct(file.stat().st_mode & 0o007) for file in site.rglob("*") if file.is_file()} == {"0o4"}
    assert {oct(file.stat().st_mode & 0o007) for file in (site, *site.rglob("*")) if file.is_dir()} == {"0o5"}


def test_what_changes_while_it_is_copied_is_brought_after(page: Page, tmp_path: Path) -> None:
    publish_page(page.pk)
    folder = folder_of(page)
    files = PlainFiles(folder, tmp_path / "place", is_silent=False)
    folder.write(bundle("/soon-gone", "text/plain", b"words " * 50))
    files.bring()
    assert (tmp_path / "place" / "soon-gone.gz").exists()
    untouched = (tmp_path / "place" / "robots.txt").stat().st_ino
    folder.remove("/soon-gone")
    folder.write(bundle("/history", "text/html", b"newer"))
    files.bring()
    assert not list((tmp_path / "place").glob("soon-gone*"))
    assert (tmp_path / "place" / "history" / "index.html").read_bytes() == b"newer"
    assert not (tmp_path / "place" / "history" / "index.html.gz").exists()
    assert (tmp_path / "place" / "robots.txt").stat().st_ino == untouched
    assert files.count == len(list(folder.files()))
