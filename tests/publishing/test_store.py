"""The published folder: whole files, one page's own place, nothing outside it."""

from pathlib import Path

import pytest

from incidents.publishing.bundles import Bundle, bundle
from incidents.publishing.store import Hosts, PageFolder, Pointer, Store


def words(path: str, text: bytes = b"words") -> Bundle:
    return bundle(path, "text/plain", text)


@pytest.fixture
def folder(tmp_path: Path) -> PageFolder:
    made = Store(tmp_path).page("abcdefghijkl")
    with made.lock():
        return made


def test_what_is_written_is_read(folder: PageFolder) -> None:
    folder.write(words("/incidents/abc"))
    assert folder.read("/incidents/abc") == words("/incidents/abc")


def test_a_path_and_the_paths_below_it_are_different_documents(folder: PageFolder) -> None:
    for path in ("/", "/history", "/history/2021/10", "/history.rss"):
        folder.write(words(path, path.encode()))
    assert sorted(each.path for each in folder.documents()) == [
        "/",
        "/history",
        "/history.rss",
        "/history/2021/10",
    ]


@pytest.mark.parametrize(
    "path", ["/../../secret", "/..", "/a/../../b", "//etc/passwd", "/%2e%2e/x", "/a\x00b"]
)
def test_no_path_leads_out_of_the_folder(folder: PageFolder, tmp_path: Path, path: str) -> None:
    before = {file for file in tmp_path.rglob("*") if file.is_file()}
    folder.write(words(path))
    (made,) = {file for file in tmp_path.rglob("*") if file.is_file()} - before
    assert made.parent == folder.folder / "documents"


@pytest.mark.parametrize("path", ["", "index.html", "x" * 500, "/" + "x" * 500])
def test_what_is_no_public_path_is_neither_written_nor_read(folder: PageFolder, path: str) -> None:
    assert folder.read(path) is None
    with pytest.raises(ValueError, match="path"):
        folder.write(words(path))


def test_long_names_in_any_script_stay_apart(folder: PageFolder) -> None:
    first, second = (f"/attachments/abcdefghijkl/{'報' * 100}{end}.pdf" for end in "甲乙")
    folder.write(words(first, b"first"))
    folder.write(words(second, b"second"))
    assert folder.read(first) == words(first, b"first")
    assert folder.read(second) == words(second, b"second")


def test_a_torn_document_reads_as_none(folder: PageFolder) -> None:
    folder.write(words("/"))
    file = folder.file_of("/")
    file.write_bytes(file.read_bytes()[:-1])
    assert folder.read("/") is None


def test_what_a_dead_publisher_left_is_swept_up(folder: PageFolder) -> None:
    left = folder.folder / "drafts" / ".4711.abc"
    left.write_bytes(b"half")
    with folder.lock():
        assert not left.exists()


def test_a_second_publisher_waits_only_as_long_as_it_has_patience(folder: PageFolder) -> None:
    with folder.lock(), pytest.raises(TimeoutError), folder.lock(patience=0.05):
        pass
    with folder.lock(patience=0):
        pass


def test_the_pointer_is_what_was_pointed_to(folder: PageFolder) -> None:
    assert folder.pointer() is None
    pointer = Pointer(7, "2021-10-08T21:22:00+00:00", 105.0, ("abc",), ("2021-10",))
    folder.point(pointer)
    assert folder.pointer() == pointer


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"revision": 1}', "null", '{"surprise": 1}'])
def test_a_broken_pointer_counts_as_none(folder: PageFolder, content: str) -> None:
    folder.pointer_file.write_text(content)
    assert folder.pointer() is None


def test_hosts_choose_a_page_and_the_default_takes_the_rest(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.hosts() == Hosts()
    with store.lock():
        store.write_hosts(Hosts("aaa", {"status.2talk.test": "bbb"}))
    assert store.hosts().page_of("status.2talk.test") == "bbb"
    assert store.hosts().page_of("elsewhere.test") == "aaa"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"default": 3}'])
def test_a_broken_table_of_hosts_names_no_page(tmp_path: Path, content: str) -> None:
    store = Store(tmp_path)
    store.hosts_file.write_text(content)
    assert store.hosts() == Hosts()


def test_only_what_is_named_is_kept(folder: PageFolder) -> None:
    for path in ("/", "/history", "/incidents/gone"):
        folder.write(words(path))
    folder.keep_only({"/", "/history"})
    assert sorted(each.path for each in folder.documents()) == ["/", "/history"]
    folder.remove("/history")
    folder.remove("/history")
    assert [each.path for each in folder.documents()] == ["/"]
