"""From a target's name to addresses, the one way of every kind: timed, bounded, and not into our own network unasked.

A member of staff without the right must not use a probe to look around behind the firewall, nor to read a cloud's
metadata: so what a name resolves to is judged here, just before it is dialled (DESIGN 13).
"""

import asyncio
from contextvars import ContextVar
from ipaddress import ip_address

from incidents.domain.networks import is_public
from incidents.probes.evidence import Evidence
from incidents.sip.errors import LocalFault
from incidents.sip.resolution import Endpoint, Family, is_ip, resolve

PRIVATE_ALLOWED: ContextVar[bool] = ContextVar("PRIVATE_ALLOWED", default=True)
"""Whether the running probe may reach addresses of our own network; `running` sets it from the job."""


class PrivateAddress(LocalFault):
    """The name leads into our own network, and whoever set up the probe may not go there."""


async def resolve_target(
    host: str, port: int, *, family: Family = "any", evidence: Evidence, deadline: float
) -> tuple[Endpoint, ...]:
    """The addresses of `host` that may be reached, by the system's resolver, until `deadline` (loop time).

    Raises:
        NotResolved: there is none, and the resolver knows it.
        LocalFault: our resolver could not tell, or, PrivateAddress, there are only addresses that are not allowed.
    """
    try:
        with evidence.timed("dns"):
            if is_ip(host):
                found = await resolve(host, port, family=family)
            else:
                async with asyncio.timeout_at(deadline):
                    found = await resolve(host, port, family=family)
    except TimeoutError:
        raise LocalFault(f"our resolver gave no answer for {host} in time") from None
    if found[0].ip != host:
        evidence.note(f"{host} is {', '.join(endpoint.ip for endpoint in found)}")
    return allowed(found, host=host)


def allowed(endpoints: tuple[Endpoint, ...], *, host: str) -> tuple[Endpoint, ...]:
    """Those of the endpoints that the running probe may reach.

    Raises:
        PrivateAddress: there is none.
    """
    if PRIVATE_ALLOWED.get():
        return endpoints
    public = tuple(endpoint for endpoint in endpoints if is_public(ip_address(endpoint.ip.partition("%")[0])))
    if not public:
        raise PrivateAddress(
            f"{host} is on a private network; whoever may probe those must save this probe once"
        )
    return public
