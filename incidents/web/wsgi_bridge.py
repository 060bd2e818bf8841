"""A request as a WSGI environment, and Django's response as something whole, so that no reader holds a thread."""

import sys
import tempfile
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from incidents.web.answers import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

MEMORY_BYTES = 1024 * 1024
"""A response that is longer is written to a temporary file, from which it is sent."""
_JOINED_BY = {"cookie": "; "}
_BASE: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "Dialtone",
    "GATEWAY_INTERFACE": "CGI/1.1",
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}


class Response(NamedTuple):
    """What is sent: `body`, or all of the open `file`, or of the file at `path`."""

    status: int
    headers: Headers
    body: bytes = b""
    file: IO[bytes] | None = None
    path: str = ""


class FileWrapper:
    """What Django hands a file over with (PEP 3333): it is sent by its path, without a thread."""

    def __init__(self, content: Any, block_size: int = 64 * 1024) -> None:
        self.content, self._block_size = content, block_size

    def __iter__(self) -> "FileWrapper":
        return self

    def __next__(self) -> bytes:
        block: bytes = self.content.read(self._block_size)
        if not block:
            raise StopIteration
        return block

    def close(self) -> None:
        """Django's response, and the file with it."""
        self.content.close()

    def path(self) -> str:
        """Where the file lies; empty where it is none, or not at its beginning."""
        try:
            name = str(getattr(self.content, "path", "") or getattr(self.content, "name", "") or "")
            is_whole = Path(name).is_absolute() and Path(name).is_file() and self.content.tell() == 0
        except (OSError, ValueError, AttributeError):
            return ""
        return name if is_whole else ""


def environ_of(scope: Any, headers: Iterable[tuple[str, str]]) -> "WSGIEnvironment":
    """All of the environment but its body. A name with an underscore is left out: it would pass for another's."""
    remote, remote_port = _address(scope.client)
    server, server_port = _address(scope.server)
    environ: WSGIEnvironment = {
        **_BASE,
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": scope.scheme,
        "wsgi.file_wrapper": FileWrapper,
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": server,
        "SERVER_PORT": server_port,
        "REMOTE_ADDR": remote,
        "REMOTE_PORT": remote_port,
    }
    for name, value in headers:
        if "_" in name or name in {"content-length", "transfer-encoding"}:
            continue
        key = "CONTENT_TYPE" if name == "content-type" else f"HTTP_{name.upper().replace('-', '_')}"
        if key in environ:
            environ[key] += _JOINED_BY.get(name, ",") + value
        else:
            environ[key] = value
    environ.setdefault("HTTP_HOST", scope.authority or "")
    return environ


def call(application: "WSGIApplication", environ: "WSGIEnvironment") -> Response:
    """What the application answers, read to its end and closed, as this thread's connections want it."""
    said: list[Any] = []

    def start_response(status: str, headers: Headers, exc_info: Any = None) -> Any:  # noqa: ARG001  (PEP 3333)
        said[:] = [int(status.split(" ", 1)[0]), headers]
        return lambda data: None  # noqa: ARG005  (nothing of ours writes so)

    result: Any = application(environ, start_response)
    try:
        is_file = isinstance(result, FileWrapper) and said[0] == HTTPStatus.OK
        if is_file and environ["REQUEST_METHOD"] != "HEAD" and (path := result.path()):
            return Response(said[0], said[1], path=path)
        body, spool = _collected(() if environ["REQUEST_METHOD"] == "HEAD" else result)
        status, headers = said
        if spool is not None and not any(name.lower() == "content-length" for name, _ in headers):
            headers = [*headers, ("Content-Length", str(spool.tell()))]
        return Response(status, headers, body, spool)
    finally:
        close = getattr(result, "close", None)
        if close:
            close()


def _collected(result: Iterable[bytes]) -> tuple[bytes, IO[bytes] | None]:
    chunks: list[bytes] = []
    held = 0
    spool: IO[bytes] | None = None
    for chunk in result:
        chunks.append(chunk)
        held += len(chunk)
        if held > MEMORY_BYTES:
            spool = spool or tempfile.TemporaryFile(prefix="dialtone-response-")  # noqa: SIM115  (its sender does)
            spool.writelines(chunks)
            chunks, held = [], 0
    if spool is None:
        return b"".join(chunks), None
    spool.writelines(chunks)
    spool.flush()
    return b"", spool


def _address(text: str) -> tuple[str, str]:
    """Host and port; both empty for a Unix socket, which has no address."""
    host, colon, port = text.rpartition(":")
    return (host.strip("[]"), port) if colon and port.isdecimal() else ("", "")
