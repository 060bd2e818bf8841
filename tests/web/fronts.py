"""Asking the front as a server would, without one."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from incidents.web.front import Front

HOST = "status.sipcity.test"


@dataclass(frozen=True)
class Reply:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def django(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Stands for what is behind the front."""
    start_response("404 Not Found", [("Content-Type", "text/plain"), ("X-Behind", "django")])
    return [b"django"]


class Visitor:
    """Speaks to a front through wsgiref's validator, which refuses what PEP 3333 does."""

    def __init__(self, folder: Path, behind: Any = django) -> None:
        self.front = Front(behind, folder)
        self._door = validator(self.front)

    def ask(self, path: str = "/", *, method: str = "GET", host: str | None = HOST, **headers: str) -> Reply:
        """One request; `headers` as `if_none_match="…"`."""
        path, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "REMOTE_ADDR": "127.0.0.1",
            "SCRIPT_NAME": "",
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": query,
        }
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        if host is not None:
            environ["HTTP_HOST"] = host
        setup_testing_defaults(environ)
        if host is None:
            del environ["HTTP_HOST"]
        got: list[Any] = []

        def start_response(status: str, found: list[tuple[str, str]], *_: Any) -> Any:
            got.extend([status, found])
            return lambda data: None

        answer = self._door(environ, start_response)
        body = b"".join(answer)
        answer.close()  # type: ignore[attr-defined]
        return Reply(int(got[0].split()[0]), {name.lower(): value for name, value in got[1]}, body)
