"""PDFs as poppler reads them: their words, their facts, and the structure that screen readers follow."""

import os
import re
import subprocess
import tempfile
import zlib
from functools import cache
from pathlib import Path

import pytest

from incidents.formatting.pdf import Press, Unavailable
from tests.peers.programs import require

PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def require_press() -> None:
    """Skip the test where no PDF can be made, naming the Debian packages; with DIALTONE_TEST_ALL=1 it fails."""
    if missing := _missing():
        reason = f"no PDF can be made: apt-get install {PANGO} ({missing})"
        if os.environ.get("DIALTONE_TEST_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


def paper_words(content: bytes) -> str:
    """The text of all pages, white space made single; pages end in a form feed."""
    done = _run([require("pdftotext", "poppler-utils"), "-layout", "-", "-"], content)
    return re.sub("[ \n]+", " ", done)


def paper_facts(content: bytes) -> dict[str, str]:
    """What `pdfinfo` tells: Title, Author, Tagged, Pages, Page size and so on."""
    lines = _run([require("pdfinfo", "poppler-utils"), "-"], content).splitlines()
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def paper_structure(content: bytes) -> list[str]:
    """The tags in reading order, such as H1, P and TH."""
    lines = _run([require("pdfinfo", "poppler-utils"), "-struct", "-"], content).splitlines()
    return [found[0] for line in lines if (found := re.findall(r"^ *([A-Z]\w*)", line))]


def paper_unpacked(content: bytes) -> bytes:
    """All that its compressed streams hold."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", content, re.DOTALL)
    return b"\n".join(zlib.decompress(each) for each in streams)


def paper_inside(content: bytes) -> list[str]:
    """The names of the files inside."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        Path(file.name).write_bytes(content)
        lines = _run([require("pdfdetach", "poppler-utils"), "-list", file.name], b"").splitlines()
    return [line.partition(": ")[2] for line in lines[1:]]


@cache
def _missing() -> str:
    try:
        Press().pdf("<html lang=en><title>.</title>")
    except Unavailable as error:
        return str(error)
    return ""


def _run(command: list[str], content: bytes) -> str:
    done = subprocess.run(command, input=content, capture_output=True, check=True)
    return done.stdout.decode()
