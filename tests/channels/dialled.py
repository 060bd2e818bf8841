"""URLs dialled by a bare HTTP client, as if nobody had looked at them: what is left is the guard on the socket."""

import asyncio
import socket
from collections.abc import Callable, Sequence

from aiohttp import ClientError, ClientSession, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from incidents.channels.guard import AddressInfo, guarded_socket

MakeSocket = Callable[[AddressInfo], socket.socket]
GUARDED = guarded_socket(())


class Home(AbstractResolver):
    """Names lead where a hostile name server has them lead: one set of addresses a look, the last one for ever."""

    def __init__(self, *rounds: Sequence[str]) -> None:
        self._rounds = rounds
        self.looks = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The answers of this look."""
        answers = self._rounds[min(self.looks, len(self._rounds) - 1)]
        self.looks += 1
        return [
            ResolveResult(
                hostname=host,
                host=answer,
                port=port,
                family=socket.AF_INET6 if ":" in answer else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for answer in answers
        ]

    async def close(self) -> None:
        """Nothing is held."""


def dial_all(
    urls: Sequence[str], *, make: MakeSocket = GUARDED, resolver: AbstractResolver | None = None
) -> list[str]:
    """What became of each, in order: a status, or the words of the refusal."""
    return asyncio.run(_dial_all(urls, make, resolver))


async def _dial_all(urls: Sequence[str], make: MakeSocket, resolver: AbstractResolver | None) -> list[str]:
    connector = TCPConnector(limit=50, socket_factory=make, resolver=resolver, use_dns_cache=False)
    async with ClientSession(connector=connector) as session:
        return await asyncio.gather(*(dial(session, url) for url in urls))


def unguarded(info: AddressInfo) -> socket.socket:
    """A socket to anywhere."""
    return socket.socket(*info[:3])


async def dial(session: ClientSession, url: str) -> str:
    """Post to one."""
    try:
        async with asyncio.timeout(20), session.post(url, data=b"{}", allow_redirects=False) as response:
            return str(response.status)
    except (ClientError, ValueError, OSError) as error:
        return f"{type(error).__name__}: {error}"
