"""Receivers of webhooks and of mail that cost little, each in a process of its own that is never killed.

They keep everything that they took, with its instant on the machine's monotonic clock, and tell it when they are asked.
`/hang/…` is never answered; every other answer waits for `delay` seconds. Started by `fast_sink`, spoken to over their
standard input.
"""

import asyncio
import pickle
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_LENGTH = re.compile(rb"\ncontent-length: *(\d+)", re.IGNORECASE)
_HOOK_ID = re.compile(rb"\nwebhook-id: *([^\r\n]+)", re.IGNORECASE)
_MAIL_ID = re.compile(rb"(?:^|\n)message-id: *<([^>\r\n]+)@", re.IGNORECASE)
_RCPT = re.compile(rb"RCPT TO:<([^>]*)>", re.IGNORECASE)
_EHLO = b"250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
_END = b"\r\n.\r\n"


@dataclass(frozen=True, slots=True)
class Taken:
    """One message: when it came, for whom (a path or an address), its stable id, its bytes, and a request's head."""

    at: float
    to: str
    id: str
    body: bytes
    head: bytes = b""


@dataclass
class _Store:
    delay: float = 0.0
    taken: list[Taken] = field(default_factory=list)
    open: set[asyncio.BaseTransport] = field(default_factory=set)
    broken: int = 0

    def keep(self, to: bytes, key: bytes, body: bytes, head: bytes = b"") -> None:
        self.taken.append(Taken(time.monotonic(), to.decode(), key.decode(), body, head))


class _Conversation(asyncio.Protocol):
    def __init__(self, store: _Store) -> None:
        self.store = store
        self.buffer = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.store.open.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.store.open.discard(self.transport)
        self.store.broken += self.is_amid

    @property
    def is_amid(self) -> bool:
        """Whether a message has begun that has not ended."""
        return bool(self.buffer)

    def answer(self, words: bytes) -> None:
        if self.store.delay:
            asyncio.get_running_loop().call_later(self.store.delay, self.transport.write, words)
        else:
            self.transport.write(words)


class Hooks(_Conversation):
    """HTTP/1.1 with keep-alive: every POST is taken with 204."""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            length = _LENGTH.search(head)
            whole = end + 4 + (int(length.group(1)) if length else 0)
            if len(self.buffer) < whole:
                return
            body, self.buffer = self.buffer[end + 4 : whole], self.buffer[whole:]
            path = head.split(b" ", 2)[1]
            if path.startswith(b"/hang/"):
                continue
            key = _HOOK_ID.search(head)
            self.store.keep(path, key.group(1) if key else b"", body, head)
            self.answer(b"HTTP/1.1 204 No Content\r\n\r\n")


class Mail(_Conversation):
    """SMTP with pipelining: every message is taken."""

    def __init__(self, store: _Store) -> None:
        super().__init__(store)
        self.rcpt = b""
        self.in_text = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.write(b"220 sink.test\r\n")

    @property
    def is_amid(self) -> bool:
        return self.in_text or super().is_amid

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        replies: list[bytes] = []
        while self._text(replies) if self.in_text else self._command(replies):
            continue
        self.answer(b"".join(replies))

    def _text(self, replies: list[bytes]) -> bool:
        end = self.buffer.find(_END)
        if end < 0:
            return False
        text, self.buffer = self.buffer[:end], self.buffer[end + len(_END) :]
        key = _MAIL_ID.search(text)
        self.store.keep(self.rcpt, key.group(1) if key else b"", text)
        self.in_text = False
        replies.append(b"250 2.0.0 taken\r\n")
        return True

    def _command(self, replies: list[bytes]) -> bool:
        line, found, rest = self.buffer.partition(b"\r\n")
        if not found:
            return False
        self.buffer = rest
        verb = line[:4].upper()
        if verb == b"RCPT" and (match := _RCPT.match(line)):
            self.rcpt = match.group(1)
        self.in_text = verb == b"DATA"
        replies.append(
            {b"EHLO": _EHLO, b"DATA": b"354 go ahead\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n")
        )
        return True


async def _serve(protocol: Callable[[_Store], _Conversation], delay: float) -> None:
    """Answer the commands that come on standard input until it is closed."""
    loop, store = asyncio.get_running_loop(), _Store(delay)
    server = await loop.create_server(lambda: protocol(store), "127.0.0.1", 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    commands: asyncio.Queue[str] = asyncio.Queue()
    loop.add_reader(sys.stdin, lambda: commands.put_nowait(sys.stdin.readline()))
    while command := (await commands.get()).strip():
        word, _, argument = command.partition(" ")
        if word == "count":
            print(len(store.taken), flush=True)
        elif word == "broken":
            print(store.broken, flush=True)
        elif word == "dump":
            Path(argument).write_bytes(pickle.dumps(store.taken))
            print("done", flush=True)
        elif word == "forget":
            store.taken.clear()
            print("done", flush=True)
        elif word == "down":
            server.close()
            for transport in list(store.open):
                transport.close()
            print("done", flush=True)
        elif word == "up":
            server = await loop.create_server(lambda: protocol(store), "127.0.0.1", port, backlog=1024)
            print("done", flush=True)


class FastSink:
    """The process, from outside."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.port = int(self._line())

    def count(self) -> int:
        """How many messages it has taken."""
        return int(self._ask("count"))

    def broken(self) -> int:
        """How many conversations ended in the middle of a message."""
        return int(self._ask("broken"))

    def taken(self, folder: Path) -> list[Taken]:
        """All of them, in order; `folder` is for the file that carries them here."""
        file = folder / f"taken-{self.port}"
        self._ask(f"dump {file}")
        found: list[Taken] = pickle.loads(file.read_bytes())
        return found

    def forget(self) -> None:
        """Begin anew."""
        self._ask("forget")

    def down(self) -> None:
        """Close the door and hang up on everybody."""
        self._ask("down")

    def up(self) -> None:
        """Open it again at the same port."""
        self._ask("up")

    def _ask(self, command: str) -> str:
        assert self._process.stdin
        print(command, file=self._process.stdin, flush=True)
        return self._line()

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


@contextmanager
def fast_sink(kind: str, *, delay: float = 0.0) -> Iterator[FastSink]:
    """A receiver of `hooks` or of `mail` on a free port of loopback."""
    with subprocess.Popen(
        [sys.executable, "-c", f"from tests.peers.fast_sinks import main; main({kind!r}, {delay})"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield FastSink(process)
        assert process.stdin
        process.stdin.close()


def main(kind: str, delay: float) -> None:
    """What the process does."""
    asyncio.run(_serve({"hooks": Hooks, "mail": Mail}[kind], delay))
