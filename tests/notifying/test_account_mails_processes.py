"""A password link through real processes: asked for at the web door, sent by the worker, opened by its owner."""

import re
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.peers.installation import Installation, eventually

pytestmark = pytest.mark.slow
SET_UP = """
from django.contrib.auth.models import User
User.objects.create_user("dana", "dana@sipcity.test", "a long password", is_staff=True)
"""


def test_the_worker_mails_what_the_web_process_wrote_down(tmp_path: Path) -> None:
    with Installation(tmp_path) as home:
        home.shell(SET_UP)
        home.start("web", "worker")
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        form = opener.open(f"{home.url}/accounts/password/reset/", timeout=20).read().decode()
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[0]
        for address in ("dana@sipcity.test", "victim@third-party.example"):
            words = urlencode({"csrfmiddlewaretoken": token, "email": address}).encode()
            answer = opener.open(f"{home.url}/accounts/password/reset/", words, timeout=20)
            assert answer.url.endswith("/accounts/password/reset/done/")
        folder = Path(home.environment["DATA_DIR"]) / "mail"

        def letters() -> str:
            return "".join(each.read_text() for each in folder.glob("*")) if folder.exists() else ""

        eventually(
            lambda: "Choose a password" in letters(), within=60, what=f"the mail; {home.log('worker')}"
        )
        assert "victim" not in letters()
        link = re.findall(rf"{home.url}/accounts/password/reset/key/\S+", letters())[0]
        assert "password1" in opener.open(link, timeout=20).read().decode()
