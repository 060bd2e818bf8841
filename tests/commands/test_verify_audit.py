"""`verify_audit`: intact with status 0, else 1 and the first line that is wrong."""

import pytest
from django.core.management import CommandError, call_command

from incidents.models import AuditLine
from tests.factories import make_component, make_page

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
