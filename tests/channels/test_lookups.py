"""How many of a name's addresses are tried: few, so that no name server can send us around the Internet."""

import socket

from aiohttp.abc import ResolveResult

from incidents.channels.lookups import few


def found(address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(hostname="many.test", host=address, port=443, family=family, proto=0, flags=0)


def test_the_first_four_of_each_family_are_kept_in_their_order() -> None:
    first = ["2606:4700::1", "8.8.8.1", "8.8.8.2", "2606:4700::2", "8.8.8.3", "8.8.8.4"]
    more = [*(f"8.8.4.{n}" for n in range(1000)), "2606:4700::3", "2606:4700::4", "2606:4700::5"]
    kept = [each["host"] for each in few([found(address) for address in [*first, *more]])]
    assert kept == [*first, "2606:4700::3", "2606:4700::4"]
