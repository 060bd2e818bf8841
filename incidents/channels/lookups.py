"""Names looked up for webhooks: of the addresses that a stranger's name server gives, only the first few are tried.

aiohttp tries all that are left again for each that failed, so a name with 1,000 addresses would mean half a million
attempts, and the event loop that all endpoints share would be busy with nothing else.
"""

import socket
from collections import Counter
from collections.abc import Sequence

from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver

ADDRESSES = 4
"""Of each family; the system has put the best ones first (RFC 6724)."""


class FewAddresses(ThreadedResolver):
    """The system's own resolver, cut short."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """As `getaddrinfo` has it, in its order."""
        return few(await super().resolve(host, port, family))


def few(found: Sequence[ResolveResult]) -> list[ResolveResult]:
    """The first ADDRESSES of each family, in the order that they have."""
    seen: Counter[int] = Counter()
    kept = []
    for each in found:
        seen[each["family"]] += 1
        if seen[each["family"]] <= ADDRESSES:
            kept.append(each)
    return kept
