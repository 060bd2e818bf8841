"""What a tired or a hostile hand sends: pastes of any size, hosts that are not ours, words that are markup."""

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils.timezone import now

from incidents.models import Event, Incident
from incidents.notifying.account_mails import send_account_mails
from tests.console.forms import fields, send

PASTE = "ä" * 32_000 + "\n" + "<b>x</b>" * 40


def url(incident: Incident) -> str:
    return f"/console/incidents/{incident.code}"


@pytest.mark.parametrize("step", ["", "review", "back", "use"])
def test_a_paste_of_64_kilobytes_is_answered_in_words_and_given_back(
    staff: Client, incident: Incident, step: str
) -> None:
    assert len(PASTE.encode()) > 64_000
    events = Event.objects.count()
    response = send(staff, url(incident), fields(staff.get(url(incident))), body=PASTE, step=step)
    assert response.status_code == (422 if step in {"", "review"} else 200)
    assert fields(response)["body"].count("ä") == 32_000
    assert b"<b>x</b>" not in response.content
    assert Event.objects.count() == events


def test_a_paste_of_64_kilobytes_is_kept_as_a_draft(staff: Client, incident: Incident) -> None:
    values = fields(staff.get(url(incident))) | {"body": PASTE}
    assert staff.post(f"{url(incident)}/draft", values).status_code == 200
    assert fields(staff.get(url(incident)))["body"].count("ä") == 32_000


@pytest.mark.parametrize("path", ["/console/", "/accounts/login/", "/admin/"])
@pytest.mark.parametrize(
    "host", ["evil.example", "status.sipcity.test.evil.example", "status.sipcity.test@evil.example"]
)
def test_a_host_that_is_not_ours_gets_no_console(staff: Client, host: str, path: str) -> None:
    assert staff.get(path, headers={"Host": host}).status_code == 400


def test_a_forwarded_host_changes_no_link_in_a_mail(dana: User, mailoutbox: list[mail.EmailMessage]) -> None:
    cache.clear()
    headers = {"X-Forwarded-Host": "evil.example", "Host": "127.0.0.1"}
    Client().post("/accounts/password/reset/", {"email": "dana@sipcity.test"}, headers=headers)
    send_account_mails(at=now())
    assert "http://status.sipcity.test/accounts/password/reset/key/" in str(mailoutbox[0].body)
    assert "evil" not in str(mailoutbox[0].body)


def test_an_unknown_mailbox_reads_the_same_as_a_known_one(dana: User) -> None:
    cache.clear()
    answers = [
        Client().post("/accounts/password/reset/", {"email": email})
        for email in ("dana@sipcity.test", "nobody@sipcity.test")
    ]
    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
