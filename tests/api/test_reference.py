"""The API's description costs seconds to render: that happens once for a release, however many ask at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from incidents.api import reference

pytestmark = pytest.mark.django_db
CROWD = 8


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is rendered yet."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(reference, "_ready", {})
    return tmp_path / "api-reference"


def test_a_crowd_renders_it_once_and_is_told_to_come_again(folder: Path) -> None:
    def ask(_: int) -> int:
        return Client().get("/v1/schema").status_code

    with ThreadPoolExecutor(CROWD) as crowd:
        statuses = sorted(crowd.map(ask, range(CROWD)))
    assert statuses[0] == 200
    assert set(statuses) <= {200, 503}
    assert len(list(folder.iterdir())) == 1, "one rendering, and nothing unfinished"


def test_another_process_of_the_release_reads_what_was_rendered(folder: Path) -> None:
    first = Client().get("/v1/schema")
    (file,) = folder.iterdir()
    written = file.stat().st_mtime_ns
    reference._ready.clear()
    again = Client().get("/v1/schema")
    assert (again.content, file.stat().st_mtime_ns) == (first.content, written)


def test_a_damaged_file_is_rendered_again(folder: Path) -> None:
    first = Client().get("/v1/docs")
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:-7])
    reference._ready.clear()
    assert Client().get("/v1/docs").content == first.content


def test_it_comes_in_both_forms_with_an_etag(folder: Path) -> None:
    in_yaml = Client().get("/v1/schema")
    assert (in_yaml.headers["Content-Type"], in_yaml.content[:8]) == (
        "application/vnd.oai.openapi",
        b"openapi:",
    )
    for response in (
        Client().get("/v1/schema", {"format": "json"}),
        Client().get("/v1/schema", headers={"Accept": "application/json,*/*"}),
    ):
        assert "json" in response.headers["Content-Type"]
        assert json.loads(response.content)["openapi"] == "3.1.1"
    known = Client().get("/v1/schema", headers={"If-None-Match": in_yaml.headers["ETag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_only_what_is_asked_for_is_answered_from_memory(folder: Path) -> None:
    assert reference.accepted_document("/v1/schema", "*/*") is None
    reference.document("/v1/schema")
    assert reference.accepted_document("/v1/schema", "*/*") is not None
    assert reference.accepted_document("/v1/schema", "application/json") is None
    assert reference.accepted_document("/v1/docs?script=", "*/*") is not None
    assert reference.accepted_document("/v1/docs?lang=de", "*/*") is None
