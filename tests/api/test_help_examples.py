"""The examples of the help's page about the API, run as they stand there against a real process (slow)."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.api.test_described import MAKE, Asking
from tests.peers.installation import Installation
from tests.peers.programs import require

pytestmark = pytest.mark.slow
PAGE = settings.BASE_DIR / "templates" / "docs" / "api.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def run(command: list[str], words: str, **env: str) -> str:
    done = subprocess.run(
        command, input=words, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_the_help_says_to_type_works(tmp_path: Path) -> None:
    require("curl", "curl")
    create, update = blocks("sh")
    (script,) = blocks("python")
    with Installation(tmp_path) as home:
        page, key = home.shell(MAKE).split()
        home.start("web")
        component = Asking(home.url, page, key).make("/components", {"component": {"name": "Calls"}})["id"]
        known = {"SITE": home.url, "PAGE": page, "KEY": key, "COMPONENT": component}
        made = json.loads(run(["sh", "-s"], create, **known))
        assert (made["name"], made["components"][0]["status"]) == ("Calls fail", "major_outage")
        said = json.loads(run(["sh", "-s"], update, **known, INCIDENT=made["id"]))
        assert said["incident_updates"][0]["body"] == "A certificate was replaced."
        assert run([sys.executable, "-"], script, **known).strip() == "resolved"
