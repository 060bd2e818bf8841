"""The files of an RFO as a reader gets them: saved under their names, checked with `sha256sum`, never a draft's."""

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from incidents.models import Incident, RfoVersion
from incidents.operations.rfos import draft_rfo
from incidents.publishing.printing import print_due
from incidents.publishing.publisher import publish_page, the_store
from tests.factories import BEGAN, DEMO, make_incident, make_page, make_rfo, resolve
from tests.operations.test_looks import picture
from tests.peers.paper import paper_words, require_press
from tests.peers.programs import require
from tests.web.fronts import Reply, Visitor

V1 = "/rfo/RFO-2021-0001/v1"
FORMS = ("", ".json", ".md", ".pdf", "/SHA256SUMS")


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.PUBLISH_DIR = tmp_path / "published"
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def incident(db: None) -> Incident:
    incident = make_incident(make_page("SIPcity"))
    resolve(incident)
    make_rfo(incident, files={"Beweis für Störung.pdf": b"%PDF-1.7 finding", "b.png": picture()})
    return incident


@pytest.fixture
def visitor(settings: Settings) -> Visitor:
    return Visitor(Path(settings.PUBLISH_DIR))


def saved_name(reply: Reply) -> str:
    """The name that a browser would save it under."""
    disposition = reply.headers["content-disposition"]
    found = re.search("filename\\*?=(?:utf-8'')?\"?([^\";]+)", disposition)
    assert found, disposition
    return found[1]


def test_the_files_as_saved_pass_sha256sum(incident: Incident, visitor: Visitor, tmp_path: Path) -> None:
    require_press()
    publish_page(incident.page_id)
    print_due(at=datetime.now(UTC))
    folder = tmp_path / "saved"
    folder.mkdir()
    for form in (".json", ".md", ".pdf"):
        reply = visitor.ask(f"{V1}{form}")
        assert reply.status == 200
        assert reply.headers["content-disposition"].startswith("inline; ")
        (folder / saved_name(reply)).write_bytes(reply.body)
    for file in RfoVersion.objects.get().attachments.all():
        (folder / file.name).write_bytes(visitor.ask(f"/attachments/{file.code}/{file.name}").body)
    (folder / "SHA256SUMS").write_bytes(visitor.ask(f"{V1}/SHA256SUMS").body)
    told = [require("sha256sum", "coreutils"), "--check", "--strict", "SHA256SUMS"]
    done = subprocess.run(told, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    names = {line.rpartition(": ")[0] for line in done.stdout.splitlines()}
    assert names == {
        *("RFO-2021-0001-v1.json", "RFO-2021-0001-v1.md", "RFO-2021-0001-v1.pdf"),
        *("Beweis für Störung.pdf", "b.png"),
    }


def test_each_form_has_its_media_type_and_programs_of_other_sites_may_read_the_json(
    incident: Incident, visitor: Visitor
) -> None:
    publish_page(incident.page_id)
    types = {form: visitor.ask(f"{V1}{form}").headers["content-type"] for form in FORMS if form != ".pdf"}
    assert types == {
        "": "text/html; charset=utf-8",
        ".json": "application/json; charset=utf-8",
        ".md": "text/markdown; charset=utf-8",
        "/SHA256SUMS": "text/plain; charset=utf-8",
    }
    assert visitor.ask(f"{V1}.json").headers["access-control-allow-origin"] == "*"


def test_before_the_sweep_the_pdf_is_made_for_who_asks(client: Client, incident: Incident) -> None:
    require_press()
    publish_page(incident.page_id)
    reply = client.get(f"{V1}.pdf")
    assert (reply.status_code, reply["Content-Type"]) == (200, "application/pdf")
    assert reply["Content-Disposition"] == 'inline; filename="RFO-2021-0001-v1.pdf"'
    assert "RFO-2021-0001, version 1" in paper_words(reply.content)
    print_due(at=datetime.now(UTC))
    published = the_store().page(incident.page.code).read(f"{V1}.pdf")
    assert published is not None
    assert published.fresh.bodies["identity"] == reply.content


def test_a_page_in_another_zone_links_the_pdf_too(client: Client, incident: Incident) -> None:
    require_press()
    publish_page(incident.page_id)
    assert f'href="{V1}.pdf"' not in client.get(V1, {"tz": "UTC"}).content.decode()
    print_due(at=datetime.now(UTC))
    assert f'href="{V1}.pdf"' in client.get(V1, {"tz": "UTC"}).content.decode()


def test_a_pdf_that_cannot_be_made_is_not_to_be_had_and_the_rest_is(
    client: Client, incident: Incident
) -> None:
    require_press()
    RfoVersion.objects.update(body_html="<div></i>" * 990)  # deeper than it looks, and than can be laid out
    publish_page(incident.page_id)
    for _ in range(2):  # asked for first, and after the sweep has found out
        reply = client.get(f"{V1}.pdf")
        assert (reply.status_code, reply["Retry-After"]) == (503, "5")
        assert print_due(at=datetime.now(UTC)) == 0
    assert client.get(f"{V1}.json").status_code == 200


@pytest.mark.parametrize("form", FORMS)
def test_a_draft_is_not_there_in_any_form(
    client: Client, admin_client: Client, incident: Incident, visitor: Visitor, form: str
) -> None:
    draft_rfo(incident, body="Secret.", change_summary="More.", by=DEMO, at=BEGAN)
    publish_page(incident.page_id, everything=True)
    path = f"/rfo/RFO-2021-0001/v2{form}"
    assert visitor.ask(path).headers["x-behind"] == "django"
    assert client.get(path).status_code == 404
    assert admin_client.get(path).status_code == 404


@pytest.mark.parametrize("form", FORMS)
def test_a_withdrawn_version_is_not_there_in_any_form(
    client: Client, incident: Incident, visitor: Visitor, form: str
) -> None:
    publish_page(incident.page_id)
    RfoVersion.objects.update(state="withdrawn")
    publish_page(incident.page_id, again=[incident.pk])
    assert visitor.ask(f"{V1}{form}").headers["x-behind"] == "django"
    assert client.get(f"{V1}{form}").status_code == 404
    assert client.get(f"/incidents/{incident.code}/rfo").status_code == 404


@pytest.mark.parametrize("path", ["/rfo/RFO-2021-0009/v1.pdf", "/rfo/RFO-2021-0001/v9.json", "/rfo/x/v0.md"])
def test_an_unknown_version_is_not_there(client: Client, incident: Incident, path: str) -> None:
    assert client.get(path).status_code == 404
