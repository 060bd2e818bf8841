"""A copy of dev.py in a tree of its own, where every program it starts is a stand-in that leaves a trace."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dev
from tests.peers.programs import free_port

PYTHON_STAND_IN = f"""#!/bin/sh
name=$2
shift 2
echo "$name $*" >>calls.txt
exec {sys.executable} "stand_ins/$name.py" "$@"
"""
SLEEPER = """
import os, time, pathlib
pathlib.Path("pids.txt").open("a").write(f"{os.getpid()} {__file__}\\n")
time.sleep(60)
"""
WEB = """
import http.server, os, pathlib, sys
pathlib.Path("pids.txt").open("a").write(f"{os.getpid()} {__file__}\\n")
words = dict(zip(sys.argv[1:-1:2], sys.argv[2:-1:2]))
place = words["--host"], int(words["--port"])
http.server.HTTPServer(place, http.server.BaseHTTPRequestHandler).serve_forever()
"""
MANAGE = """
import os, pathlib, sys
data = pathlib.Path(os.environ["DATA_DIR"])
if sys.argv[1] == "migrate":
    (data / "dialtone.sqlite3").touch()
if sys.argv[1] == "demo":
    (data / "demo-login.txt").write_text("kim\\nfour-plain-words\\n")
    (data / "demo-brands.txt").write_text("http://a.localhost/\\nhttp://b.localhost/\\n")
"""


def lives(pid: int) -> bool:
    """Whether the process runs; a zombie nobody has reaped yet does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def eventually(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class House:
    """The tree, and the dev.py processes started in it."""

    def __init__(self, root: Path) -> None:
        self.root, self.data, self.port = root, root / "data", free_port()
        self.started: list[subprocess.Popen[str]] = []
        for name in ("requirements", "templates", ".venv/bin", "stand_ins"):
            (root / name).mkdir(parents=True)
        shutil.copy(dev.__file__, root / "dev.py")
        shutil.copy(dev.ROOT / "requirements" / "supervision.py", root / "requirements")
        for name in ("base.txt", "dev.txt"):
            (root / "requirements" / name).write_text(f"# {name}\n")
        (root / "requirements" / "apt.sh").write_text("#!/bin/sh\necho apt.sh $* >>calls.txt\n")
        (root / ".venv" / "bin" / "python").write_text(PYTHON_STAND_IN)
        for file in ("requirements/apt.sh", ".venv/bin/python"):
            (root / file).chmod(0o755)
        for name in ("celery", "incidents.sip.responder"):
            self.stand_in(name, SLEEPER)
        for name in ("ruff", "djlint", "mypy", "pytest", "tests.at_instant", "uv"):
            self.stand_in(name, "")
        self.stand_in("statuspage.serve", WEB)
        self.stand_in("manage", MANAGE)
        self.stamp_venv("dev.txt")

    def stand_in(self, name: str, code: str) -> None:
        (self.root / "stand_ins" / f"{name}.py").write_text(code)

    def stamp_venv(self, lock: str) -> None:
        venv = self.root / ".venv"
        (venv / "dev-stamp").write_text(dev.venv_mark(venv, self.root / "requirements" / lock))

    def start(self, *words: str, **env: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "dev.py", *words]
        everything = {**os.environ, "DATA_DIR": str(self.data), **env}
        for name in ("SITE_URL", "DIALTONE_TEST_ALL"):
            everything.pop(name, None)
        output = (self.root / "output.txt").open("a")
        self.started.append(
            subprocess.Popen(argv, cwd=self.root, env=everything, stdout=output, stderr=output, text=True)
        )
        return self.started[-1]

    def run(self, *words: str) -> subprocess.Popen[str]:
        """`dev.py run`, once it has said that the page answers and started everything."""
        before = self.output().count("staff login")
        running = self.start("run", "--port", str(self.port), *words)
        assert eventually(lambda: self.output().count("staff login") > before), self.output()
        processes = 4 if "--no-demo" in words else 5
        assert eventually(lambda: len(self.living()) >= processes), self.output()
        return running

    def finish(self, *words: str, **env: str) -> int:
        return self.start(*words, **env).wait(60)

    def output(self) -> str:
        file = self.root / "output.txt"
        return file.read_text() if file.exists() else ""

    def calls(self, *, forget: bool = False) -> list[str]:
        file = self.root / "calls.txt"
        lines = file.read_text().splitlines() if file.exists() else []
        if forget:
            file.unlink()
        return lines

    def pids(self, name: str = "") -> list[int]:
        file = self.root / "pids.txt"
        lines = file.read_text().splitlines() if file.exists() else []
        return [int(line.split()[0]) for line in lines if name in line]

    def living(self, name: str = "") -> list[int]:
        return [pid for pid in self.pids(name) if lives(pid)]

    def close(self) -> None:
        for running in self.started:
            running.terminate()
            if not eventually(lambda: running.poll() is not None, 1.0):  # noqa: B023  (used at once)
                running.terminate()
                running.wait(20)
        for pid in self.living():
            os.kill(pid, signal.SIGKILL)
