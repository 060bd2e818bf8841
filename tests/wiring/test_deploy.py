"""The examples in `deploy/` are read by the programs they are for, and start what `dev.py run` starts."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from incidents.domain.body_limits import UPLOADS, body_limit
from statuspage import queues
from tests.peers.certificates import Authority
from tests.peers.installation import ROOT
from tests.peers.nginx import Nginx, example
from tests.peers.programs import free_port
from tests.test_help_complete import settings_read

PROCESSES = ("web", "worker", "probes", "beat")


def compose() -> Mapping[str, Mapping[str, object]]:
    services: Mapping[str, Mapping[str, object]] = yaml.safe_load(
        (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
    )["services"]
    return services


def started(file: Path) -> list[str]:
    """The command of a unit; systemd reads `%%` as one percent sign."""
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(file)
    return shlex.split(unit["Service"]["ExecStart"].replace("%%", "%"))


def words_after(option: str, command: list[str]) -> str:
    return command[command.index(option) + 1]


def commands() -> dict[str, dict[str, list[str]]]:
    """What each example starts, by process; the Python in front is left out."""
    units = {name: started(ROOT / "deploy" / "systemd" / f"dialtone-{name}.service") for name in PROCESSES}
    services = {name: shlex.split(str(compose()[name]["command"])) for name in PROCESSES}
    return {
        "systemd": {name: command[1:] for name, command in units.items()},
        "compose": {name: command[1:] for name, command in services.items()},
    }


@pytest.mark.parametrize("example", ["systemd", "compose"])
def test_every_queue_has_its_worker_and_the_pulse_is_one(example: str) -> None:
    found = commands()[example]
    served = [words_after("-Q", command) for command in found.values() if "worker" in command]
    routed = {route["queue"] for route in queues.task_routes.values()}
    assert sorted(served) == sorted({queues.task_default_queue, *routed})
    assert [name for name, command in found.items() if "beat" in command] == ["beat"]


@pytest.mark.parametrize("example", ["systemd", "compose"])
def test_each_process_is_started_as_the_development_server_starts_it(example: str) -> None:
    ours = (ROOT / "dev.py").read_text(encoding="utf-8")
    own = {"127.0.0.1", "0.0.0.0", "8000", "1", "2", "INFO"}
    for command in commands()[example].values():
        assert command[0] == "-m"
        unknown = [
            word for word in command[1:] if f'"{word}"' not in ours and word not in own and word[0] != "/"
        ]
        assert unknown == []


def test_compose_sets_nothing_that_is_no_setting() -> None:
    for name in (*PROCESSES, "migrate"):
        environment = compose()[name]["environment"]
        assert isinstance(environment, dict)
        assert set(environment) <= set(settings_read()), name


def test_compose_puts_into_the_image_what_a_process_needs() -> None:
    (build,) = {str(compose()[name]["build"]) for name in PROCESSES}
    copied = re.findall(r"COPY (\S+) ", build)
    assert {"manage.py", "incidents", "statuspage", "templates", "static"} <= set(copied)
    assert all((ROOT / name).exists() for name in copied)


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    """By its own checker, where the machine has one; `/opt/dialtone` is this folder then."""
    texts = {file.name: file.read_text(encoding="utf-8") for file in (ROOT / "deploy" / "systemd").iterdir()}
    assert len(texts) == len(PROCESSES) + 2
    for name, text in texts.items():
        python = text.replace("/opt/dialtone/.venv/bin/python", sys.executable)
        (tmp_path / name).write_text(
            python.replace("/opt/dialtone", str(ROOT)).replace("/srv/dialtone", str(tmp_path))
        )
    if program := shutil.which("systemd-analyze"):
        done = subprocess.run(
            [program, "verify", *map(str, tmp_path.iterdir())],
            env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/accounts/login/", "text/plain"),
        ("/admin/login/", "multipart/form-data"),
        ("/beats/abc", "text/plain"),
        ("/subscriptions/", "multipart/form-data"),
        ("/console/incidents/abc", "multipart/form-data"),
        ("/admin/incidents/", "text/plain"),
        ("/v1/pages/abc/incidents", "application/json"),
        ("/console/incidents/abc/rfo", "multipart/form-data"),
        ("/console/pages/abc/look", "multipart/form-data"),
        ("/console/pages/abc/subscribers/import", "multipart/form-data"),
        ("/v1/pages/abc/rfos/def/attachments", "multipart/form-data"),
        ("/v1/pages/abc/rfos/def/attachments.json", "multipart/form-data"),
    ],
)
def test_nginx_takes_bodies_as_long_as_dialtone_does(path: str, media_type: str) -> None:
    """The innermost location counts; none of ours lies deeper than its file says."""
    text = (ROOT / "deploy" / "nginx" / "proxy.conf").read_text(encoding="utf-8")
    limits = [("", "64k"), *re.findall(r"location ~ (\S+) \{\n\s+client_max_body_size (\w+);", text)]
    size = [size for pattern, size in limits if re.search(pattern, path)][-1]
    assert int(size[:-1]) * {"k": 2**10, "m": 2**20}[size[-1]] == body_limit(path, media_type).size


def test_every_upload_has_its_place_in_nginx() -> None:
    text = (ROOT / "deploy" / "nginx" / "proxy.conf").read_text(encoding="utf-8")
    for pattern, _ in UPLOADS:
        assert f"^{pattern.pattern}$" in text


@pytest.mark.slow
def test_nginx_has_nothing_against_its_files(tmp_path: Path) -> None:
    pair = Authority(tmp_path / "ca").issue("server", sans=["localhost"])
    letsencrypt = "/etc/letsencrypt/live/status.example.com"
    servers = example("export.conf", {}) + example(
        "proxy.conf",
        {
            f"{letsencrypt}/fullchain.pem": str(pair.certificate),
            f"{letsencrypt}/privkey.pem": str(pair.key),
            "listen 80;": f"listen 127.0.0.1:{free_port()};",
            "listen 443 ": f"listen 127.0.0.1:{free_port()} ",
            "listen [::]:80;": f"listen [::1]:{free_port()};",
            "listen [::]:443 ": f"listen [::1]:{free_port()} ",
        },
    )
    assert Nginx(tmp_path / "nginx", servers, ports=[]).complaints() == ""
    assert "unknown directive" in Nginx(tmp_path / "bad", "no_such_thing on;", ports=[]).complaints()
