"""`verify_audit`: intact with status 0, else 1 and the first line that is wrong."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from incidents.models import AuditLine
from incidents.publishing.integrity import publish_integrity
from incidents.publishing.publisher import publish_page
from tests.factories import BEGAN, make_component, make_page

pytestmark = pytest.mark.django_db


def test_it_prints_each_head_and_intact(capsys: pytest.CaptureFixture[str]) -> None:
    page = make_page("SIPcity")
    call_command("verify_audit")
    printed = capsys.readouterr().out
    assert printed.startswith(f"SIPcity: 1 lines, head {page.code}:1:")
    assert printed.endswith("intact\n")
    head = printed.split("head ")[1].split()[0]
    make_component(page, "Network")
    call_command("verify_audit", head=[head])
    assert capsys.readouterr().out.endswith("intact\n")


def test_it_says_what_it_compared_with_and_what_it_cannot_see_without(
    settings: LazySettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.PUBLISH_DIR, settings.SIGNING_DIR = tmp_path / "published", tmp_path / "signing"
    page = make_page("SIPcity")
    call_command("verify_audit")
    assert "No published head is known here: lines that were cut off" in capsys.readouterr().out
    publish_page(page.pk)
    publish_integrity(at=BEGAN)
    call_command("verify_audit")
    assert "compared with 1 publication of heads\nintact\n" in capsys.readouterr().out


def test_it_names_the_first_line_that_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    make_component(make_page("SIPcity"), "Network")
    AuditLine.objects.filter(number=2).update(actor="nobody")
    with pytest.raises(SystemExit) as status:
        call_command("verify_audit")
    assert status.value.code == 1
    assert "WRONG line 2: was changed, or was not written by Dialtone" in capsys.readouterr().out


@pytest.mark.parametrize("head", ["", "x", "a:1:b", f"abc:-1:{'0' * 64}", f"ABC:1:{'0' * 64}"])
def test_a_head_that_is_none_is_refused_in_words(db: None, head: str) -> None:
    with pytest.raises(CommandError, match="is not CHAIN:COUNT:DIGEST"):
        call_command("verify_audit", head=[head])
