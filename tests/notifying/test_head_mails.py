"""The daily mail about the audit's heads: in plain words, retried until it is taken, and fit to compare with."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from pytest_django import Settings

from incidents.domain.published import Published
from incidents.models import HeadMail, HeadPublication
from incidents.notifying.head_mails import mail_heads
from incidents.operations.heads import current_heads, publish_heads, published_versions
from tests.factories import make_incident, make_page, make_rfo, resolve

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 30, 6, tzinfo=UTC)
ADDRESS = "https://status.example.net/.well-known/dialtone-integrity.json"


class Deaf(EmailBackend):
    """A mail server that is down."""

    def open(self) -> bool:
        raise ConnectionRefusedError("refused")


@pytest.fixture
def published(settings: Settings, tmp_path: Path) -> HeadPublication:
    settings.PUBLISH_DIR = tmp_path / "published"
    incident = make_incident(make_page("SIPcity"))
    resolve(incident)
    make_rfo(incident)
    User.objects.create_superuser("root", "root@example.com")
    made = publish_heads(Published(), addresses=[ADDRESS], at=NOW)
    assert made is not None
    return made


def test_it_says_where_the_audit_ended_what_is_published_and_how_to_compare(
    published: HeadPublication,
) -> None:
    assert mail_heads(at=NOW) == 1
    (letter,) = mail.outbox
    assert letter.to == ["root@example.com"]
    assert letter.subject == "Audit heads of status.sipcity.test, 2026-11-30 [Dialtone]"
    for head in current_heads():
        assert str(head) in letter.body
    assert str(published_versions()[0]) in letter.body
    assert "manage.py verify_audit --against FILE" in letter.body
    assert ADDRESS in letter.body
    assert "You get this because you are an admin of every page" in letter.body
    assert "List-Unsubscribe" not in letter.extra_headers
    assert HeadMail.objects.get().state == "sent"
    assert mail_heads(at=NOW + timedelta(hours=1)) == 0


def test_a_mail_server_that_is_down_is_tried_again_and_for_three_days(
    published: HeadPublication, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Deaf"
    assert mail_heads(at=NOW) == 1
    row = HeadMail.objects.get()
    assert (row.state, row.leased_until) == ("failed", None)
    assert row.due_at > NOW
    assert "refused" in row.detail
    assert mail_heads(at=NOW) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert mail_heads(at=row.due_at) == 1
    assert HeadMail.objects.get().state == "sent"


def test_it_is_given_up_after_three_days(published: HeadPublication, settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Deaf"
    mail_heads(at=NOW + timedelta(days=3))
    assert HeadMail.objects.get().state == "dead"


def test_a_sender_that_died_is_followed_by_another_with_the_same_message_id(
    published: HeadPublication,
) -> None:
    mail_heads(at=NOW)
    first = mail.outbox[0].extra_headers["Message-ID"]
    HeadMail.objects.update(state="due", leased_until=NOW + timedelta(seconds=240))
    assert mail_heads(at=NOW + timedelta(seconds=200)) == 0
    assert mail_heads(at=NOW + timedelta(seconds=241)) == 1
    assert mail.outbox[1].extra_headers["Message-ID"] == first


def saved(letter: EmailMessage, folder: Path) -> Path:
    """As a mail program saves it."""
    file = folder / "monday.eml"
    file.write_bytes(letter.message().as_bytes())
    return file


def test_a_saved_mail_is_what_the_commands_compare_with(
    published: HeadPublication, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mail_heads(at=NOW)
    file = saved(mail.outbox[0], tmp_path)
    call_command("verify_audit", "--against", str(file))
    call_command("verify_rfos", "--against", str(file))
    assert capsys.readouterr().out.endswith("intact\n1 RFOs are intact\n")
    words = file.read_text()
    file.write_text(words.replace(published_versions()[0].sha256, "0" * 64))
    with pytest.raises(SystemExit):
        call_command("verify_rfos", "--against", str(file))
    assert "v1: its checksum is not the one that was published" in capsys.readouterr().out


def test_a_file_that_says_nothing_or_is_not_there_is_refused(db: None, tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"\xff\x00 nothing")
    for name, words in (
        ("empty", "names neither a head"),
        ("gone", "cannot be read"),
        ("", "cannot be read"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("verify_audit", "--against", str(tmp_path / name))
