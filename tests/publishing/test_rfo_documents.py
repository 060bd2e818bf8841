"""An RFO version as JSON and as Markdown: what it says, and a checksum that anybody can work out again."""

import hashlib
import json
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incidents.models import Attachment, Incident, Page
from incidents.operations.actors import DEMO
from incidents.operations.rfos import draft_rfo
from incidents.operations.versions import publish_rfo
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN
from tests.peers.programs import require
from tests.publishing.conftest import folder_of, text_of

V1 = "/rfo/RFO-2021-0001/v1"


def as_json(page: Page, path: str = V1) -> dict[str, Any]:
    publish_page(page.pk)
    found: dict[str, Any] = json.loads(text_of(page, f"{path}.json"))
    return found


def canonical(facts: object) -> bytes:
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_the_json_says_what_the_version_is_and_where(outage: Incident) -> None:
    found = as_json(outage.page)
    assert list(found) == [
        *("number", "version", "kind", "url", "page", "incident", "published_at", "published_at_local"),
        *("signatory", "signed_at", "change_summary", "audience", "body", "content"),
        *("attachments", "sha256", "previous_sha256", "facts"),
    ]
    assert (found["number"], found["version"], found["kind"]) == ("RFO-2021-0001", 1, "final")
    assert found["published_at"] == "2021-10-29T03:12:00.000Z"
    assert found["published_at_local"] == "2021-10-29T14:12:00.000+11:00"
    assert found["page"]["time_zone"] == "Australia/Sydney"
    assert found["incident"] == {
        "code": outage.code,
        "title": "Degraded network, causing calling outage",
        "url": f"http://status.sipcity.test/incidents/{outage.code}",
    }
    assert found["signatory"] == {"name": "The Chief Executive", "title": "SIPcity"}
    assert found["body"] == outage.rfos.get().versions.get().body
    assert (found["change_summary"], found["previous_sha256"], found["attachments"]) == (None, None, [])


def test_its_facts_give_its_checksum(outage: Incident) -> None:
    found = as_json(outage.page)
    assert hashlib.sha256(canonical(found["facts"])).hexdigest() == found["sha256"]
    assert found["sha256"] == outage.rfos.get().versions.get().sha256


def test_the_command_of_the_help_gives_its_checksum(page: Page, tmp_path: Path) -> None:
    incident = factories.make_incident(page)
    factories.resolve(incident)
    factories.make_rfo(
        incident, 'Größe "1 %" \U0001f600 \\ </script> \u2028 end.', files={"ä 1.pdf": b"%PDF-1"}
    )
    found = as_json(page)
    (tmp_path / "v.json").write_text(text_of(page, f"{V1}.json"))
    told = [require("jq", "jq"), "--compact-output", "--sort-keys", "--join-output", ".facts", "v.json"]
    facts = subprocess.run(told, cwd=tmp_path, capture_output=True, check=True).stdout
    assert hashlib.sha256(facts).hexdigest() == found["sha256"]


def test_each_version_holds_the_checksum_of_the_one_before_and_of_its_documents(outage: Incident) -> None:
    factories.make_rfo(
        outage,
        "Two certificates.",
        change_summary="The second one.",
        files={"Größe 1.pdf": b"%PDF-1.4 x"},
        at=BEGAN + timedelta(days=30),
    )
    first, second = as_json(outage.page), as_json(outage.page, "/rfo/RFO-2021-0001/v2")
    assert second["previous_sha256"] == first["sha256"] == second["facts"]["previous"]
    assert hashlib.sha256(canonical(second["facts"])).hexdigest() == second["sha256"]
    assert second["change_summary"] == "The second one."
    (file,) = second["attachments"]
    kept = Attachment.objects.get().file.read()
    assert kept.startswith(b"%PDF-")
    assert (file["name"], file["media_type"], file["size"]) == ("Größe 1.pdf", "application/pdf", len(kept))
    assert file["sha256"] == hashlib.sha256(kept).hexdigest()
    assert file["url"].startswith("http://status.sipcity.test/attachments/")
    assert file["url"].endswith("/Gr%C3%B6%C3%9Fe%201.pdf")


def test_an_instant_given_in_another_zone_gives_the_same_checksum(page: Page) -> None:
    incident = factories.make_incident(page)
    factories.resolve(incident)
    draft = draft_rfo(incident, body="Words.", by=DEMO, at=BEGAN)
    local = datetime(2021, 10, 29, 14, 12, 0, 123456, tzinfo=ZoneInfo("Australia/Sydney"))
    publish_rfo(draft, by=DEMO, at=local, happened_at=local)
    found = as_json(page)
    assert found["facts"]["published_at"] == "2021-10-29T03:12:00.123456+00:00"
    assert hashlib.sha256(canonical(found["facts"])).hexdigest() == found["sha256"]


def test_the_markdown_is_the_body_as_written_below_what_it_is(outage: Incident) -> None:
    publish_page(outage.page_id)
    head, _, body = text_of(outage.page, f"{V1}.md").partition("\n---\n")
    version = outage.rfos.get().versions.get()
    assert head.splitlines() == [
        "# Degraded network, causing calling outage",
        "",
        "- Reason for outage: RFO-2021-0001, version 1 (final)",
        "- Published: Oct 29, 2021 - 14:12 AEDT (Oct 29, 2021 - 03:12 UTC) by SIPcity",
        "- In the name of: The Chief Executive, SIPcity",
        f"- Address: <http://status.sipcity.test{V1}>",
        f"- SHA-256 of this version: `{version.sha256}`",
    ]
    assert body == f"\n{version.body}\n"


@pytest.mark.parametrize("ending", [".json", ".md"])
def test_it_is_compressed_for_who_takes_that(outage: Incident, ending: str) -> None:
    publish_page(outage.page_id)
    document = folder_of(outage.page).read(f"{V1}{ending}")
    assert document is not None
    assert set(document.fresh.bodies) == {"identity", "gzip", "br"}


def test_the_page_links_the_other_forms_and_a_pdf_only_once_there_is_one(outage: Incident) -> None:
    publish_page(outage.page_id)
    for path in (V1, f"/incidents/{outage.code}/rfo"):
        document = text_of(outage.page, path)
        for form in (".md", ".json", "/SHA256SUMS"):
            assert f'href="{V1}{form}"' in document
        assert f'href="{V1}.pdf"' not in document


def test_what_is_withdrawn_is_taken_away_and_told_as_that(outage: Incident) -> None:
    version = factories.make_rfo(
        outage,
        "Canary words.",
        change_summary="More.",
        files={"a.pdf": b"%PDF-1"},
        at=BEGAN + timedelta(days=30),
    )
    publish_page(outage.page_id)
    before = {document.path for document in folder_of(outage.page).documents()}
    assert f"/rfo/{version.rfo.number}/v2.json" in before
    type(version).objects.filter(pk=version.pk).update(state="withdrawn")
    factories.make_update(outage, "Corrected.", at=BEGAN + timedelta(days=31))
    publish_page(outage.page_id)
    folder = folder_of(outage.page)
    after = {document.path: document.fresh.bodies["identity"] for document in folder.documents()}
    assert {path for path in before - after.keys() if path.startswith("/rfo/")} == {
        *(f"/rfo/RFO-2021-0001/v2{form}" for form in ("", ".json", ".md", "/SHA256SUMS", "/changes")),
        *(f"/rfo/RFO-2021-0001/v2{form}.sig" for form in (".json", ".md", "/SHA256SUMS")),
    }
    assert not any(path.startswith("/attachments/") for path in after)
    assert not [path for path, content in after.items() if b"Canary" in content]
    assert b"has been withdrawn" in after[f"/incidents/{outage.code}"]
    assert b"One malformed certificate." in after[f"/incidents/{outage.code}/rfo"]


def test_the_only_version_withdrawn_leaves_no_rfo(outage: Incident) -> None:
    publish_page(outage.page_id)
    outage.rfos.get().versions.update(state="withdrawn")
    factories.make_update(outage, "Withdrawn.", at=BEGAN + timedelta(days=31))
    publish_page(outage.page_id)
    left = [document.path for document in folder_of(outage.page).documents()]
    assert not [path for path in left if path.startswith("/rfo/") or path.endswith("/rfo")]
