"""A request as a WSGI environment, and what the application answers: closed in its thread, and never all in memory."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import FileResponse, HttpResponse, StreamingHttpResponse

from incidents.web.wsgi_bridge import MEMORY_BYTES, FileWrapper, call, environ_of

SCOPE = {
    "client": "[2001:db8::1]:4711",
    "server": "127.0.0.1:8000",
    "scheme": "http",
    "method": "POST",
    "path": "/a b/ü",
    "query_string": "q=1&r=%20",
    "http_version": "1.1",
    "authority": None,
}


def environ(*headers: tuple[str, str], **changes: Any) -> dict[str, Any]:
    return environ_of(SimpleNamespace(**(SCOPE | changes)), headers)


def test_it_says_what_a_server_says() -> None:
    found = environ(("host", "status.test"), ("content-type", "text/plain"), ("x-forwarded-for", "192.0.2.1"))
    assert found["PATH_INFO"].encode("latin-1").decode() == "/a b/ü"
    wanted = {
        "REQUEST_METHOD": "POST",
        "QUERY_STRING": "q=1&r=%20",
        "REMOTE_ADDR": "2001:db8::1",
        "REMOTE_PORT": "4711",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "status.test",
        "CONTENT_TYPE": "text/plain",
        "HTTP_X_FORWARDED_FOR": "192.0.2.1",
    }
    assert {name: found[name] for name in wanted} == wanted


def test_a_unix_socket_names_no_address() -> None:
    assert environ(client="")["REMOTE_ADDR"] == ""


def test_several_of_a_header_are_joined_and_names_with_underscores_pass_for_nobody_s() -> None:
    found = environ(
        ("x-forwarded-for", "192.0.2.1"),
        ("x_forwarded_for", "203.0.113.9"),
        ("x-forwarded-for", "192.0.2.2"),
        ("cookie", "a=b"),
        ("cookie", "c=d"),
        ("host", "one.test"),
        ("host", "two.test"),
    )
    assert found["HTTP_X_FORWARDED_FOR"] == "192.0.2.1,192.0.2.2"
    assert found["HTTP_COOKIE"] == "a=b; c=d"
    assert found["HTTP_HOST"] == "one.test,two.test"


def test_the_length_of_the_body_is_the_gate_s_to_say() -> None:
    found = environ(("content-length", "9"), ("transfer-encoding", "chunked"))
    assert not {"CONTENT_LENGTH", "HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"} & set(found)


def test_nothing_of_the_process_s_environment_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_PROCESS", "x")
    assert "SECRET_OF_THE_PROCESS" not in environ()


class Closing:
    """An iterable that knows whether it was closed."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self.closed = iter(chunks), False

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        self.closed = True


def answering(result: Any) -> Any:
    def application(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("X-A", "b")])
        return result

    return application


def test_a_small_answer_is_whole_and_its_iterable_is_closed() -> None:
    result = Closing([b"a", b"b"])
    found = call(answering(result), environ())
    assert (found.status, found.headers, found.body, found.file) == (200, [("X-A", "b")], b"ab", None)
    assert result.closed


def test_a_large_answer_lies_in_a_file_that_says_its_length() -> None:
    result = Closing([b"a" * 65536] * 40)
    found = call(answering(result), environ())
    assert (found.body, result.closed) == (b"", True)
    assert found.file is not None
    with found.file:
        assert ("Content-Length", str(40 * 65536)) in found.headers
        assert Path(f"/proc/self/fd/{found.file.fileno()}").read_bytes() == b"a" * 65536 * 40
    assert MEMORY_BYTES < 40 * 65536


def test_an_iterable_that_breaks_is_closed_too() -> None:
    def broken() -> Iterator[bytes]:
        yield b"a"
        raise ValueError("broken")

    result = Closing(broken())
    with pytest.raises(ValueError, match="broken"):
        call(answering(result), environ())
    assert result.closed


def test_the_head_of_a_stream_is_not_rendered() -> None:
    def never() -> Iterator[bytes]:
        raise AssertionError("rendered")
        yield b""

    assert call(answering(never()), environ(method="HEAD")).body == b""


@pytest.mark.django_db
def test_a_file_is_handed_on_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    file = (tmp_path / "a.pdf").open("rb")
    response = FileResponse(file)
    response.file_to_stream.close = response.close  # as Django's handler does
    found = call(answering(FileWrapper(response.file_to_stream)), environ())
    assert (found.path, found.body, file.closed) == (str(tmp_path / "a.pdf"), b"", True)


def test_what_is_no_file_of_its_own_is_read(tmp_path: Path) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"abc")
        file.seek(0)
        assert call(answering(FileWrapper(file)), environ()).body == b"abc"


@pytest.mark.django_db
@pytest.mark.parametrize("response", [HttpResponse(b"abc"), StreamingHttpResponse(iter([b"a", b"bc"]))])
def test_django_s_responses_are_read(response: Any) -> None:
    assert call(answering(response), environ()).body == b"abc"
