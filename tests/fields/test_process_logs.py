"""The logs of real processes, web and worker, after a tour with secrets of every class: in both forms, none of them."""

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.peers.installation import Installation, eventually
from tests.peers.programs import free_port

SET_UP = """
from datetime import UTC, datetime, timedelta
from incidents.channels.kinds import KINDS
from incidents.models import Delivery, Subscriber
from incidents.models.keys import Scope
from incidents.operations.actors import SHELL
from incidents.operations.credentials import seal
from incidents.operations.endpoint_urls import columns
from incidents.operations.incidents import open_incident
from incidents.operations.keys import make_key
from incidents.operations.pages import create_page
from incidents.operations.tokens import Purpose, make_token
now = datetime.now(UTC) - timedelta(minutes=1)
page = create_page(name="SIPcity", zone_name="UTC", by=SHELL, at=now)
for channel, address in (
    ("slack", "http://127.0.0.1:{port}/services/canaryslack"),
    ("webhook", "http://127.0.0.1:{port}/canaryhook?canaryquery=1"),
    ("email", "canaryperson@customer.example"),
):
    row = Subscriber.objects.create(page=page, channel=channel, **columns(KINDS[channel], address), state="active",
        nonce="0" * 32, secret=seal("whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="), created_at=now,
        confirmed_at=now)
key, secret = make_key(name="NOC", page=page, scopes=list(Scope), by=SHELL, at=now)
token = make_token(row, Purpose.MANAGE, at=datetime.now(UTC))
open_incident(page, title="Calls fail", body="canarywords", by=SHELL, at=now)
print("\\n".join([secret, token, page.code]))
"""
TRIED = "from incidents.models import Attempt; print(Attempt.objects.count())"


def ask(home: Installation, path: str, body: bytes | None = None, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"{home.url}{path}", data=body, headers=named)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_log_of_a_running_installation_holds_a_secret(tmp_path: Path, form: str) -> None:
    settings = {
        "LOG_FORMAT": form,
        "GRANIAN_LOG_ACCESS_ENABLED": "true",
        "WEBHOOK_ALLOW_PRIVATE": "127.0.0.1",
        "EMAIL_URL": f"smtp://canaryuser:canarymailpassword@127.0.0.1:{free_port()}",
        "METRICS_TOKEN": "canarymetricstoken0123456789",
    }
    with Installation(tmp_path, **settings) as home:
        secret, token, page = home.shell(SET_UP.format(port=free_port())).split()
        home.start("web", "worker", "beat")
        forms = {"Content_Type": "application/x-www-form-urlencoded", "Cookie": "sessionid=canarysession"}
        statuses = [
            ask(home, f"/v1/pages/zzzz?api_key={secret}"),
            ask(home, "/v1/pages/zzzz", Authorization=f"OAuth {secret}"),
            ask(home, f"/v1/pages/{page}/incidents", b"{canarybody", Authorization=f"Bearer {secret}"),
            ask(home, f"/subscriptions/manage/{token}"),
            ask(home, f"/subscriptions/manage/{token}x"),
            ask(home, f"/subscriptions/manage/{token}/try", b"x=canarybody", **forms),
            ask(home, "/accounts/password/reset/key/1-canaryreset-canary/"),
            ask(home, "/accounts/login/", b"login=dana&password=canarypassword", **forms),
            ask(home, "/beats/canarybeat"),
            ask(home, "/customers/canaryedition"),
            ask(home, "/nowhere?canaryquery=1", Cookie="sessionid=canarysession"),
            ask(home, "/metrics", Authorization="Bearer canarymetricstoken9876543210"),
        ]
        assert statuses.count(404) > 4
        eventually(lambda: int(home.shell(TRIED).split()[-1]) >= 2, within=60, what="two attempts")
        for name in ("beat", "worker", "web"):
            home.stop(name)
        logs = {
            name: (tmp_path / f"{name}.log").read_text(errors="replace") for name in ("web", "worker", "beat")
        }
    assert "Not Found: /v1/pages/zzzz" in logs["web"]
    assert '"GET /' in logs["web"].replace('\\"', '"')
    for name, said in logs.items():
        for word in ("canary", secret, secret[:12], token, token[:30], "0" * 32, "whsec_Q", "WSGIRequest"):
            assert word not in said, (name, word, said)
    if form == "json":
        lines = [line for line in logs["web"].splitlines() if "Not Found" in line]
        assert all(json.loads(line)["logger"] == "django.request" for line in lines)
