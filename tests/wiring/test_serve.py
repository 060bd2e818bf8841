"""How the web process is started: the limits that belong to the server are part of the code."""

import resource
import subprocess
import sys

import pytest

from statuspage.serve import MAX_CONNECTIONS, SPARE_FILES, allowed_connections, command
from tests.peers.installation import ROOT


def after(option: str, words: list[str]) -> str:
    return words[words.index(option) + 1]


def test_bodies_come_after_requests_and_http_2_is_not_spoken() -> None:
    words = command(["--host", "::1", "--port", "81", "--workers", "3"])
    assert (after("--interface", words), after("--http", words)) == ("rsgi", "1")
    assert (after("--host", words), after("--port", words), after("--workers", words)) == ("::1", "81", "3")
    assert int(after("--http1-header-read-timeout", words)) <= 5000
    assert words[-1] == "statuspage.rsgi:application"


def test_a_worker_holds_as_many_connections_as_its_files_allow() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    found = allowed_connections()
    assert found == MAX_CONNECTIONS or found == hard - SPARE_FILES
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= max(soft, found)


@pytest.mark.parametrize(("soft", "hard", "expected"), [(1024, 8192, MAX_CONNECTIONS), (256, 1024, 512)])
def test_the_soft_limit_is_raised_as_far_as_the_hard_one_lets_it(soft: int, hard: int, expected: int) -> None:
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))\n"
        "from statuspage.serve import allowed_connections\n"
        "print(allowed_connections(), *resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(expected), str(expected + SPARE_FILES), str(hard)]


def test_nonsense_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command(["--port", "http"])
    assert "--port" in capsys.readouterr().err
