"""The audit goes on under another key: handed over by a last line under the old one, by the recipe of the help."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from incidents.domain.audit import HANDED_OVER, fingerprint, seal
from incidents.models import AuditHead, AuditLine
from incidents.monitoring.audits import verify_audit
from incidents.operations.actors import SHELL, SUBSCRIBER
from incidents.operations.audit import note
from incidents.operations.subscribers import end_subscription
from incidents.web.help import FOLDER
from statuspage.secrets_on_disk import earlier_secrets, kept_secret
from tests.factories import BEGAN, make_component, make_page
from tests.notifying.people import mail_reader

pytestmark = pytest.mark.django_db
LATER = BEGAN + timedelta(days=1)


@pytest.fixture
def place(settings: LazySettings, tmp_path: Path) -> Path:
    """An installation that made its own key, with lines on two chains, of subscribers too."""
    settings.PUBLISH_DIR = tmp_path / "published"
    settings.AUDIT_KEY_PLACE = tmp_path / "audit_key"
    settings.AUDIT_KEY_IS_KEPT, settings.AUDIT_KEY_PREVIOUS = True, []
    settings.AUDIT_KEY = kept_secret(tmp_path / "audit_key")
    page = make_page("SIPcity")
    end_subscription(mail_reader(page), by=SUBSCRIBER, at=BEGAN)
    note("staff.signed_in", by=SHELL, at=BEGAN, subject="person dana")
    return tmp_path / "audit_key"


def faults() -> list[str]:
    return [fault for verdict in verify_audit({}) for fault in verdict.faults]


def restart(settings: LazySettings, place: Path) -> None:
    """What a process reads when it starts."""
    settings.AUDIT_KEY, settings.AUDIT_KEY_PREVIOUS = kept_secret(place), earlier_secrets(place)


def test_the_recipe_of_the_help_hands_every_chain_over_and_all_of_it_verifies(
    place: Path, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    old = settings.AUDIT_KEY
    text = (FOLDER / "staff.md").read_text()
    recipe = text.partition("To change the audit's key")[2].split("```")[1]
    for line in recipe.split("\n")[1:-1]:
        call_command(*line.removeprefix("manage.py ").split())
    printed = capsys.readouterr().out
    assert "2 chains were handed over" in printed
    assert printed.endswith("intact\n")
    restart(settings, place)
    assert old != settings.AUDIT_KEY
    assert [old] == settings.AUDIT_KEY_PREVIOUS
    for chain in AuditHead.objects.values_list("chain", flat=True):
        last = AuditLine.objects.filter(chain=chain).latest("number")
        assert (last.kind, fingerprint(settings.AUDIT_KEY) in last.data) == (HANDED_OVER, True)
    make_component(make_page("2talk"))
    note("staff.signed_in", by=SHELL, at=LATER, subject="person dana")
    assert faults() == []
    for file in (place, place.with_name("audit_key_previous")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_second_rotation_keeps_both_old_keys(place: Path, settings: LazySettings) -> None:
    first = settings.AUDIT_KEY
    call_command("rotate_audit_key")
    restart(settings, place)
    second = settings.AUDIT_KEY
    call_command("rotate_audit_key")
    restart(settings, place)
    assert [second, first] == settings.AUDIT_KEY_PREVIOUS
    assert faults() == []


def test_a_key_of_the_environment_is_handed_over_to_once_both_are_given(
    place: Path, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.AUDIT_KEY_IS_KEPT = False
    with pytest.raises(CommandError, match="Put the present key into AUDIT_KEY_PREVIOUS"):
        call_command("rotate_audit_key")
    settings.AUDIT_KEY, settings.AUDIT_KEY_PREVIOUS = "another", [settings.AUDIT_KEY]
    call_command("rotate_audit_key")
    assert "2 chains were handed over" in capsys.readouterr().out
    assert faults() == []
    call_command("rotate_audit_key")
    assert "0 chains were handed over" in capsys.readouterr().out


def test_a_crash_after_the_new_key_was_written_loses_nothing(place: Path, settings: LazySettings) -> None:
    """The chains are handed over by whatever writes next."""
    old = settings.AUDIT_KEY
    place.with_name("audit_key_previous").write_text(f"{old}\n")
    place.write_text("another")
    restart(settings, place)
    note("staff.signed_in", by=SHELL, at=LATER, subject="person dana")
    kinds = AuditLine.objects.filter(chain="").order_by("number").values_list("kind", flat=True)
    assert list(kinds) == ["staff.signed_in", HANDED_OVER, "staff.signed_in"]
    assert faults() == []


def test_without_the_old_key_its_lines_read_as_forged(place: Path, settings: LazySettings) -> None:
    call_command("rotate_audit_key")
    settings.AUDIT_KEY_PREVIOUS = []
    assert set(faults()) == {"line 1: was changed, or was not written by Dialtone"}


def test_whoever_holds_only_the_old_key_adds_nothing(place: Path, settings: LazySettings) -> None:
    """A stolen key that was rotated away, or a process that was not restarted."""
    old = settings.AUDIT_KEY
    call_command("rotate_audit_key")
    new, head = settings.AUDIT_KEY, AuditHead.objects.get(chain="")
    AuditHead.objects.filter(chain="").update(seal=seal(old, "", head.number, head.digest))
    settings.AUDIT_KEY, settings.AUDIT_KEY_PREVIOUS = old, []
    note("staff.signed_in", by=SHELL, at=LATER, subject="person eve")
    settings.AUDIT_KEY, settings.AUDIT_KEY_PREVIOUS = new, [old]
    assert faults() == [
        "line 3: is sealed with another key than the chain was handed over to: a process still runs with an earlier "
        "AUDIT_KEY, or somebody who holds it wrote this line"
    ]


def test_a_hand_over_to_an_unknown_key_is_named(place: Path, settings: LazySettings) -> None:
    old = settings.AUDIT_KEY
    call_command("rotate_audit_key")
    named = fingerprint(settings.AUDIT_KEY)
    settings.AUDIT_KEY, settings.AUDIT_KEY_PREVIOUS = old, []
    assert (
        f"line 2: hands over to the key {named}, which is neither AUDIT_KEY nor in AUDIT_KEY_PREVIOUS"
        in faults()
    )


def test_a_folder_that_cannot_be_written_changes_nothing(place: Path, settings: LazySettings) -> None:
    settings.AUDIT_KEY_PLACE = place / "below" / "audit_key"
    with pytest.raises(CommandError, match="cannot be replaced"):
        call_command("rotate_audit_key")
    assert faults() == []
