"""From a SIP domain to its servers: NAPTR, SRV, then addresses (RFC 3263 section 4), each step noted."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import dns.asyncresolver
import dns.exception
import dns.message
import dns.name
import dns.resolver
from dns.rdatatype import RdataType

from incidents.probes.evidence import Evidence
from incidents.probes.resolving import allowed
from incidents.probes.sip_targets import PORT, TLS_PORT
from incidents.sip.errors import LocalFault, NoReply, NotResolved
from incidents.sip.resolution import Endpoint, Family

MOST_TARGETS = 16
Over = Literal["udp", "tcp", "tls"]
_SERVICES: dict[str, Over] = {"sip+d2u": "udp", "sip+d2t": "tcp", "sips+d2t": "tls"}
_PREFIXES: dict[Over, str] = {"udp": "_sip._udp", "tcp": "_sip._tcp", "tls": "_sips._tcp"}


@dataclass(frozen=True, slots=True)
class Server:
    """One server of a domain; a name that leads nowhere has no endpoints."""

    host: str
    port: int
    over: Over
    endpoints: tuple[Endpoint, ...]

    def __str__(self) -> str:
        return f"{self.host}:{self.port} over {self.over.upper()}"


class SipNames:
    """Look-ups within one deadline (loop time), at one name server or the system's."""

    def __init__(self, at: Endpoint | None, *, evidence: Evidence, deadline: float) -> None:
        self._is_named = at is not None
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=at is None)
        except dns.exception.DNSException as error:
            raise LocalFault(f"no resolver is set up here: {error}") from error
        if at is not None:
            self._resolver.nameservers, self._resolver.port = [at.ip], at.port
        self._resolver.cache = None
        self._evidence = evidence
        self._deadline = deadline
        self.ttl: int | None = None

    async def servers(self, domain: str, overs: Sequence[Over], family: Family) -> list[Server]:
        """The servers of `domain` for the given transports, in the order in which to try them.

        Raises:
            NotResolved: there is none.
            NoReply: the name server that was named gives no answer.
            LocalFault: our own resolver does not tell.
        """
        found: list[tuple[str, int, Over]] = []
        for name, over in await self._services(domain, overs):
            found += [(host, port, over) for host, port in await self._targets(name)]
        if not found:
            port = TLS_PORT if list(overs) == ["tls"] else PORT
            found = [(domain, port, over) for over in overs[:1]]
        if len(found) > MOST_TARGETS:
            self._evidence.note(f"{len(found)} targets, of which the first {MOST_TARGETS} are looked at")
        servers = [
            Server(host, port, over, await self._addresses(host, port, family))
            for host, port, over in dict.fromkeys(found[:MOST_TARGETS])
        ]
        if not any(server.endpoints for server in servers):
            raise NotResolved(f"{servers[0].host}: no address")
        return servers

    async def _services(self, domain: str, overs: Sequence[Over]) -> list[tuple[str, Over]]:
        """The names to ask SRV of: by NAPTR, or by the fixed names where there is none."""
        answer = await self._ask(domain, RdataType.NAPTR)
        offered = sorted(answer or (), key=lambda record: (record.order, record.preference))
        named: list[tuple[str, Over]] = []
        for record in offered:
            over = _SERVICES.get(record.service.decode("ascii", "replace").lower())
            if over in overs and over is not None and record.flags.lower() == b"s":
                named.append((record.replacement.to_text(), over))
        return named or [(f"{_PREFIXES[over]}.{domain}", over) for over in overs]

    async def _targets(self, name: str) -> list[tuple[str, int]]:
        answer = await self._ask(name, RdataType.SRV)
        records = sorted(answer or (), key=lambda record: (record.priority, -record.weight))
        return [
            (record.target.to_text(omit_final_dot=True), record.port)
            for record in records
            if record.target != dns.name.root  # "the service is decidedly not available" (RFC 2782)
        ]

    async def _addresses(self, host: str, port: int, family: Family) -> tuple[Endpoint, ...]:
        kinds = {"any": (RdataType.A, RdataType.AAAA), "ipv4": (RdataType.A,), "ipv6": (RdataType.AAAA,)}
        found: list[Endpoint] = []
        for kind in kinds[family]:
            found += [Endpoint(record.address, port) for record in await self._ask(host, kind) or ()]
        return allowed(tuple(found), host=host) if found else ()

    async def _ask(self, name: str, kind: RdataType) -> dns.resolver.Answer | None:
        """The records, or None where there are none of this kind."""
        left = self._deadline - asyncio.get_running_loop().time()
        try:
            with self._evidence.timed("dns"):
                answer = await self._resolver.resolve(name, kind, lifetime=max(0.01, left), search=False)
        except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
            self._evidence.note(f"{name} {kind.name}: none")
            return None
        except (dns.resolver.LifetimeTimeout, dns.exception.Timeout):
            raise self._silence(f"no answer for {name} {kind.name} in time") from None
        except (dns.resolver.NoNameservers, dns.exception.DNSException, OSError, ValueError) as error:
            raise self._refusal(name, kind, error) from error
        self.ttl = min(self.ttl or answer.rrset.ttl, answer.rrset.ttl) if answer.rrset else self.ttl
        for line in _lines(answer):
            self._evidence.note(line)
        return answer

    def _silence(self, words: str) -> NoReply | LocalFault:
        return NoReply(words) if self._is_named else LocalFault(f"our resolver gave {words}")

    def _refusal(self, name: str, kind: RdataType, error: Exception) -> NotResolved | LocalFault:
        """What the name itself cannot be blamed for is our resolver's; a loop or a malformed name is its own."""
        own = isinstance(error, dns.message.ChainTooLong | dns.name.LabelTooLong | dns.name.NameTooLong)
        words = (
            type(error).__name__ if not isinstance(error, dns.resolver.NoNameservers) else "no usable answer"
        )
        if own or self._is_named or isinstance(error, ValueError):
            return NotResolved(f"{name} {kind.name}: {words}")
        return LocalFault(f"our resolver could not look up {name}: {words}")


def _lines(answer: dns.resolver.Answer) -> Iterator[str]:
    if answer.rrset is not None:
        for record in list(answer.rrset)[:MOST_TARGETS]:
            yield f"{answer.rrset.name} {answer.rrset.ttl} {record.rdtype.name} {record.to_text()}"
