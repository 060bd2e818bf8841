"""A reader who stops reading is cut off by the kernel, on every connection of a socket that listens."""

import socket
import time

import pytest

from incidents.web.sockets import cut_off_silent_readers


@pytest.mark.slow
def test_a_reader_who_reads_nothing_is_cut_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert cut_off_silent_readers(2) >= 1
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(listening.getsockname())
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(30)
                began = time.monotonic()
                with pytest.raises(OSError, match=r"timed out|reset|Broken pipe"):
                    while True:
                        connection.sendall(b"a" * 65536)
        assert 1 < time.monotonic() - began < 25
