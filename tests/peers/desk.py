"""A member of staff and a script at one installation: sign in with a second factor, post, read, call the API."""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from tests.peers.installation import Installation, eventually
from tests.peers.visitor import Visitor

SECRET = "JBSWY3DPEHPK3PXP"
PASSWORD = "a long password"
SET_UP = f"""
from datetime import UTC, datetime, timedelta
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from incidents.models.keys import Scope
from incidents.operations.actors import DEMO
from incidents.operations.components import create_component
from incidents.operations.credentials import seal
from incidents.operations.incidents import open_incident
from incidents.operations.keys import make_key
from incidents.operations.pages import create_page
at = datetime.now(UTC) - timedelta(days=1)
page = create_page(name="SIPcity", zone_name="Australia/Sydney", by=DEMO, at=at)
create_component(page, name="Calls", by=DEMO, at=at)
incident = open_incident(page, title="Calls fail", body="We are looking.", by=DEMO, at=at)
for number in range({{staff}}):
    user = User.objects.create_user(f"dana{{{{number}}}}", f"dana{{{{number}}}}@sipcity.test", {PASSWORD!r},
        is_staff=True, is_superuser=True)
    Authenticator.objects.create(user=user, type="totp", data={{{{"secret": seal({SECRET!r})}}}})
_, secret = make_key(name="script", page=None, scopes=[Scope.ADMIN], by=DEMO, at=datetime.now(UTC))
print(page.code, incident.code, secret)
"""


@dataclass(frozen=True)
class Desk:
    """One page with one open incident, and as many members of staff as are needed, dana0, dana1 and so on.

    An authenticator app's code is taken once, so each sign-in within half a minute is another person's.
    """

    home: Installation
    page: str
    incident: str
    key: str

    def sign_in(self, number: int) -> Visitor:
        """Password, code, console."""
        visitor = Visitor(self.home.url)
        form = visitor.open("/accounts/login/")
        asked = visitor.submit(form, having="password", login=f"dana{number}", password=PASSWORD)
        assert asked.status == 200, (asked.status, asked.url, self.home.log("web"))
        code = format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))
        console = visitor.submit(asked, having="code", code=code)
        assert (console.status, console.url) == (200, f"{self.home.url}/console/"), self.home.log("web")
        return visitor

    def post(self, visitor: Visitor, words: str) -> None:
        """Say something in the incident; the public page shows it, with no worker."""
        form = visitor.open(f"/console/incidents/{self.incident}")
        assert form.status == 200, (form.status, self.home.log("web"))
        done = visitor.submit(form, having="body", body=words)
        assert done.status == 200, (done.status, done.text[:500], self.home.log("web"))
        page = f"/incidents/{self.incident}"
        eventually(lambda: words in self.home.get(page)[1], within=30, what=f"{words} at {page}")

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any, str]:
        """Status, JSON and media type of an answer below /v1/."""
        request = urllib.request.Request(
            f"{self.home.url}/v1/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"OAuth {self.key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, json.load(reply), reply.headers["Content-Type"]
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            kind = error.headers["Content-Type"]
            return error.code, json.loads(text) if "json" in kind else text, kind

    def use(self, number: int) -> None:
        """Everything once, and all of it works."""
        visitor = self.sign_in(number)
        self.post(visitor, f"Words of dana{number}.")
        incident = {
            "incident": {"name": f"Script {number}", "status": "investigating", "body": "Said by a script."}
        }
        status, made, _ = self.ask("POST", f"pages/{self.page}/incidents", incident)
        assert status == 201, (made, self.home.log("web"))
        status, found, _ = self.ask("GET", f"pages/{self.page}/incidents/{made['id']}")
        assert (status, found["name"]) == (200, f"Script {number}")


def desk(home: Installation, *, staff: int) -> Desk:
    """Make the rows; nothing needs to run yet."""
    page, incident, key = home.shell(SET_UP.format(staff=staff)).split()[-3:]
    return Desk(home, page, incident, key)
