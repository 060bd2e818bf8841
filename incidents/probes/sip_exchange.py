"""A SIP target over UDP, TCP or TLS within one deadline, for one request or several; every SIP kind starts here."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeVar

from incidents.probes.evidence import Evidence
from incidents.probes.held_up import HELD_UP_SECONDS
from incidents.probes.kind import Cost
from incidents.probes.resolving import resolve_target
from incidents.probes.sip_targets import SipTarget
from incidents.sip.certificate import UnreadableCertificate, read_certificate
from incidents.sip.errors import (
    CertificateRejected,
    HandshakeFailed,
    LocalFault,
    NoReply,
    NoRoute,
    NotResolved,
    Refused,
    SipFailure,
    Stalled,
)
from incidents.sip.message import Request, Response
from incidents.sip.resolution import Endpoint, Family
from incidents.sip.tls import Secured, TlsSettings, look, secure
from incidents.sip.transaction import ClientTransaction
from incidents.sip.transport import StreamWire, Wire, open_datagram, open_stream

Transport = Literal["udp", "tcp", "tls"]
# A request from the transport's name in Via and our own end of the wire.
Build = Callable[[str, Endpoint], Request]
T = TypeVar("T")
COSTS = MappingProxyType({"udp": Cost.DATAGRAM, "tcp": Cost.CONNECTION, "tls": Cost.HANDSHAKE})


@dataclass(frozen=True, slots=True)
class Route:
    """How to reach a target. `seconds` bounds everything, from the name to the last byte."""

    transport: Transport
    family: Family
    tls: TlsSettings
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The final response, and what it took: retransmissions, and addresses that were tried in vain before."""

    response: Response
    retransmissions: int
    refused: tuple[str, ...]


class Line:
    """An open way to one address, for as many requests as a kind has; the time in each counts as `sip`."""

    def __init__(self, wire: Wire, peer: Endpoint, deadline: float, evidence: Evidence) -> None:
        self.wire = wire
        self.peer = peer
        self.deadline = deadline
        self.evidence = evidence
        self.retransmissions = 0
        self._branches: list[str] = []

    @property
    def transport(self) -> str:
        """The transport's name in Via: UDP, TCP or TLS."""
        return self.wire.name

    @property
    def local(self) -> Endpoint:
        """Our own end."""
        return self.wire.local

    async def ask(self, request: Request, *, deadline: float | None = None) -> Response:
        """Send a request other than INVITE and wait for its final response, until the line's deadline or an own one.

        Raises:
            SipFailure: none came.
        """
        note, earlier = self.evidence.note, tuple(self._branches)
        transaction = ClientTransaction(self.wire, request, note=note, earlier=earlier)
        self._branches.append(request.identifiers.vias[0].branch)
        try:
            with self.evidence.timed("sip"):
                return await transaction.response(deadline=deadline or self.deadline)
        finally:
            self.retransmissions += transaction.retransmissions


class Exchange:
    """Resolves, connects, secures and asks; notes each step and its time in `evidence`."""

    def __init__(self, target: SipTarget, route: Route, evidence: Evidence) -> None:
        self._target = target
        self._route = route
        self._evidence = evidence
        self._deadline = asyncio.get_running_loop().time() + route.seconds
        self.retransmissions = 0
        self.refused: list[str] = []

    async def ask(self, build: Build) -> Answer:
        """Send what `build` makes to the target and wait for the final response.

        Raises:
            SipFailure: no name, no connection, no reply; see `sip.errors`.
        """
        response = await self.converse(lambda line: line.ask(build(line.transport, line.local)))
        return Answer(response, self.retransmissions, tuple(self.refused))

    async def converse(self, talk: Callable[["Line"], Awaitable[T]]) -> T:
        """Lead `talk` with the first address that does not refuse (RFC 3263 section 4.3); silence is not passed over.

        Raises:
            SipFailure: as the last address that refused did, or as `talk` raised it.
        """
        try:
            return await self.first(await self._resolve(), talk)
        except (NotResolved, NoReply, Stalled) as error:
            late = asyncio.get_running_loop().time() - self._deadline
            if late > HELD_UP_SECONDS:
                # Retransmissions were not sent when they should have been: this says nothing about the target.
                raise LocalFault(f"the prober itself was held up for {late:.1f} s") from error
            raise

    async def first(self, endpoints: Sequence[Endpoint], talk: Callable[["Line"], Awaitable[T]]) -> T:
        """Lead `talk` with the first of the endpoints that does not refuse.

        Raises:
            SipFailure: as the last that refused did.
        """
        failure: SipFailure = NotResolved(f"{self._target.host}: no address")
        for endpoint in endpoints:
            try:
                return await self._talk_to(endpoint, talk)
            except Refused as error:
                self.refused.append(f"{endpoint} {error}")
                failure = error
            except NoRoute as error:
                failure = failure if self.refused else error
            self._evidence.note(f"{endpoint} {failure}")
        raise failure

    async def _resolve(self) -> tuple[Endpoint, ...]:
        return await resolve_target(
            self._target.host,
            self._target.port_over(self._route.transport),
            family=self._route.family,
            evidence=self._evidence,
            deadline=self._deadline,
        )

    async def _talk_to(self, endpoint: Endpoint, talk: Callable[["Line"], Awaitable[T]]) -> T:
        wire = await self._connect(endpoint)
        try:
            if isinstance(wire, StreamWire) and self._route.transport == "tls":
                await self._secure(wire, endpoint)
            line = Line(wire, endpoint, self._deadline, self._evidence)
            try:
                return await talk(line)
            finally:
                self.retransmissions += line.retransmissions
        finally:
            wire.close()

    async def _connect(self, endpoint: Endpoint) -> Wire:
        reach = open_datagram if self._route.transport == "udp" else open_stream
        wire: Wire
        try:
            with self._evidence.timed("connect"):
                async with asyncio.timeout_at(self._deadline):
                    wire = await reach(endpoint)
        except TimeoutError:
            raise NoReply(f"no connection within {self._route.seconds:g} s") from None
        self._evidence.note(f"{wire.name} from {wire.local} to {endpoint}")
        return wire

    async def _secure(self, wire: StreamWire, endpoint: Endpoint) -> None:
        try:
            with self._evidence.timed("tls"):
                async with asyncio.timeout_at(self._deadline):
                    secured = await secure(wire, self._route.tls)
        except TimeoutError:
            raise Stalled("accepted the connection, TLS handshake never answered") from None
        except (CertificateRejected, HandshakeFailed) as error:
            self._evidence.note(str(error))
            wire.close()
            await self._explain(endpoint)
            raise
        proof = f"verified for {self._route.tls.server_name}" if self._route.tls.verify else "not verified"
        self._evidence.note(f"{secured.version} {secured.cipher}, {proof}")
        self._note_certificate(secured)

    async def _explain(self, endpoint: Endpoint) -> None:
        """A second handshake that verifies nothing, to show what the first one would not take."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._deadline):
                try:
                    secured = await look(endpoint, self._route.tls.server_name)
                except SipFailure as error:
                    self._evidence.note(f"second look: {error}")
                else:
                    self._evidence.note(f"second look: {secured.version} {secured.cipher}, not verified")
                    self._note_certificate(secured)

    def _note_certificate(self, secured: Secured) -> None:
        try:
            lines = read_certificate(secured.certificate).evidence
        except UnreadableCertificate as error:
            lines = (str(error),)
        for line in lines:
            self._evidence.note(line)
