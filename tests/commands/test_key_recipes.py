"""Keys replaced as the help page Security says, line by line, in a whole installation."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.peers.installation import ROOT, Installation

HELP = (ROOT / "templates" / "docs" / "security.md").read_text(encoding="utf-8")
SETTING = re.compile(r"([A-Z_]+)=(\S+)")
PREPARE = """
from datetime import UTC, datetime
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from incidents.operations.actors import DEMO
from incidents.operations.pages import create_page
from incidents.operations.signals import make_source
from incidents.operations.tokens import Purpose, make_token
from incidents.operations.vouching import vouch_for

at = datetime.now(UTC)
page = create_page(name="SIPcity", zone_name="UTC", by=DEMO, at=at)
facts = {"channel": "webhook", "address": "https://hooks.example.com/x", "contact_email": "noc@example.com"}
webhook = vouch_for(page, **facts, by=DEMO, at=at)
make_source(page, name="Alertmanager", by=DEMO, at=at)
dana = User.objects.create_user("dana", "dana@sipcity.test", "correct horse", is_staff=True, is_superuser=True)
TOTP.activate(User.objects.create_user("kim"), generate_totp_secret())
browser = Client(headers={"host": "localhost"})
browser.force_login(dana)
print(browser.cookies[settings.SESSION_COOKIE_NAME].value)
print(make_token(webhook, Purpose.LEAVE, at=at))
Client(headers={"host": "localhost"}).post("/accounts/password/reset/", {"email": dana.email})
"""
LOOK = """
from datetime import UTC, datetime
from django.conf import settings
from django.test import Client
from incidents.models import Subscriber
from incidents.operations.credentials import LostKey, is_current, unseal
from incidents.operations.sealed_columns import sealed_columns, sealed_texts
from incidents.operations.tokens import LostToken, Purpose, read_token

browser = Client(headers={{"host": "localhost"}})
browser.cookies[settings.SESSION_COOKIE_NAME] = "{session}"
print("session", browser.get("/console/").status_code)
try:
    print("link", read_token("{token}", Purpose.LEAVE, at=datetime.now(UTC)).channel)
except LostToken:
    print("link lost")
reset = Client(headers={{"host": "localhost"}}).get("{reset}", follow=True)
print("reset", "name=\\"password1\\"" in reset.content.decode())
texts = [
    text
    for column in sealed_columns()
    for value in column.model._base_manager.values_list(column.name, flat=True)
    for text in sealed_texts(value)
]
def opens(text):
    try:
        return bool(unseal(text))
    except LostKey:
        return False
print("sealed", len(texts), sum(map(opens, texts)), sum(map(is_current, texts)))
"""

SEND = """
from django.utils.timezone import now
from incidents.notifying.account_mails import send_account_mails
send_account_mails(at=now())
"""


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    made = Installation(tmp_path)
    made.manage("migrate", "--verbosity", "0")
    return made


def follow(installation: Installation, heading: str, *, steps: slice) -> None:
    """Do what the code blocks of a recipe say: settings are set, commands are run."""
    recipe = re.search(rf"^### {heading}\n(.*?)(?=^##)", HELP, re.MULTILINE | re.DOTALL)
    assert recipe
    data = installation.environment["DATA_DIR"]
    for block in re.findall(r"```\n(.*?)```", recipe[1], re.DOTALL)[steps]:
        text = block.replace("/var/lib/dialtone", data).replace(".venv/bin/python", sys.executable)
        if setting := SETTING.fullmatch(text.strip()):
            installation.environment[setting[1]] = setting[2]
        else:
            subprocess.run(["bash", "-e", "-c", text], cwd=ROOT, env=installation.environment, check=True)


class Before:
    """What was signed and encrypted with the keys of an installation that has just begun."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        printed = installation.shell(PREPARE).splitlines()
        self._session, self._token = printed[-2:]
        installation.shell(SEND)
        mails = "".join(
            file.read_text() for file in (Path(installation.environment["DATA_DIR"]) / "mail").iterdir()
        )
        found = re.search(r"/accounts/password/reset/key/\S+", mails)
        assert found, mails
        self._reset = found[0]

    def look(self) -> list[str]:
        """What of it is still good in a process that starts now."""
        code = LOOK.format(session=self._session, token=self._token, reset=self._reset)
        return self._installation.shell(code).splitlines()[-4:]


GOOD = ["session 200", "link webhook", "reset True"]


@pytest.mark.slow
def test_secret_key_is_replaced_and_what_it_signed_goes_on_being_valid(installation: Installation) -> None:
    before = Before(installation)
    assert before.look() == [*GOOD, "sealed 4 4 4"]
    data = Path(installation.environment["DATA_DIR"])
    old = (data / "secret_key").read_text()
    follow(installation, "SECRET_KEY", steps=slice(None))
    assert before.look() == [*GOOD, "sealed 4 4 4"]
    assert (data / "secret_key").read_text() != old
    # In the end the setting goes, and with it what the old key signed.
    del installation.environment["SECRET_KEY_FALLBACKS_FILE"]
    (data / "secret_key_before").unlink()
    assert before.look()[:3] == ["session 302", "link lost", "reset False"]


@pytest.mark.slow
def test_credentials_key_is_replaced_and_everything_is_encrypted_with_the_new_one(
    installation: Installation,
) -> None:
    before = Before(installation)
    data = Path(installation.environment["DATA_DIR"])
    old = (data / "credentials_key").read_text()
    follow(installation, "CREDENTIALS_KEY", steps=slice(2))
    assert before.look() == [*GOOD, "sealed 4 4 0"]
    follow(installation, "CREDENTIALS_KEY", steps=slice(2, None))
    assert before.look() == [*GOOD, "sealed 4 4 4"]
    assert (data / "credentials_key").read_text() != old
    del installation.environment["CREDENTIALS_KEY_PREVIOUS_FILE"]
    (data / "credentials_key_before").unlink()
    assert before.look() == [*GOOD, "sealed 4 4 4"]
    # Without the recipe all of it would be lost.
    (data / "credentials_key").write_text("another")
    assert before.look() == [*GOOD, "sealed 4 0 0"]
