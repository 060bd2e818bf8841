"""The help page of faults says of every fault what each kind of probe sees: here all of them are made, and looked at.

`REWRITE_PAGES=1 pytest -n0 tests/faults` writes the page anew.
"""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.faults.calls import calls
from tests.faults.certificates import certificates
from tests.faults.heartbeats import heartbeats
from tests.faults.names import names
from tests.faults.replies import datagrams, handshakes, streams
from tests.faults.server import server
from tests.faults.table import PAGE, Rows, read, written
from tests.faults.web import pages

pytestmark = pytest.mark.slow

SECTIONS: dict[str, Callable[[Path], Awaitable[Rows]]] = {
    "A SIP server": server,
    "Replies over UDP": datagrams,
    "TCP connections": streams,
    "TLS handshakes": handshakes,
    "Calls": calls,
    "Certificates": certificates,
    "SIP domains in DNS": names,
    "Web pages": pages,
    "Heartbeats": heartbeats,
}


@pytest.mark.parametrize("title", SECTIONS)
async def test_what_the_page_says_is_what_the_probes_see(title: str, tmp_path: Path) -> None:
    rows = await SECTIONS[title](tmp_path)
    if os.environ.get("REWRITE_PAGES"):
        PAGE.write_text(written(PAGE.read_text(), title, rows))
    assert rows == read(PAGE.read_text(), title)
