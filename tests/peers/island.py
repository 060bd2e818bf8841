"""An island: a network of its own on which every address of the Internet leads to one listener (Linux namespaces).

Work that is done there may dial whom it likes, by any address, port and name. Nothing leaves the machine, and the
island tells of each connection which address it was meant for.
"""

import asyncio
import os
import pickle
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import dns.message

from tests.peers.dns import answer
from tests.peers.programs import require

Names = Mapping[str, Sequence[Sequence[str]]]
"""A name to its addresses at the first look, at the second and so on; `*` stands for all others."""
Result = TypeVar("Result")

_ROOT = Path(__file__).resolve().parent.parent.parent
_SETTLE = """
set -e
ip link set lo up
ip route add local 0.0.0.0/0 dev lo src 127.0.0.1
ip -6 route add local ::/0 dev lo
for address in $OWN; do ip addr add "$address" dev lo; done
mount --bind "$FOLDER/resolv.conf" /etc/resolv.conf
mount --bind "$FOLDER/nsswitch.conf" /etc/nsswitch.conf
exec "$PYTHON" -c "from tests.peers.island import live; live()"
"""
_FILES = {"resolv.conf": "nameserver 127.0.0.1\n", "nsswitch.conf": "hosts: files dns\n"}
_NO_CONTENT = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


@dataclass
class Arrival:
    """One connection: whom it was meant for, and the first bytes that came."""

    address: str
    port: int
    head: bytes = b""


@dataclass
class Stay(Generic[Result]):
    """What the work returned, who was dialled meanwhile, and how often each name was looked up."""

    result: Result
    arrivals: list[Arrival] = field(default_factory=list)
    looks: Mapping[str, int] = field(default_factory=dict)


@dataclass
class _Cargo:
    work: Callable[[], Any]
    names: Names
    ports: Collection[int]


def on_island(
    work: Callable[[], Result],
    *,
    folder: Path,
    ports: Collection[int],
    names: Names,
    own: Sequence[str] = (),
) -> Stay[Result]:
    """Do `work` there, in another process, so it and its result are pickled. `own` addresses are the machine's."""
    for name, text in _FILES.items():
        (folder / name).write_text(text)
    command = [_unshare(), "--map-root-user", "--net", "--mount", "sh", "-c", _SETTLE]
    places = {"FOLDER": str(folder), "PYTHON": sys.executable, "OWN": " ".join(own)}
    done = subprocess.run(
        command,
        input=pickle.dumps(_Cargo(work, dict(names), ports)),
        capture_output=True,
        cwd=_ROOT,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **places},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    stay: Stay[Result] = pickle.loads(done.stdout)
    return stay


def is_possible() -> bool:
    """Whether this system lets us found one: Docker's default and some distributions forbid it."""
    program = shutil.which("unshare")
    if not program or not shutil.which("ip", path=f"{os.environ['PATH']}:/usr/sbin:/sbin"):
        return bool(os.environ.get("DIALTONE_TEST_ALL"))  # a missing program is a failure there
    tried = [program, "--map-root-user", "--net", "--mount", "true"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


def _unshare() -> str:
    """The program that founds the island."""
    require("ip", "iproute2")
    return require("unshare", "util-linux")


def live() -> None:
    """In the island's own process: listen, answer names, do the work, hand back what happened."""
    cargo: _Cargo = pickle.load(sys.stdin.buffer)
    stay = asyncio.run(_stay(cargo))
    sys.stdout.buffer.write(pickle.dumps(stay))


async def _stay(cargo: _Cargo) -> Stay[Any]:
    stay: Stay[Any] = Stay(result=None)

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address, port = writer.get_extra_info("sockname")[:2]
        arrival = Arrival(address, port)
        stay.arrivals.append(arrival)
        try:
            async with asyncio.timeout(2):
                arrival.head = await reader.read(65_536)
                writer.write(_NO_CONTENT)
                await reader.read()
        except (OSError, TimeoutError):
            pass
        writer.close()

    guide = _Guide(cargo.names)
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: guide, local_addr=("0.0.0.0", 53))
    for port in cargo.ports:
        await asyncio.start_server(meet, None, port, backlog=512)
    stay.result = await asyncio.to_thread(cargo.work)
    stay.looks = dict(guide.looks)
    return stay


class _Guide(asyncio.DatagramProtocol):
    """The island's name server, as hostile as it is told to be."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.looks: Counter[str] = Counter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), question.rdtype.name
        rounds = self._names.get(name, self._names["*"])
        addresses = rounds[min(self.looks[f"{name} {kind}"], len(rounds) - 1)]
        self.looks[f"{name} {kind}"] += 1
        records = {
            f"{name} A": [each for each in addresses if ":" not in each],
            f"{name} AAAA": [each for each in addresses if ":" in each],
        }
        self._transport.sendto(answer(query, records).to_wire(), addr)  # type: ignore[attr-defined]
