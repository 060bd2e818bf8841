"""A real HTTP server on loopback that keeps every webhook it is sent and answers as it is told."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Hook:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """One answer; `before` runs first, so that an answer can be late."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    before: Callable[[], object] = bool


class HookSink:
    """What arrived, in order; `behave` chooses the answer to each."""

    def __init__(self, behave: Callable[[Hook], Reply]) -> None:
        self.hooks: list[Hook] = []
        self.behave = behave
        self.port = 0
        self.connections = 0
        """Whoever came, even if no request followed."""

    def url(self, path: str = "/hook") -> str:
        """An address of this sink."""
        return f"http://127.0.0.1:{self.port}{path}"

    def at(self, path: str) -> list[Hook]:
        """What arrived at one path."""
        return [hook for hook in self.hooks if hook.path == path]


@contextmanager
def hook_sink(
    behave: Callable[[Hook], Reply] = lambda _: Reply(), *, host: str = "127.0.0.1", port: int = 0
) -> Iterator[HookSink]:
    """Serve in threads until the block ends; with `port`, where an earlier one was."""
    sink = HookSink(behave)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook = Hook(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            sink.hooks.append(hook)
            reply = sink.behave(hook)
            reply.before()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def do_GET(self) -> None:
            sink.hooks.append(Hook(self.path, {}, b""))
            self.send_error(405)

        def log_message(self, *_: object) -> None:
            """Say nothing: the test asks the sink."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 512
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def verify_request(self, *_: object) -> bool:
            sink.connections += 1
            return True

    server = Server((host, port), Handler)
    sink.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
