"""The heads of the audit leave the database once a day and with each RFO, and survive a process that dies."""

import json
import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from incidents.domain.published import read_publication
from incidents.domain.roles import Role
from incidents.domain.signatures import is_signed
from incidents.models import AuditHead, AuditLine, HeadMail, HeadPublication, Incident, Page, Suppression
from incidents.operations.heads import (
    current_heads,
    published_versions,
    purge_publications,
)
from incidents.publishing import integrity
from incidents.publishing.integrity import publish_integrity, read_published
from incidents.publishing.publisher import publish_page, the_store
from incidents.publishing.signing_keys import public_keys
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import folder_of, text_of
from tests.web.fronts import Visitor

PATH = "/.well-known/dialtone-integrity.json"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def signing_dir(settings: Settings, tmp_path: Path) -> None:
    settings.SIGNING_DIR = tmp_path / "signing"


@pytest.fixture
def published(outage: Incident) -> Page:
    publish_page(outage.page_id)
    publish_integrity(at=NOW)
    return outage.page


def said(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text_of(page, PATH))
    return found


def test_the_document_says_where_the_chains_ended_and_what_is_published(published: Page) -> None:
    found = said(published)
    row = HeadPublication.objects.get()
    assert (found["publication"], found["published_at"]) == (row.code, "2026-11-30T12:00:00+00:00")
    heads = {each.chain: each for each in AuditHead.objects.all()}
    assert [(each["of"], each["lines"], each["head"]) for each in found["audit"]] == [
        ("installation", 1, f":1:{heads[''].digest}"),
        ("SIPcity", heads[published.code].number, f"{published.code}:{each_of(heads, published)}"),
    ]
    (rfo,) = found["rfos"]
    (version,) = published_versions()
    assert (rfo["number"], rfo["version"], rfo["kind"]) == ("RFO-2021-0001", 1, "final")
    assert (rfo["sha256"], rfo["checksum"]) == (version.sha256, str(version))
    assert rfo["published_at"] == "2021-10-29T03:12:00+00:00"
    (key,) = public_keys()
    assert rfo["signed_by"] == key.id
    assert is_signed_now(published)
    assert AuditLine.objects.get(chain="").kind == "heads.published"


def is_signed_now(page: Page) -> bool:
    """Whether the signature beside the document is of what the document says."""
    (key,) = public_keys()
    folder = folder_of(page)
    document, signature = folder.read(PATH), folder.read(f"{PATH}.sig")
    assert document is not None
    assert signature is not None
    return is_signed(key.pem, document.fresh.bodies["identity"], signature.fresh.bodies["identity"])


def each_of(heads: dict[str, AuditHead], page: Page) -> str:
    return f"{heads[page.code].number}:{heads[page.code].digest}"


def test_what_is_published_reads_back_as_it_was_said(published: Page) -> None:
    (found,) = read_published(the_store()).publications
    assert list(found.heads) == current_heads()
    assert list(found.versions) == published_versions()
    by_mail = read_publication(HeadPublication.objects.get().text)
    assert (by_mail.heads, by_mail.versions) == (found.heads, found.versions)


def test_it_is_published_once_a_day_and_with_each_rfo_and_not_with_each_event(
    published: Page, outage: Incident
) -> None:
    first = said(published)["publication"]
    factories.make_incident(published, at=BEGAN + timedelta(days=50))
    publish_page(published.pk)
    publish_page(published.pk, everything=True)
    assert publish_integrity(at=NOW + timedelta(hours=1)) is None
    assert said(published)["publication"] == first
    factories.make_rfo(outage, "Two.", change_summary="The second.", at=BEGAN + timedelta(days=60))
    made = publish_integrity(at=NOW + timedelta(hours=2))
    assert made is not None
    assert (made.day, made.text, made.mails.count()) == (None, "", 0)
    assert [each["version"] for each in said(published)["rfos"]] == [1, 2]
    tomorrow = publish_integrity(at=NOW + timedelta(days=1))
    assert tomorrow is not None
    assert tomorrow.day == date(2026, 12, 1)
    assert said(published)["publication"] == tomorrow.code


def test_a_publication_changes_no_other_document(published: Page) -> None:
    def others() -> dict[str, bytes]:
        folder = folder_of(published)
        return {file.name: file.read_bytes() for file in folder.files() if "well-known" not in file.name}

    before, files = others(), {file: file.stat().st_mtime_ns for file in folder_of(published).files()}
    publish_integrity(at=NOW + timedelta(days=1))
    assert others() == before
    moved = [file.name for file, at in files.items() if file.stat().st_mtime_ns != at]
    assert moved
    assert all("well-known" in name for name in moved)


def test_readers_see_a_new_publication_at_once(published: Page, settings: Settings) -> None:
    visitor = Visitor(Path(settings.PUBLISH_DIR))
    first = visitor.ask(PATH)
    assert first.headers["access-control-allow-origin"] == "*"
    made = publish_integrity(at=NOW + timedelta(days=1))
    assert made is not None
    visitor.front._looked_at = float("-inf")
    for shelf in visitor.front._shelves.values():
        shelf._looked_at = float("-inf")
    assert json.loads(visitor.ask(PATH).body)["publication"] == made.code


def test_it_is_not_rendered_for_who_asks(client: Client, page: Page) -> None:
    assert client.get(PATH).status_code == 404
    assert client.get("/.well-known/dialtone-keys.json").status_code == 404


@pytest.mark.parametrize("path", [PATH, f"{PATH}.sig", "/.well-known/dialtone-keys.json"])
def test_a_process_that_dies_between_row_and_documents_leaves_them_to_the_next(
    published: Page, path: str
) -> None:
    """Killed before a file, nothing newer than the row's own documents is said, and the next sweep brings them."""
    folder = folder_of(published)
    old = folder.file_of(path).read_bytes()
    before = said(published)["publication"]
    publish_integrity(at=NOW + timedelta(days=1))
    after = said(published)
    if path == PATH:
        folder.file_of(path).write_bytes(old)
        assert said(published)["publication"] == before
    else:
        folder.remove(path)
        folder.file_of(PATH).write_bytes(folder.file_of(PATH).read_bytes()[:-1])
    assert publish_integrity(at=NOW + timedelta(days=1, minutes=1)) is None
    assert said(published) == after
    assert folder.read(path) is not None


def test_two_processes_at_once_publish_once(published: Page) -> None:
    with the_store().witness():
        assert publish_integrity(at=NOW + timedelta(days=1)) is None
    assert HeadPublication.objects.count() == 1


def test_a_page_that_is_not_published_waits_and_gets_it_later(published: Page) -> None:
    other = factories.make_page("2talk", hosts=("status.2talk.test",))
    publish_integrity(at=NOW + timedelta(days=1))
    assert folder_of(other).read(PATH) is None
    publish_page(other.pk)
    publish_integrity(at=NOW + timedelta(days=1, minutes=1))
    chains = [each["of"] for each in said(other)["audit"]]
    assert chains == ["installation", "2talk"]
    assert published.code not in text_of(other, PATH)
    assert said(other)["rfos"] == []


def test_each_active_admin_of_every_page_gets_a_mail_and_nobody_else(outage: Incident) -> None:
    def person(name: str, role: Role, page: Page | None = None, **fields: object) -> None:
        user = User.objects.create_user(name, f"{name}@example.com")
        factories.make_member(user, role, page)
        User.objects.filter(pk=user.pk).update(**fields)

    person("ada", Role.ADMIN)
    person("gone", Role.ADMIN, is_active=False)
    person("silent", Role.ADMIN, email="")
    person("local", Role.ADMIN, outage.page)
    person("writer", Role.PUBLISHER)
    person("bounced", Role.ADMIN)
    Suppression.objects.create(address="bounced@example.com", why="gone", at=NOW)
    User.objects.create_superuser("root", "Root@example.com")
    publish_page(outage.page_id)
    publish_integrity(at=NOW)
    publish_integrity(at=NOW + timedelta(hours=1))
    assert list(HeadMail.objects.values_list("address", flat=True)) == ["ada@example.com", "root@example.com"]


def test_one_log_line_a_day_names_every_head(published: Page, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger=integrity.__name__)
    publish_integrity(at=NOW + timedelta(days=1))
    publish_integrity(at=NOW + timedelta(days=1, hours=1))
    (line,) = [each for each in caplog.records if each.message == "audit heads"]
    row = HeadPublication.objects.latest("pk")
    assert vars(line)["heads"] == " ".join(row.heads)
    assert (vars(line)["rfo_versions"], vars(line)["rfos_sha256"]) == (1, row.versions_sha256)


def test_the_figures_say_how_long_each_chain_is_and_where_it_ends(published: Page, client: Client) -> None:
    text = client.get("/metrics").content.decode()
    for head in current_heads():
        name = head.chain or "installation"
        assert f'dialtone_audit_lines{{chain="{name}"}} {float(head.number)}' in text
        assert f'dialtone_audit_head{{chain="{name}",digest="{head.digest[:12]}"}} 1.0' in text
    assert "dialtone_rfo_versions 1.0" in text
    digest = HeadPublication.objects.latest("pk").versions_sha256
    assert f'dialtone_rfo_versions_head{{digest="{digest[:12]}"}} 1.0' in text


def test_a_restored_backup_is_published_once_somebody_says_so(
    published: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    AuditLine.objects.filter(chain="").delete()
    AuditHead.objects.filter(chain="").delete()
    HeadPublication.objects.all().delete()
    before = said(published)["publication"]
    with pytest.raises(SystemExit) as ended:
        call_command("publish_heads")
    assert ended.value.code == 1
    fault = "installation: the audit has 0 lines, and 1 were published"
    assert f"WRONG {fault}\nThe published documents were left as they were.\n" in capsys.readouterr().out
    assert said(published)["publication"] == before
    call_command("publish_heads", "--after-restore")
    line = AuditLine.objects.get(chain="", kind="heads.published_after_restore")
    assert line.subject == f"publication {said(published)['publication']}"
    call_command("publish_heads")
    assert capsys.readouterr().out.endswith("nothing is due\n")
    call_command("verify_audit")


def test_old_publications_are_deleted_and_the_newest_stays(published: Page) -> None:
    publish_integrity(at=NOW + timedelta(days=1))
    assert purge_publications(at=NOW + timedelta(days=800)) == 1
    assert HeadPublication.objects.get().day == date(2026, 12, 1)


def test_publish_all_names_the_new_address_after_the_site_has_moved(
    published: Page, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    keys, newest = "/.well-known/dialtone-keys.json", HeadPublication.objects.latest("pk").code
    old = settings.SITE_URL
    settings.SITE_URL = "https://moved.sipcity.test"
    publish_integrity(at=NOW)
    assert old in text_of(published, keys), "a sweep does not render what has not changed"
    call_command("publish", everything=True)
    for path in (keys, PATH):
        assert old not in text_of(published, path)
        assert settings.SITE_URL in text_of(published, path)
    assert is_signed_now(published)
    assert HeadPublication.objects.filter(code=newest).exists()


def test_publish_all_renders_no_document_that_the_database_contradicts(
    published: Page, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    before = text_of(published, PATH)
    AuditLine.objects.filter(chain="").delete()
    AuditHead.objects.filter(chain="").delete()
    HeadPublication.objects.all().delete()
    settings.SITE_URL = "https://moved.sipcity.test"
    call_command("publish", everything=True)
    assert text_of(published, PATH) == before
