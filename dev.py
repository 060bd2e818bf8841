#!/usr/bin/env python3
"""Run, test and lock the project with nothing but Python 3.11 and its standard library: `python3 dev.py --help`."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import http.client
import os
import shlex
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from subprocess import Popen

from requirements.supervision import GRACE, ROOT, UNTIL_WE_DIE, Child, Supervisor, say

__all__ = ["GRACE", "ROOT"]
VENV, APT = ROOT / ".venv", str(ROOT / "requirements" / "apt.sh")
BASE_LOCK, DEV_LOCK = ROOT / "requirements" / "base.txt", ROOT / "requirements" / "dev.txt"
PYTHON = (str(VENV / "bin" / "python"), "-m")
SHARED_FILE = "dialtone.env"
SHARED = {
    *(
        "ALLOWED_HOSTS",
        "CACHE_URL",
        "CELERY_BROKER_URL",
        "DATABASE_URL",
        "EMAIL_URL",
        "MEDIA_ROOT",
        "PUBLISH_DIR",
    ),
    *("SITE_URL", "STAFF_MFA", "TRUSTED_PROXIES", "WEBHOOK_ALLOW_PRIVATE"),
}
SHARED_MARK = (
    "# dev.py writes this at each start, for manage.py. Remove this line to keep settings of your own.\n"
)
GATE = """
ruff check .
ruff format --check .
djlint templates --quiet --check --lint
mypy
manage makemigrations --check --dry-run
manage check --deploy --fail-level WARNING
"""  # each as `python -m …`, and then pytest
TOGETHER = ["pytest", "-n2", "--dist=loadfile", "--no-loadscope-reorder"]
QUICK, CLOCK = {"not slow and not bench": TOGETHER}, {"clock": ["tests.at_instant", "all", *TOGETHER]}
WHOLE = {**CLOCK, "not bench and not alone": TOGETHER, "alone": ["pytest"]}


def call(*argv: str, env: Mapping[str, str] | None = None) -> int:
    """Run a command to its end, also when we are asked to stop; its exit status."""
    process = Popen([*UNTIL_WE_DIE, *argv], cwd=ROOT, env=env)
    try:
        return process.wait()
    except BaseException as stop:
        if not isinstance(stop, KeyboardInterrupt):  # Ctrl-C reached it through the terminal already
            process.terminate()
        process.wait()
        raise


def must(*argv: str, env: Mapping[str, str] | None = None) -> None:
    if status := call(*argv, env=env):
        sys.exit(f"dev.py: `{' '.join(argv)}` failed with status {status}")


def hold(folder: Path, how: int = fcntl.LOCK_EX) -> int:
    """Keep every other dev.py out of `folder` until the handle is closed or this process ends."""
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, how)
    return handle


def venv_mark(venv: Path, lock: Path) -> str:
    """What the stamp of `venv` says when it holds `lock`: its place, its Python, the lock's digest."""
    return f"{venv.resolve()}\n{(venv / 'bin' / 'python').resolve()}\n{hashlib.sha256(lock.read_bytes()).hexdigest()}"


def ensure_venv(venv: Path, lock: Path, *supersets: Path) -> None:
    """Make `venv` hold `lock`; when its stamp names this lock or a superset, no pip runs at all.

    The stamp goes before anything changes and comes back last, so a `venv` without one was half-made.
    """
    handle = hold(lock.parent)
    try:
        stamp = venv / "dev-stamp"
        mark = stamp.read_text() if stamp.exists() else ""
        if mark not in [venv_mark(venv, known) for known in (lock, *supersets)]:
            stamp.unlink(missing_ok=True)
            needed = [] if find_spec("ensurepip") and find_spec("venv") else ["python3-venv"]
            must(APT, "--run", *needed)
            if mark.rpartition("\n")[0] != venv_mark(venv, lock).rpartition("\n")[0]:
                must(sys.executable, "-m", "venv", "--clear", str(venv))
            say(f"dev.py: installing {lock.name} into {venv.name}, once")
            pip = (str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input")
            must(*pip, "install", "--quiet", "--require-hashes", "-r", str(lock))
            stamp.write_text(venv_mark(venv, lock))
    finally:
        os.close(handle)


def take(host: str, port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Bind `port` (0: any) for a moment and tell it. Raises OSError when it is not to be had."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(kind == socket.SOCK_STREAM))
        probe.bind((host, port))
        return int(probe.getsockname()[1])


def demo_ports(memory: Path) -> tuple[str, str]:
    """SIP and SIP-TLS port of the demo's responder: as last time, else 15060 and 15061, else any two free."""
    last = memory.read_text() if memory.exists() else ""
    for wish in (last, "15060 15061", *["0 0"] * 9):
        with contextlib.suppress(OSError, ValueError):
            sip, tls = (take("127.0.0.1", int(port)) for port in wish.split())
            take("127.0.0.1", sip, socket.SOCK_DGRAM)
            memory.write_text(f"{sip} {tls}")
            return str(sip), str(tls)
    sys.exit("dev.py: no two free ports for the demo's SIP responder")


def are_free(ports: Sequence[str]) -> bool:
    """Whether the demo's responder could bind its ports now."""
    with contextlib.suppress(OSError):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            take("127.0.0.1", int(ports[0]), kind)
        return bool(take("127.0.0.1", int(ports[1])))
    return False


def prepare(env: Mapping[str, str], data_dir: Path, demo: Sequence[str]) -> None:
    """Migrate, load the demo, publish; nothing of it when the stamp says that these very files did it."""
    facts = [demo, *(env.get(name) for name in ("SITE_URL", "DATABASE_URL", "PUBLISH_DIR", "MEDIA_ROOT"))]
    digest = hashlib.sha256(repr(facts).encode() + BASE_LOCK.read_bytes())
    for folder in ("incidents", "statuspage", "templates", "static"):
        for file in sorted((ROOT / folder).rglob("*.*")):
            if file.is_file() and file.suffix != ".pyc":
                digest.update(f"{file}\n".encode() + file.read_bytes())
    stamp = data_dir / "dev-stamp"
    rows = "DATABASE_URL" in env or (data_dir / "dialtone.sqlite3").exists()
    if rows and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    stamp.unlink(missing_ok=True)
    say(f"dev.py: preparing {data_dir}")
    must(*PYTHON, "manage", "migrate", "--verbosity", "0", env=env)
    if demo:
        must(*PYTHON, "manage", "demo", "--yes", "--sip-port", demo[0], "--sip-tls-port", demo[1], env=env)
    must(*PYTHON, "manage", "publish", "--all", "--yes", env=env)
    stamp.write_text(digest.hexdigest())


def responder(data_dir: Path, demo: Sequence[str]) -> Child:
    """The demo's SIP server."""
    place = ("--port", demo[0], "--tls-port", demo[1], "--state-dir", str(data_dir / "demo"))
    return Child("responder", *PYTHON, "incidents.sip.responder", *place)


def watch_demo(supervisor: Supervisor, data_dir: Path, demo: Sequence[str]) -> Sequence[str]:
    """Watch all with the demo's responder, until asked to stop or its ports turn out to be somebody else's: others."""
    server = responder(data_dir, demo)
    supervisor.children.append(server)
    supervisor.watch(until=lambda: not server.process and server.deaths > 0 and not are_free(demo))
    if supervisor.asked:
        return demo
    supervisor.children.remove(server)
    moved = demo_ports(data_dir / "demo-ports")
    say(f"dev.py: another program has port {demo[0]} or {demo[1]}; the demo's SIP server moves to {moved[0]}")
    return moved


def processes() -> Iterator[Child]:
    """All but the web process, which comes first, and the demo's responder."""
    celery = (*PYTHON, "celery", "-A", "statuspage", "-q")
    worker = (*celery, "worker", "--without-gossip", "--without-mingle", "-l", "WARNING")
    yield Child("worker", *worker, "-Q", "celery", "-n", "worker@%h", "-c", "3")
    yield Child("probes", *worker, "-Q", "probes", "-n", "probes@%h", "-c", "1")
    yield Child("beat", *celery, "beat", "-l", "WARNING")


def shared(data_dir: Path, made_up: Mapping[str, str]) -> dict[str, str]:
    """Write what the server gets to where `manage.py` reads it too; what somebody has written there wins over ours."""
    file = data_dir / SHARED_FILE
    text = file.read_text() if file.exists() else SHARED_MARK
    if text.startswith(SHARED_MARK):
        given = {**made_up, **{name: os.environ[name] for name in sorted(SHARED) if name in os.environ}}
        lines = [
            f"{name}='{value}'\n" for name, value in given.items() if value.isprintable() and "'" not in value
        ]
        file.write_text(SHARED_MARK + "".join(lines))
        return dict(made_up)
    return {name: value for name, value in made_up.items() if f"\n{name}=" not in f"\n{text}"}


def createsuperuser(data_dir: Path) -> str:
    """The command that makes the first account, whichever folder it is typed in."""
    return f"DATA_DIR={shlex.quote(str(data_dir))} {shlex.join([PYTHON[0], str(ROOT / 'manage.py')])} createsuperuser"


def answers(host: str, port: int) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection(host, port, timeout=0.3)
        connection.request("GET", "/")
        return bool(connection.getresponse())
    return False


def run(options: argparse.Namespace) -> None:
    """Serve the page, its demo and every process until Ctrl-C."""
    began, host, port = time.monotonic(), options.host, options.port
    try:
        take(host, port)
    except (OSError, OverflowError) as why:
        sys.exit(f"dev.py: cannot listen on {host} port {port} ({why}); name another with --port or --host")
    ensure_venv(VENV, BASE_LOCK, DEV_LOCK)
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
    os.umask(0o077)  # what lies there is this user's alone, the files that we write ourselves too
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if data_dir.stat().st_uid != os.geteuid():
            raise PermissionError("it belongs to another user")
        hold(data_dir, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"dev.py: another one runs on {data_dir}; stop it, or set DATA_DIR")
    except OSError as why:
        sys.exit(f"dev.py: cannot keep anything in {data_dir} ({why}); run it as the owner, or set DATA_DIR")
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    ours = shared(data_dir, {"SITE_URL": url, **({"STAFF_MFA": "optional"} if options.demo else {})})
    env = {**ours, "PYTHONWARNINGS": "ignore:You're running the worker with superuser", **os.environ}
    env["DATA_DIR"] = str(data_dir)
    demo = demo_ports(data_dir / "demo-ports") if options.demo else ()
    prepare(env, data_dir, demo)
    place = ("--host", host, "--port", str(port), "--workers", "1")
    web = Child("web", *PYTHON, "statuspage.serve", *place)
    supervisor = Supervisor(env)
    try:
        supervisor.children.append(web)
        supervisor.watch(until=lambda: answers(host, port))
        if not supervisor.asked:
            login, brands = data_dir / "demo-login.txt", data_dir / "demo-brands.txt"
            staff = (
                login.read_text().split()
                if login.exists()
                else ["none; make one with", createsuperuser(data_dir)]
            )
            say(f"\nDialtone answers after {time.monotonic() - began:.1f} s. Ctrl-C stops all of it.")
            say(f"  page {url}/   console {url}/console/   admin {url}/admin/   help {url}/help/")
            say(f"  brands {'   '.join(brands.read_text().split()) if brands.exists() else 'none'}")
            say(f"  staff login: {'  '.join(staff)}\n")
        supervisor.children += processes()
        while demo and not supervisor.asked:
            demo = watch_demo(supervisor, data_dir, demo)
            if not supervisor.asked:
                prepare(env, data_dir, demo)
        supervisor.watch()
    finally:
        supervisor.stop()
    say("dev.py: everything is stopped")


def test(options: argparse.Namespace) -> int:
    """Linters, types, migrations, deploy check, then pytest with the words that are left."""
    if options.all:
        must(APT, "--tests")
    ensure_venv(VENV, DEV_LOCK)
    with tempfile.TemporaryDirectory(prefix="dialtone-test-") as folder:
        failed, steps = list[str](), [each.split() for each in GATE.strip().splitlines()]
        env = {**os.environ, "DATA_DIR": folder, "SITE_URL": "https://status.example.com", "DEBUG": "false"}
        env |= {"DIALTONE_TEST_ALL": "1"} if options.all else {}
        for mark, how in (WHOLE if options.all else QUICK).items():
            steps.append([*how, f"--junitxml={folder}/{mark}.xml", "-m", mark, *options.rest])
        for step in steps:
            began, status = time.monotonic(), call(*PYTHON, *step, env=env)
            ok = status in ((0, 5) if options.rest else (0,))  # 5: nothing of it among what was named
            say(f"dev.py: {'ok' if ok else 'FAILED'} in {time.monotonic() - began:.1f} s: {' '.join(step)}")
            failed += [" ".join(step[:2]).removesuffix(" -m")] * (not ok)
        reports = "".join(each.read_text() for each in Path(folder).glob("*.xml"))
        if options.all and reports.count(' skipped="') != reports.count(' skipped="0"'):
            failed.append("pytest skipped some, and --all allows none")
    say(f"dev.py: failed: {', '.join(failed)}" if failed else "dev.py: all of it passed")
    return int(bool(failed))


def lock(options: argparse.Namespace) -> None:
    """Write the hashed locks from requirements/*.in."""
    ensure_venv(VENV, DEV_LOCK)
    shape = "--universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-emit-index-url"
    uv = [*PYTHON, "uv", "pip", "compile", "--quiet", *shape.split(), "--no-emit-find-links"]
    uv += ["--upgrade"] if options.upgrade else []
    must(*uv, "-o", "requirements/base.txt", "requirements/base.in")
    must(*uv, "-c", "requirements/base.txt", "-o", "requirements/dev.txt", "requirements/dev.in")


def bench(options: argparse.Namespace) -> int:
    """Print the speed claims as ratios, and write them down for /help/performance/."""
    if not (shutil.which("wrk") and shutil.which("/usr/sbin/nginx")):
        must(APT, "wrk", "nginx-light")
    ensure_venv(VENV, DEV_LOCK)
    return call(*PYTHON, "pytest", "-m", "bench", "-s", "tests/bench", *options.rest)


def sbom(_: argparse.Namespace) -> int:
    """Print what runs in production as an SBOM (CycloneDX), from its lock."""
    ensure_venv(VENV, DEV_LOCK)
    return call(*PYTHON, "requirements.sbom")


def main(words: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036  (an older Python shall say so, not fail later)
        sys.exit("dev.py: needs Python 3.11 or newer")
    parser = argparse.ArgumentParser(prog="dev.py", description="Run, test and lock Dialtone.")
    commands, made = parser.add_subparsers(required=True, metavar="run|test|lock|bench|sbom"), {}
    for does in (run, test, lock, bench, sbom):
        made[does] = commands.add_parser(does.__name__, help=does.__doc__, allow_abbrev=False)
        made[does].set_defaults(does=does)
    made[run].add_argument("--host", default="127.0.0.1")
    made[run].add_argument("--port", type=int, default=8000)
    made[run].add_argument("--no-demo", dest="demo", action="store_false", help="without the demo page")
    made[test].add_argument("--all", action="store_true", help="as CI: real peers, no skip, coverage")
    made[lock].add_argument("--upgrade", action="store_true", help="take the newest versions allowed")
    options, rest = parser.parse_known_args(words)
    if rest and options.does not in (test, bench):
        parser.error(f"unknown: {' '.join(rest)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        return int(options.does(argparse.Namespace(**vars(options), rest=rest)) or 0)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
