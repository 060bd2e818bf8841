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
from dns.rdtypes.IN.SRV import SRV

from incidents.probes.evidence import Evidence
from incidents.probes.resolving import allowed
from incidents.probes.sip_targets import PORT, TLS_PORT
from incidents.sip.errors import LocalFault, NoReply, NotResolved
from incidents.sip.resolution import Endpoint, Family

MOST_TARGETS = 16
MOST_SERVICES = 8
MOST_ADDRESSES = 8
Over = Literal["udp", "tcp", "tls"]
_SERVICES: dict[str, Over] = {"sip+d2u": "udp", "sip+d2t": "tcp", "sips+d2t": "tls"}
_OF_THE_NAME = (dns.message.ChainTooLong, dns.name.LabelTooLong, dns.name.NameTooLong, ValueError)
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


def named_resolver(at: Endpoint) -> dns.asyncresolver.Resolver:
    """One that asks the name server at this address and nobody else."""
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [at.ip], at.port
    return resolver


def system_resolver() -> dns.asyncresolver.Resolver:
    """The one that this machine is set up with.

    Raises:
        LocalFault: there is none.
    """
    try:
        return dns.asyncresolver.Resolver()
    except dns.exception.DNSException as error:
        raise LocalFault(f"no resolver is set up here: {error}") from error


class SipNames:
    """Look-ups within one deadline (loop time). `is_ours` says that the resolver's silence is our own fault."""

    def __init__(
        self, resolver: dns.asyncresolver.Resolver, *, is_ours: bool, evidence: Evidence, deadline: float
    ) -> None:
        self._resolver = resolver
        self._is_ours = is_ours
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
        found: dict[tuple[str, int, Over], None] = {}
        closed = False
        for name, over in await self._services(domain, overs):
            records = await self._records(name)
            # "The service is decidedly not available at this domain" (RFC 2782)
            closed = closed or any(record.target == dns.name.root for record in records)
            for record in records:
                if record.target != dns.name.root:
                    found[(record.target.to_text(omit_final_dot=True), record.port, over)] = None
        if not found and closed:
            raise NotResolved(f"{domain} says in DNS that it offers no such service")
        if not found:
            found[(domain, TLS_PORT if list(overs) == ["tls"] else PORT, overs[0])] = None
        if len(found) > MOST_TARGETS:
            self._evidence.note(f"{len(found)} targets, of which the first {MOST_TARGETS} are looked at")
        servers = [
            Server(host, port, over, await self.addresses(host, port, family))
            for host, port, over in list(found)[:MOST_TARGETS]
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
        if len(named) > MOST_SERVICES:
            self._evidence.note(f"{len(named)} services, of which the first {MOST_SERVICES} are looked at")
        return named[:MOST_SERVICES] or [(f"{_PREFIXES[over]}.{domain}", over) for over in overs]

    async def _records(self, name: str) -> list[SRV]:
        answer = await self._ask(name, RdataType.SRV)
        return sorted(answer or (), key=lambda record: (record.priority, -record.weight))

    async def addresses(self, host: str, port: int, family: Family) -> tuple[Endpoint, ...]:
        """Where `host` is, as far as the running probe may go; nothing if it has no address.

        Raises:
            SipFailure: as `servers`.
        """
        kinds = {"any": (RdataType.A, RdataType.AAAA), "ipv4": (RdataType.A,), "ipv6": (RdataType.AAAA,)}
        found: list[Endpoint] = []
        for kind in kinds[family]:
            found += [Endpoint(record.address, port) for record in await self._ask(host, kind) or ()]
        return allowed(tuple(found), host=host)[:MOST_ADDRESSES] if found else ()

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
        if answer.rrset is not None:
            self.ttl = answer.rrset.ttl if self.ttl is None else min(self.ttl, answer.rrset.ttl)
        for line in _lines(answer):
            self._evidence.note(line)
        return answer

    def _silence(self, words: str) -> NoReply | LocalFault:
        return LocalFault(f"our resolver gave {words}") if self._is_ours else NoReply(words)

    def _refusal(self, name: str, kind: RdataType, error: Exception) -> NotResolved | LocalFault:
        """A loop or a malformed name is the domain's own fault; all else is the resolver's."""
        reason = _reason(error)
        words = str(reason) if isinstance(reason, str) else type(reason).__name__
        if not self._is_ours or isinstance(reason, _OF_THE_NAME):
            return NotResolved(f"{name} {kind.name}: {words}")
        return LocalFault(f"our resolver could not look up {name}: {words}")


def _reason(error: Exception) -> object:
    """Of several tries the last one's reason: an exception or the name of a code."""
    if not isinstance(error, dns.resolver.NoNameservers):
        return error
    errors = error.kwargs.get("errors") or [(None, None, None, "no usable answer")]
    return errors[-1][3]


def _lines(answer: dns.resolver.Answer) -> Iterator[str]:
    if answer.rrset is not None:
        for record in list(answer.rrset)[:MOST_TARGETS]:
            yield f"{answer.rrset.name} {answer.rrset.ttl} {record.rdtype.name} {record.to_text()}"
