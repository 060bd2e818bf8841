"""Bodies that do not come, come slowly, come without end, or break off: nobody else waits, nothing lies on the disk."""

import contextlib
import socket
import time
from pathlib import Path

import pytest

from tests.attacks.siege import Watch, address, answer, connect, head, sockets
from tests.peers.installation import Installation, eventually

pytestmark = pytest.mark.alone

FORM = "Content-Type: application/x-www-form-urlencoded"
PARTS = "Content-Type: multipart/form-data; boundary=x"
FILE = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\n\r\n'
CUT_SECONDS = 14.0
"""Ten of grace, and what a busy machine adds."""
MEGABYTE = b"a" * 1024 * 1024
DOORS = ("/accounts/login/", "/admin/login/", "/subscriptions/", "/v1/pages", "/console/")


def test_silent_bodies_hold_no_place_and_are_cut(home: Installation, watch: Watch) -> None:
    began = time.monotonic()
    with sockets(
        home.port, 60, head("POST", "/subscriptions/", FORM, "Content-Length: 60000") + b"a"
    ) as silent:
        watch.look().check()
        for each in silent:
            each.settimeout(max(0.1, began + CUT_SECONDS - time.monotonic()))
        assert {answer(each) for each in silent} == {"HTTP/1.1 408 Request Timeout"}


def test_a_drip_is_cut_too(home: Installation, watch: Watch) -> None:
    """A byte every half second keeps a connection busy, and gets no further than silence."""
    heads = [head("POST", path, FORM, "Content-Length: 60000") for path in DOORS]
    opened = [connect(home.port, number) for number in range(30)]
    cut: set[str] = set()
    try:
        for number, each in enumerate(opened):
            each.sendall(heads[number % len(heads)])
        until = time.monotonic() + CUT_SECONDS
        looked = False
        while opened and time.monotonic() < until:
            for each in list(opened):
                try:
                    each.sendall(b"a")
                    each.settimeout(0.001)
                    told = each.recv(100)
                except TimeoutError:
                    continue
                except OSError:
                    told = b""
                cut.add(told.split(b"\r\n")[0].decode())
                opened.remove(each)
                each.close()
            if not looked:
                watch.look().check()
                looked = True
            time.sleep(0.4)
        assert not opened, f"{len(opened)} still drip"
        assert "HTTP/1.1 408 Request Timeout" in cut
    finally:
        for each in opened:
            each.close()


@pytest.mark.parametrize("path", ["/accounts/login/", "/admin/login/"])
@pytest.mark.parametrize("length", ["Content-Length: 41943040", "Transfer-Encoding: chunked"])
def test_a_huge_form_of_a_stranger_never_reaches_the_disk(
    home: Installation, watch: Watch, temporary: Path, path: str, length: str
) -> None:
    """Forty megabytes are sent for as long as they are taken."""
    most = 0
    with connect(home.port, 7) as attacker:
        attacker.sendall(head("POST", path, PARTS, length))
        with contextlib.suppress(OSError):
            for number in range(40):
                content = FILE + MEGABYTE if not number else MEGABYTE
                is_chunked = length.startswith("T")
                attacker.sendall(b"%x\r\n%b\r\n" % (len(content), content) if is_chunked else content)
                most = max(most, sum(each.stat().st_size for each in temporary.iterdir()))
        told = answer(attacker)
    assert most == 0, f"{most:,} bytes lay in the temporary folder"
    assert told in {"HTTP/1.1 413 Payload Too Large", "closed"}
    watch.look().check()


def test_bodies_that_break_off_give_their_places_back(home: Installation, watch: Watch) -> None:
    for number in range(200):
        with connect(home.port, number) as attacker:
            attacker.sendall(head("POST", DOORS[number % len(DOORS)], FORM, "Content-Length: 500") + b"abc")
            if number % 2:
                attacker.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset
    watch.look().check()


def test_a_small_form_in_chunks_is_read_like_any_other(home: Installation) -> None:
    """Without its token it is refused for that, and not as one without words."""
    with connect(home.port) as client:
        client.sendall(head("POST", "/subscriptions/", FORM, "Transfer-Encoding: chunked"))
        client.sendall(b"5\r\nabc=d\r\n0\r\n\r\n")
        assert answer(client) == "HTTP/1.1 403 Forbidden"


def test_a_body_that_is_too_long_is_refused_in_words_on_every_door(home: Installation) -> None:
    for path in DOORS:
        with connect(home.port) as client:
            client.sendall(head("POST", path, FORM, f"Content-Length: {2 * len(MEGABYTE)}") + 2 * MEGABYTE)
            told = eventually(lambda each=client: each.recv(65536).decode(), within=5)  # type: ignore[misc]
        assert "413" in told.splitlines()[0], path
        assert ("65,536 bytes" if path in DOORS[:3] else "1,048,576 bytes") in told, path
        assert ('{"error": "The body' in told) == path.startswith("/v1/"), path


def test_attackers_are_not_the_watch() -> None:
    assert "127.0.0.1" not in {address(number) for number in range(1000)}
