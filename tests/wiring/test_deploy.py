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
import redis
import yaml

from incidents.domain.body_limits import UPLOADS, body_limit
from statuspage import queues
from statuspage.environ import Environment
from tests.peers.certificates import Authority
from tests.peers.installation import ROOT, eventually
from tests.peers.nginx import Nginx, example
from tests.peers.programs import free_port, require
from tests.test_help_complete import settings_read

PROCESSES = ("web", "worker", "probes", "beat")
ADDRESSES = ("CELERY_BROKER_URL", "CACHE_URL")


def compose() -> Mapping[str, Mapping[str, object]]:
    services: Mapping[str, Mapping[str, object]] = yaml.safe_load(
        (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
    )["services"]
    return services


def service_of(file: Path) -> Mapping[str, str]:
    """What a unit says of its service; of a setting that is given twice the last line."""
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(file)
    return unit["Service"]


def started(file: Path) -> list[str]:
    """The command of a unit; systemd reads `%%` as one percent sign."""
    return shlex.split(service_of(file)["ExecStart"].replace("%%", "%"))


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


SERVICES = (*PROCESSES, "export")
MUST_SAY = {
    "UMask": "0077",
    "StateDirectoryMode": "0700",
    "NoNewPrivileges": "true",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "SystemCallArchitectures": "native",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX AF_NETLINK",
}
HIGHEST_EXPOSURE = 3.0
"""Of 10, by systemd's own count."""


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_is_shut_off_from_the_machine_and_bounded(name: str) -> None:
    unit = service_of(ROOT / "deploy" / "systemd" / f"dialtone-{name}.service")
    assert {key: unit.get(key) for key in MUST_SAY} == MUST_SAY
    assert re.fullmatch(r"[1-9]\d*[MG]", unit["MemoryMax"])
    assert 0 < int(unit["TasksMax"]) <= 512
    assert "SystemCallFilter" in unit


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_counts_a_unit_as_little_exposed(name: str) -> None:
    if program := shutil.which("systemd-analyze"):
        unit = str(ROOT / "deploy" / "systemd" / f"dialtone-{name}.service")
        done = subprocess.run(
            [program, "security", "--offline=true", "--no-pager", unit],
            capture_output=True,
            text=True,
            check=False,
        )
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
        assert found, done.stderr
        assert float(found[1]) <= HIGHEST_EXPOSURE


def test_every_image_is_named_by_its_digest() -> None:
    text = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
    images = re.findall(r"^ *(?:image:|FROM) (\S+)$", text, re.MULTILINE)
    foreign = [image for image in images if image != "dialtone"]
    assert len(foreign) == 3
    assert all(re.fullmatch(r"[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}", image) for image in foreign)


@pytest.mark.parametrize("name", compose())
def test_every_container_is_shut_off_and_bounded(name: str) -> None:
    service = compose()[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service.get("read_only") or name == "postgres"
    assert "cap_add" not in service or name == "postgres"


def test_the_broker_and_the_cache_are_asked_with_the_password() -> None:
    for name in (*PROCESSES, "migrate"):
        environment = compose()[name]["environment"]
        assert isinstance(environment, dict)
        filled = {
            key: str(environment[key]).replace("${REDIS_PASSWORD:?choose one}", "s3cret") for key in ADDRESSES
        }
        read = Environment(filled)
        assert read.broker("CELERY_BROKER_URL", "") == "redis://:s3cret@redis:6379/0"
        assert read.cache("CACHE_URL", "")["LOCATION"] == "redis://:s3cret@redis:6379/1"


@pytest.mark.slow
def test_redis_as_compose_starts_it_lets_nobody_in_without_the_password(tmp_path: Path) -> None:
    program, port = require("redis-server", "redis-server"), free_port()
    shell, option, script = shlex.split(str(compose()["redis"]["command"]).replace("$$", "$"))
    script = script.replace(
        "redis-server - ", f"{program} - --port {port} --bind 127.0.0.1 --dir {tmp_path} "
    )
    environment = {**os.environ, "REDIS_PASSWORD": "s3cret"}
    server = subprocess.Popen([shell, option, script], env=environment, stdout=subprocess.DEVNULL)
    try:
        stranger, ours = redis.Redis(port=port), redis.Redis(port=port, password="s3cret")
        eventually(lambda: answers(ours), within=15)
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()
        assert "s3cret" not in Path(f"/proc/{server.pid}/cmdline").read_text()
        assert ours.config_get("save") == {"save": ""}
    finally:
        ours.shutdown(nosave=True)
        server.wait(10)


def answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
