"""Signatures beside the files of an RFO: openssl verifies them, they survive key rotation, and rows alone get none."""

import re
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from incidents.domain.signatures import is_signed, new_private_pem
from incidents.models import AuditLine, Incident, RfoVersion
from incidents.operations.actors import DEMO
from incidents.operations.versions import withdraw_rfo
from incidents.publishing.integrity import publish_integrity
from incidents.publishing.printing import print_due
from incidents.publishing.publisher import Unpublished, publish_page
from incidents.publishing.signing_keys import public_keys, the_signer
from incidents.web.help import FOLDER
from tests import factories
from tests.factories import BEGAN
from tests.peers.paper import require_press
from tests.peers.programs import require
from tests.publishing.conftest import folder_of, text_of
from tests.web.fronts import Visitor

V1 = "/rfo/RFO-2021-0001/v1"
FORMS = (".json", ".md", "/SHA256SUMS")
NOW = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def signing_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.SIGNING_DIR = tmp_path / "signing"
    return tmp_path / "signing"


def raw(incident: Incident, path: str) -> bytes:
    document = folder_of(incident.page).read(path)
    assert document is not None, path
    return document.fresh.bodies["identity"]


def paths(incident: Incident) -> set[str]:
    return {each.path for each in folder_of(incident.page).documents()}


def signatures(incident: Incident) -> dict[str, bytes]:
    return {path: raw(incident, path) for path in paths(incident) if path.endswith(".sig")}


def help_lines() -> list[str]:
    """The lines of the help that verify a file, as a reader copies them."""
    text = (FOLDER / "rfos.md").read_text()
    block = re.search(r"^## Signatures.*?^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert block
    return block[1].splitlines()


def test_openssl_verifies_every_file_by_the_lines_of_the_help(
    outage: Incident, settings: Settings, tmp_path: Path
) -> None:
    require_press()
    publish_page(outage.page_id)
    print_due(at=datetime.now(UTC))
    publish_integrity(at=datetime.now(UTC))
    visitor = Visitor(Path(settings.PUBLISH_DIR))
    (key,) = public_keys()
    lines = help_lines()
    fetched = [line for line in lines if line.startswith("curl ")]
    saved = tmp_path / "saved"
    saved.mkdir()
    for line in fetched:
        address = line.split()[-1].replace("KEYID", key.id)
        path = "/" + address.removeprefix("https://").partition("/")[2]
        (saved / line.split()[2]).write_bytes(visitor.ask(path).body)
    told = [line for line in lines if line.startswith("openssl ")]
    assert len(told) == 4
    require("openssl", "openssl")
    for line in told:
        done = subprocess.run(line, shell=True, cwd=saved, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "Signature Verified Successfully\n"), line + done.stderr
    (summed,) = [line for line in lines if line.startswith("sha256sum ")]
    done = subprocess.run(summed, shell=True, cwd=saved, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count(": OK\n")) == (0, 3), done.stderr
    for file in saved.iterdir():
        if file.suffix not in {".sig", ".pem"}:
            file.write_bytes(file.read_bytes() + b"\n")
    for line in told:
        assert subprocess.run(line, shell=True, cwd=saved, capture_output=True, check=False).returncode == 1


def test_the_page_links_the_signatures_that_there_are_and_the_key(outage: Incident) -> None:
    require_press()
    publish_page(outage.page_id)
    (key,) = public_keys()
    page = text_of(outage.page, V1)
    assert "openssl pkeyutl -verify -pubin -inkey KEY.pem -rawin -in FILE -sigfile FILE.sig" in page
    for form in FORMS:
        assert f'href="{V1}{form}.sig"' in page
    assert f"{V1}.pdf.sig" not in page
    assert f'href="/.well-known/dialtone-keys/{key.id}.pem"' in page
    print_due(at=datetime.now(UTC))
    assert f'href="{V1}.pdf.sig"' in text_of(outage.page, V1)
    assert is_signed(key.pem, raw(outage, f"{V1}.pdf"), raw(outage, f"{V1}.pdf.sig"))
    assert raw(outage, f"/.well-known/dialtone-keys/{key.id}.pem").decode() == key.pem


def test_the_front_serves_64_bytes_and_django_the_same_without_the_private_key(
    outage: Incident, settings: Settings, signing_dir: Path, client: Client
) -> None:
    publish_page(outage.page_id)
    (signing_dir / "private.pem").unlink()
    visitor = Visitor(Path(settings.PUBLISH_DIR))
    for form in FORMS:
        reply = visitor.ask(f"{V1}{form}.sig")
        assert (reply.status, len(reply.body)) == (200, 64)
        assert reply.headers["content-type"] == "application/octet-stream"
        assert client.get(f"{V1}{form}.sig").content == reply.body
    assert f'href="{V1}.json.sig"' in client.get(V1, {"tz": "UTC"}).content.decode()
    assert not (signing_dir / "private.pem").exists()
    assert visitor.ask(f"{V1}.json.sig").headers["content-disposition"] == (
        'inline; filename="RFO-2021-0001-v1.json.sig"'
    )


def test_where_nothing_is_signed_nothing_says_so(
    outage: Incident, settings: Settings, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings.SIGNING_DIR = tmp_path / "file" / "signing"
    publish_page(outage.page_id)
    assert signatures(outage) == {}
    assert "openssl" not in text_of(outage.page, V1)
    assert client.get(f"{V1}.json.sig").status_code == 404
    (warning,) = [each for each in run_checks() if each.id == "dialtone.W001"]
    assert "The key that signs RFOs cannot be read or made" in warning.msg
    assert "SIGNING_KEY_FILE" in warning.msg
    assert "publish --all" in str(warning.hint)


def test_the_private_key_is_made_once_and_for_its_owner_alone(signing_dir: Path) -> None:
    first = the_signer(at=NOW)
    assert the_signer(at=NOW + timedelta(days=1)) == first
    assert stat.S_IMODE((signing_dir / "private.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(signing_dir.stat().st_mode) == 0o700
    assert b"PRIVATE" not in (signing_dir / "keys.json").read_bytes()
    assert [(key.id, key.until) for key in public_keys()] == [(first.key.id, "")]


def test_a_check_makes_no_key_and_finds_one_that_cannot_be_used(signing_dir: Path) -> None:
    assert [each for each in run_checks() if each.id == "dialtone.W001"] == []
    assert not signing_dir.exists()
    the_signer(at=NOW)
    (signing_dir / "private.pem").write_text("torn")
    assert "not a private key" in next(each.msg for each in run_checks() if each.id == "dialtone.W001")


def test_a_version_keeps_its_signatures_when_all_is_rendered_again(outage: Incident) -> None:
    publish_page(outage.page_id)
    before = signatures(outage)
    files = {path: folder_of(outage.page).file_of(path).read_bytes() for path in before}
    publish_page(outage.page_id, everything=True)
    assert signatures(outage) == before
    assert {path: folder_of(outage.page).file_of(path).read_bytes() for path in before} == files


def test_after_a_rotation_old_signatures_hold_and_new_files_have_the_new_key(
    outage: Incident, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_page(outage.page_id)
    before = signatures(outage)
    call_command("rotate_signing_key")
    old, new = public_keys()
    printed = capsys.readouterr().out
    assert printed == f"old key: {old.id}\nnew key: {new.id}\n"
    assert (bool(old.until), new.until) == (True, "")
    factories.make_rfo(outage, "Two.", change_summary="The second.", at=BEGAN + timedelta(days=30))
    publish_page(outage.page_id, everything=True)
    after = signatures(outage)
    assert {path: after[path] for path in before} == before
    assert is_signed(old.pem, raw(outage, f"{V1}.json"), after[f"{V1}.json.sig"])
    v2 = "/rfo/RFO-2021-0001/v2"
    assert is_signed(new.pem, raw(outage, f"{v2}.json"), after[f"{v2}.json.sig"])
    assert old.id in text_of(outage.page, V1)
    assert new.id not in text_of(outage.page, V1)
    for key in (old, new):
        assert raw(outage, f"/.well-known/dialtone-keys/{key.id}.pem").decode() == key.pem
    listed = text_of(outage.page, "/.well-known/dialtone-keys.json")
    assert f'"until": "{old.until}"' in listed
    assert AuditLine.objects.get(kind="signing_key.rotated").subject == f"signing key {new.id}"


def test_a_key_of_the_environment_is_used_written_down_and_not_rotated_here(
    outage: Incident, settings: Settings, signing_dir: Path
) -> None:
    the_signer(at=NOW)
    settings.SIGNING_KEY = new_private_pem()
    publish_page(outage.page_id)
    old, new = public_keys()
    assert is_signed(new.pem, raw(outage, f"{V1}.md"), raw(outage, f"{V1}.md.sig"))
    assert old.until
    with pytest.raises(CommandError, match="SIGNING_KEY is set in the environment"):
        call_command("rotate_signing_key")


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "It was the vendor."},
        {"body_html": "<p>It was the vendor.</p>"},
        {"signatory_name": "Somebody else"},
        {"sha256": "0" * 64},
    ],
)
def test_rows_alone_bring_nobody_a_signature(outage: Incident, changes: dict[str, str]) -> None:
    RfoVersion.objects.update(**changes)
    publish_page(outage.page_id)
    assert signatures(outage) == {}
    assert "openssl" not in text_of(outage.page, V1)


def test_a_signature_that_no_longer_fits_goes_with_the_words(outage: Incident) -> None:
    publish_page(outage.page_id)
    assert len(signatures(outage)) == 3
    RfoVersion.objects.update(body="It was the vendor.")
    publish_page(outage.page_id, everything=True)
    assert signatures(outage) == {}


def test_a_line_of_the_audit_that_was_changed_vouches_for_nothing(outage: Incident) -> None:
    line = AuditLine.objects.get(kind="rfo.published")
    AuditLine.objects.filter(pk=line.pk).update(actor="somebody")
    publish_page(outage.page_id)
    assert signatures(outage) == {}


def test_keys_that_cannot_be_read_for_a_while_take_no_good_signature_away(
    outage: Incident, signing_dir: Path
) -> None:
    publish_page(outage.page_id)
    before = signatures(outage)
    record = signing_dir / "keys.json"
    record.rename(signing_dir / "kept")
    record.mkdir()
    factories.make_update(outage, "Said meanwhile.", at=BEGAN + timedelta(days=40))
    for everything in (False, True):
        with pytest.raises(Unpublished, match="signatures of"):
            publish_page(outage.page_id, everything=everything)
    assert signatures(outage) == before
    assert "Said meanwhile." in text_of(outage.page, f"/incidents/{outage.code}")
    record.rmdir()
    (signing_dir / "kept").rename(record)
    publish_page(outage.page_id)
    assert signatures(outage) == before
    assert f'href="{V1}.json.sig"' in text_of(outage.page, V1)


def test_what_is_withdrawn_loses_its_signatures_and_the_withdrawal_has_its_own(outage: Incident) -> None:
    publish_page(outage.page_id)
    withdraw_rfo(outage.rfos.get(), reason="It was wrong.", by=DEMO, at=BEGAN + timedelta(days=40))
    publish_page(outage.page_id)
    assert set(signatures(outage)) == {f"/rfo/RFO-2021-0001/v2{form}.sig" for form in FORMS}


def test_what_was_published_before_there_were_signatures_gets_them_by_publish_all(outage: Incident) -> None:
    publish_page(outage.page_id)
    folder = folder_of(outage.page)
    made = signatures(outage)
    for path in made:
        folder.remove(path)
    call_command("publish", "--all")
    (key,) = public_keys()
    assert set(signatures(outage)) >= set(made)
    for path, content in signatures(outage).items():
        assert is_signed(key.pem, raw(outage, path.removesuffix(".sig")), content), path


def test_a_process_that_died_between_the_files_and_their_signatures_leaves_no_false_one(
    outage: Incident,
) -> None:
    """A file was written again, its old signature lies beside it still."""
    publish_page(outage.page_id)
    outage.refresh_from_db()
    Incident.objects.filter(pk=outage.pk).update(title="Another title")
    publish_page(outage.page_id, everything=True)
    (key,) = public_keys()
    for path, content in signatures(outage).items():
        assert is_signed(key.pem, raw(outage, path.removesuffix(".sig")), content), path


def test_an_export_carries_the_signatures_and_the_keys(outage: Incident, tmp_path: Path) -> None:
    publish_page(outage.page_id)
    publish_integrity(at=datetime.now(UTC))
    call_command("export", str(tmp_path / "site"))
    (key,) = public_keys()
    for form in FORMS:
        assert (tmp_path / "site" / f"{V1}{form}.sig"[1:]).read_bytes() == raw(outage, f"{V1}{form}.sig")
    well_known = tmp_path / "site" / ".well-known"
    assert sorted(each.name for each in well_known.iterdir()) == [
        *("dialtone-integrity.json", "dialtone-integrity.json.br", "dialtone-integrity.json.gz"),
        *("dialtone-integrity.json.sig", "dialtone-keys"),
        *("dialtone-keys.json", "dialtone-keys.json.br", "dialtone-keys.json.gz"),
    ]
    assert (well_known / "dialtone-keys" / f"{key.id}.pem").read_text() == key.pem
