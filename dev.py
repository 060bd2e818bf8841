#!/usr/bin/env python3
"""Run, test and lock the project with nothing but Python 3.11 and its standard library: `python3 dev.py --help`."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import http.client
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, Popen
from typing import IO

ROOT = Path(__file__).resolve().parent
VENV, APT = ROOT / ".venv", str(ROOT / "requirements" / "apt.sh")
BASE_LOCK, DEV_LOCK = ROOT / "requirements" / "base.txt", ROOT / "requirements" / "dev.txt"
PYTHON = (str(VENV / "bin" / "python"), "-m")
GRACE = 3.0  # seconds that a process gets between SIGTERM and SIGKILL; an idle Celery worker takes 7 to end
PAUSES = (0.3, 1.0, 2.0, 4.0)  # seconds before a dead child's next start, by deaths in a row
UNTIL_WE_DIE = [found, "--pdeathsig", "TERM"] if (found := shutil.which("setpriv")) else []
"""Put before a command, Linux ends it when dev.py is killed outright and cannot do it itself."""
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


def say(text: str) -> None:
    """Print a line whole, whichever thread it comes from."""
    print(f"{text}\n", end="", flush=True)


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


class Child:
    """One supervised process, in a group of its own so that nothing it started outlives it."""

    def __init__(self, name: str, *argv: str) -> None:
        self.name, self.argv = name, argv
        self.process: Popen[bytes] | None = None
        self.born, self.due, self.deaths = 0.0, 0.0, 0

    def start(self, env: Mapping[str, str]) -> None:
        argv, self.born = [*UNTIL_WE_DIE, *self.argv], time.monotonic()
        self.process = Popen(
            argv, cwd=ROOT, env=env, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, start_new_session=True
        )
        threading.Thread(target=self.relay, args=(self.process.stdout,), daemon=True).start()

    def relay(self, words: IO[bytes]) -> None:
        for line in words:
            say(f"{self.name:>9} | {line.decode(errors='replace').rstrip()}")

    def signal_group(self, number: int) -> bool:
        """Signal all that is left of it (0 only looks); False when nothing is."""
        with contextlib.suppress(ProcessLookupError):
            if self.process:
                self.process.poll()
                os.killpg(self.process.pid, number)
                return True
        return False

    def tend(self, env: Mapping[str, str]) -> None:
        """Start it when it is due; clear up after it and say why when it died."""
        if not self.process:
            if time.monotonic() >= self.due:
                self.start(env)
        elif (status := self.process.poll()) is not None:
            self.signal_group(signal.SIGKILL)
            self.deaths = self.deaths + 1 if time.monotonic() - self.born < 4 * PAUSES[-1] else 1
            pause = PAUSES[min(self.deaths, len(PAUSES)) - 1]
            self.process, self.due = None, time.monotonic() + pause
            why = f"exited with status {status}" if status >= 0 else f"died of {signal.Signals(-status).name}"
            say(f"dev.py: {self.name} {why}; starting it again in {pause} s")


class Supervisor:
    """Keeps children alive until SIGINT, SIGTERM or SIGHUP, and leaves none behind."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env, self.children, self.asked = env, list[Child](), 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask)

    def ask(self, *_: object) -> None:
        self.asked += 1

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        while not self.asked and not until():
            for child in self.children:
                child.tend(self.env)
            time.sleep(0.1)

    def stop(self) -> None:
        """SIGTERM to each child; SIGKILL to what is left of it after GRACE seconds, or when asked again."""
        asked, end = self.asked, time.monotonic() + GRACE
        for child in self.children:
            if child.process:
                child.process.terminate()  # not its group: a Celery worker lets its pool finish first
        while self.living(0) and self.asked == asked and time.monotonic() < end:
            time.sleep(0.05)
        end = time.monotonic() + 1  # dead at once; this is for the system to clear them away
        while self.living(signal.SIGKILL) and time.monotonic() < end:
            time.sleep(0.05)

    def living(self, number: int) -> int:
        return sum([child.signal_group(number) for child in self.children])


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
        must(*PYTHON, "manage", "demo", "--sip-port", demo[0], "--sip-tls-port", demo[1], env=env)
    must(*PYTHON, "manage", "publish", "--all", env=env)
    stamp.write_text(digest.hexdigest())


def processes(data_dir: Path, demo: Sequence[str]) -> Iterator[Child]:
    """All but the web process, which comes first."""
    celery = (*PYTHON, "celery", "-A", "statuspage", "-q")
    worker = (*celery, "worker", "--without-gossip", "--without-mingle", "-l", "WARNING")
    if demo:
        place = ("--port", demo[0], "--tls-port", demo[1], "--state-dir", str(data_dir / "demo"))
        yield Child("responder", *PYTHON, "incidents.sip.responder", *place)
    yield Child("worker", *worker, "-Q", "celery", "-n", "worker@%h", "-c", "3")
    yield Child("probes", *worker, "-Q", "probes", "-n", "probes@%h", "-c", "1")
    yield Child("beat", *celery, "beat", "-l", "WARNING")


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
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        hold(data_dir, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"dev.py: another one runs on {data_dir}; stop it, or set DATA_DIR")
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    env = {"SITE_URL": url, "PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
    env |= ({"STAFF_MFA": "optional"} if options.demo else {}) | os.environ | {"DATA_DIR": str(data_dir)}
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
            staff = login.read_text().split() if login.exists() else ["none;", "manage.py createsuperuser"]
            say(f"\nDialtone answers after {time.monotonic() - began:.1f} s. Ctrl-C stops all of it.")
            say(f"  page {url}/   console {url}/console/   admin {url}/admin/   help {url}/help/")
            say(f"  brands {'   '.join(brands.read_text().split()) if brands.exists() else 'none'}")
            say(f"  staff login: {'  '.join(staff)}\n")
        supervisor.children += processes(data_dir, demo)
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
