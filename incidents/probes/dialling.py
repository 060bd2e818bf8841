"""A TCP connection to the first of a target's addresses that accepts, for the kinds that speak no SIP."""

import asyncio
import socket
from collections.abc import Sequence

from incidents.probes.evidence import Evidence
from incidents.sip.errors import LocalFault, NoReply, NoRoute, NotResolved, Refused, SipFailure
from incidents.sip.resolution import Endpoint
from incidents.sip.transport import not_opened


async def dial(
    endpoints: Sequence[Endpoint], *, evidence: Evidence, deadline: float
) -> tuple[socket.socket, Endpoint]:
    """A connected socket, which is the caller's to close, and its far end; until `deadline` (loop time).

    An address that refuses is passed over, silence is not (as RFC 3263 section 4.3 has it for SIP).

    Raises:
        SipFailure: none accepted.
    """
    failure: SipFailure = NotResolved("no address")
    for endpoint in endpoints:
        try:
            with evidence.timed("connect"):
                async with asyncio.timeout_at(deadline):
                    connected = await _connect(endpoint)
        except TimeoutError:
            raise NoReply("no connection in time") from None
        except OSError as error:
            found = not_opened(error, endpoint)
            evidence.note(f"{endpoint} {found}")
            if isinstance(found, LocalFault) and not isinstance(found, NoRoute):
                raise found from error
            # That we have no way to one address does not excuse that another one refused.
            failure = failure if isinstance(found, NoRoute) and isinstance(failure, Refused) else found
        else:
            evidence.note(f"connected to {endpoint}")
            return connected, endpoint
    raise failure


async def _connect(endpoint: Endpoint) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in endpoint.ip else socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, endpoint)
    except BaseException:
        made.close()
        raise
    return made
