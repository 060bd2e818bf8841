"""What one TLS server shows to each of many names, two handshakes at a time (RFC 6066 section 3)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from incidents.sip.errors import NoReply, SipFailure, Stalled
from incidents.sip.resolution import Endpoint
from incidents.sip.tls import Secured, TlsSettings, secure
from incidents.sip.transport import open_stream

AT_ONCE = 2
"""A server that is ill may die of more: Debian's Kamailio 5.6 does at twenty (kamailio #3791)."""
HANDSHAKE_SECONDS = 5.0
T = TypeVar("T")


async def shake(endpoint: Endpoint, settings: TlsSettings, *, seconds: float) -> Secured:
    """Connect, shake hands, leave.

    Raises:
        SipFailure: Refused, NoReply, Stalled, HandshakeFailed, CertificateRejected or LocalFault.
    """
    wire = None
    try:
        async with asyncio.timeout(seconds):
            wire = await open_stream(endpoint)
            return await secure(wire, settings)
    except TimeoutError:
        if wire is None:
            raise NoReply("no connection in time") from None
        raise Stalled("accepted the connection, TLS handshake never answered") from None
    finally:
        if wire is not None:
            wire.close()


async def sweep(
    names: Iterable[str], ask: Callable[[str], Awaitable[T]], *, deadline: float
) -> Mapping[str, T | SipFailure]:
    """What `ask` finds for each name, until `deadline` (loop time); a name that got no turn is not there.

    A name whose handshake was not answered is asked once more at the end: a server that has just started is slow.
    """
    found: dict[str, T | SipFailure] = {}
    waiting = list(dict.fromkeys(names))
    for again in (True, False):
        late: list[str] = []
        turns = iter(waiting)

        async def work(turns: Iterable[str] = turns, late: list[str] = late) -> None:
            for name in turns:
                if asyncio.get_running_loop().time() > deadline:
                    return
                try:
                    found[name] = await ask(name)
                except (NoReply, Stalled) as error:
                    found[name] = error
                    late.append(name)
                except SipFailure as error:
                    found[name] = error

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
        waiting = late if again else []
        if not waiting:
            break
    return found


def shaking(
    endpoint: Endpoint, settings: TlsSettings, *, seconds: float
) -> Callable[[str], Awaitable[Secured]]:
    """The usual question: a handshake with `settings` for each name, of so many seconds at most."""
    limit = min(seconds, HANDSHAKE_SECONDS)
    return lambda name: shake(endpoint, replace(settings, server_name=name), seconds=limit)
