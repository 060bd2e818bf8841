"""Slow uploads of whoever may send none: refused before a byte of the body, so that a publisher's document comes in."""

import contextlib
import json
from dataclasses import dataclass

import pytest

from incidents.domain.body_limits import WORDS_BYTES
from tests.attacks.siege import answer, connect
from tests.peers.installation import Installation
from tests.peers.raw_http import Door
from tests.peers.visitor import Visitor
from tests.web.test_gate import parts, picture

pytestmark = pytest.mark.alone
SET_UP = """
from datetime import UTC, datetime
from django.contrib.auth.models import User
from incidents.models.keys import Scope
from incidents.operations.actors import SHELL
from incidents.operations.keys import make_key
from tests import factories
User.objects.create_user("eve", "eve@sipcity.test", "correct horse", is_staff=True, is_superuser=True)
page, at = factories.make_page("Uploads"), datetime.now(UTC)
keys = [make_key(name=str(s), page=page, scopes=s, by=SHELL, at=at)[1] for s in ([Scope.READ], [Scope.RFO])]
print(page.code, factories.make_incident(page, "Calls fail").code, *keys)
"""
DISMISS = (
    "from django.contrib.auth.models import User; User.objects.filter(username='eve').update(is_active=False)"
)
BOUNDARY = "multipart/form-data; boundary=x"


@dataclass(frozen=True)
class Desk:
    """What the attackers and the publisher have."""

    page: str
    incident: str
    read_key: str
    rfo_key: str
    dismissed: str
    """The Cookie header of somebody who was signed in, and has been dismissed."""


@pytest.fixture(scope="module")
def desk(home: Installation) -> Desk:
    found = home.shell(SET_UP).split()[-4:]
    eve = Visitor(home.url)
    eve.submit(eve.open("/accounts/login/"), having="password", login="eve", password="correct horse")
    cookies = "; ".join(f"{each.name}={each.value}" for each in eve.cookies)
    assert "staff=" in cookies
    home.shell(DISMISS)
    return Desk(*found, cookies)


def begun(path: str, *lines: str) -> bytes:
    """The head of a slow upload, and the first byte of its body."""
    head = (
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Type: {BOUNDARY}",
        "Content-Length: 22000000",
    )
    return "\r\n".join([*head, *lines, "", "a"]).encode()


def test_a_read_key_and_a_dismissed_persons_cookie_hold_no_upload(home: Installation, desk: Desk) -> None:
    nowhere = f"/v1/pages/{desk.page}/rfos/x/attachments"
    attacks = [
        (begun("/v1/pages/x/rfos/x/attachments", f"Authorization: OAuth {desk.read_key}"), "403"),
        (begun(nowhere, f"Cookie: {desk.dismissed}"), "401"),
        (begun("/console/incidents/x/rfo", f"Cookie: {desk.dismissed}"), "401"),
        (begun(f"/console/pages/{desk.page}/look", f"Cookie: {desk.dismissed}"), "401"),
        (begun(nowhere, f"Authorization: OAuth {desk.rfo_key}"), "404"),
    ]
    with contextlib.ExitStack() as stack:
        opened = []
        for first, status in attacks:
            for number in range(2):
                attacker = stack.enter_context(connect(home.port, number, patience=3))
                attacker.sendall(first)
                opened.append((attacker, first, status))
        sent = upload(home, desk)
        told = [(answer(attacker)[:12], first.split(b" ")[1], status) for attacker, first, status in opened]
    assert sent == 201, told
    assert all(line == f"HTTP/1.1 {status}" for line, _, status in told), told


def upload(home: Installation, desk: Desk) -> int:
    """The status that the publisher's document gets."""
    document = parts(picture())
    assert len(document) > WORDS_BYTES
    door, key = Door(home.port), {"Authorization": f"OAuth {desk.rfo_key}"}
    words = json.dumps({"rfo": {"incident_id": desk.incident, "body": "Why it failed."}}).encode()
    draft = door.ask(f"/v1/pages/{desk.page}/rfos", method="POST", body=words, **key)
    assert draft.status == 201, draft.body
    path = f"/v1/pages/{desk.page}/rfos/{json.loads(draft.body)['id']}/attachments"
    return door.ask(path, method="POST", body=document, Content_Type=BOUNDARY, **key).status
