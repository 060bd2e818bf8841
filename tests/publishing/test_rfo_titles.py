"""An RFO version keeps the incident's title and the page's name of its publication, in all of its signed forms."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from pytest_django import Settings

from incidents.domain.audit import digest
from incidents.domain.rfos import checksum
from incidents.domain.signatures import is_signed
from incidents.models import AuditLine, Incident, Page, RfoVersion
from incidents.models.keys import Scope
from incidents.monitoring.verifying import verify_rfos
from incidents.operations.actors import DEMO
from incidents.operations.versions import facts_of, withdraw_rfo
from incidents.publishing import rfo_print
from incidents.publishing.printing import print_due
from incidents.publishing.publisher import publish_page
from incidents.publishing.signing_keys import public_keys
from tests.api.asking import Script
from tests.factories import BEGAN, make_rfo
from tests.monitoring.database_writer import recompute, rewrite_sealed_line, sql
from tests.peers.paper import require_press
from tests.publishing.conftest import folder_of, text_of
from tests.publishing.test_rfo_print import subject_of

V1 = "/rfo/RFO-2021-0001/v1"
FORMS = (".pdf", ".json", ".md", "/SHA256SUMS")
TITLE = "Degraded network, causing calling outage"
OTHER = "A supplier's fault"


def raw(page: Page, path: str) -> bytes:
    document = folder_of(page).read(path)
    assert document is not None, path
    return document.fresh.bodies["identity"]


def files(page: Page) -> dict[str, bytes]:
    """The signed files and their signatures."""
    return {f"{form}{sig}": raw(page, f"{V1}{form}{sig}") for form in FORMS for sig in ("", ".sig")}


def signed(page: Page) -> set[str]:
    return {
        each.path
        for each in folder_of(page).documents()
        if each.path.startswith("/rfo/") and each.path.endswith(".sig")
    }


def faults() -> list[str]:
    return [fault for _, found in verify_rfos() for fault in found]


def patch_title(incident: Incident) -> None:
    script = Script(incident.page, Scope.INCIDENTS)
    assert script.patch(f"/incidents/{incident.code}", {"incident": {"name": OTHER}}).status == 200


def rewrite_title(incident: Incident) -> None:
    sql("UPDATE incidents_incident SET title = %s WHERE id = %s", OTHER, incident.pk)


def rewrite_page(incident: Incident) -> None:
    sql("UPDATE incidents_page SET name = %s WHERE id = %s", OTHER, incident.page_id)


@pytest.fixture(autouse=True)
def _press() -> None:
    require_press()


@pytest.fixture
def old_outage(outage: Incident, settings: Settings) -> Incident:
    """Its version was published before titles were recorded, and a good seal names the checksum that it had then."""
    RfoVersion.objects.update(incident_title="", page_name="")
    row = RfoVersion.objects.get()
    recompute(row.rfo_id)
    row.refresh_from_db()
    rewrite_sealed_line(row, row.sha256)
    line = AuditLine.objects.get(kind="rfo.published")
    sealed = digest(settings.AUDIT_KEY, line.previous, line.columns())
    AuditLine.objects.filter(pk=line.pk).update(digest=sealed)
    return outage


@pytest.mark.parametrize("change", [patch_title, rewrite_title, rewrite_page])
def test_a_published_version_keeps_its_title_and_its_page_and_its_signatures(
    outage: Incident, change: Callable[[Incident], None]
) -> None:
    call_command("publish", "--all")
    before = files(outage.page)
    change(outage)
    call_command("publish", "--all")
    assert files(outage.page) == before
    (key,) = public_keys()
    for form in FORMS:
        assert is_signed(key.pem, before[form], before[f"{form}.sig"]), form
    assert faults() == []
    outage.refresh_from_db()
    paper = rfo_print.source(subject_of(outage))
    for path in (V1, f"/incidents/{outage.code}/rfo"):
        page = text_of(outage.page, path)
        assert f'<h1 dir="auto">{TITLE}</h1>' in page
        assert '<p class="of">SIPcity · Reason for outage</p>' in page
        assert f"<title>RFO-2021-0001: {TITLE} – SIPcity</title>" in page
    assert f'"name":"RFO-2021-0001: {TITLE}"' in text_of(outage.page, V1)
    assert f'<h1 dir="auto">{TITLE}</h1>' in paper
    assert '<p class="brand" dir="auto">SIPcity</p>' in paper
    assert "supplier" not in paper


def test_a_pdf_that_is_made_after_the_change_has_the_title_of_the_publication(outage: Incident) -> None:
    publish_page(outage.page_id)
    patch_title(outage)
    print_due(at=datetime.now(UTC))
    (key,) = public_keys()
    kept = files(outage.page)
    assert all(is_signed(key.pem, kept[form], kept[f"{form}.sig"]) for form in FORMS)
    assert TITLE.encode() in raw(outage.page, f"{V1}.md")


def test_title_and_page_are_among_the_facts_that_anybody_can_check(outage: Incident) -> None:
    publish_page(outage.page_id)
    found = json.loads(raw(outage.page, f"{V1}.json"))
    told = found["facts"]
    assert (told["format"], told["title"], told["page"]) == (3, TITLE, "SIPcity")
    assert (found["incident"]["title"], found["page"]["name"]) == (TITLE, "SIPcity")
    assert checksum(told) == found["sha256"] == RfoVersion.objects.get().sha256


def test_the_next_version_and_a_withdrawal_have_the_title_of_their_own_publication(outage: Incident) -> None:
    patch_title(outage)
    make_rfo(outage, "Better.", change_summary="Words.", at=BEGAN + timedelta(days=30))
    withdraw_rfo(outage.rfos.get(), reason="It was wrong.", by=DEMO, at=BEGAN + timedelta(days=40))
    rows = RfoVersion.objects.order_by("number")
    assert [(row.incident_title, row.page_name) for row in rows] == [
        (TITLE, "SIPcity"),
        (OTHER, "SIPcity"),
        (OTHER, "SIPcity"),
    ]
    assert all(checksum(facts_of(row)) == row.sha256 for row in rows)
    assert faults() == []


@pytest.mark.parametrize("column", ["incident_title", "page_name"])
@pytest.mark.parametrize("words", [OTHER, ""])
def test_a_record_that_was_changed_is_named_and_not_signed(outage: Incident, column: str, words: str) -> None:
    publish_page(outage.page_id)
    sql(f"UPDATE incidents_rfoversion SET {column} = %s", words)
    assert faults() == ["v1: its words are not those of its checksum"]
    rewrite_title(outage)
    rewrite_page(outage)
    call_command("publish", "--all")
    assert signed(outage.page) == set()


def test_a_version_without_a_record_is_signed_once_and_never_with_another_title(
    old_outage: Incident, caplog: pytest.LogCaptureFixture
) -> None:
    page = old_outage.page
    publish_page(page.pk)
    assert len(signed(page)) == 3
    rewrite_title(old_outage)
    with caplog.at_level(logging.ERROR):
        call_command("publish", "--all")
    assert signed(page) == set()
    assert OTHER in text_of(page, f"{V1}.md")
    assert "has no record of title and page" in caplog.text
    for _ in range(2):
        call_command("publish", "--all")
        assert signed(page) == set()
    assert "openssl" not in text_of(page, V1)
    assert faults() == []


def test_a_version_without_a_record_has_its_checksums_signed_again_once_its_pdf_is_made(
    old_outage: Incident,
) -> None:
    page = old_outage.page
    publish_page(page.pk)
    print_due(at=datetime.now(UTC))
    kept = files(page)
    (key,) = public_keys()
    assert all(is_signed(key.pem, kept[form], kept[f"{form}.sig"]) for form in FORMS)
    rewrite_title(old_outage)
    call_command("publish", "--all")
    assert signed(page) == {f"{V1}.pdf.sig"}
    assert is_signed(key.pem, raw(page, f"{V1}.pdf"), raw(page, f"{V1}.pdf.sig"))
