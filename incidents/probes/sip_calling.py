"""One call from INVITE to BYE, with its audio: it always ends, whatever the peer does (RFC 3261 sections 13 to 15)."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from incidents.probes.evidence import Evidence
from incidents.probes.resolving import allowed
from incidents.probes.sip_exchange import Line
from incidents.sip import rtp
from incidents.sip.digest import Credentials, choose
from incidents.sip.errors import LocalFault, MalformedMessage, NoReply, SipFailure, Stalled
from incidents.sip.invite import Dialog, InviteTransaction, dialog_of, new_tag, of_same_hop
from incidents.sip.message import Request, Response
from incidents.sip.requests import Dialling, call_id, request
from incidents.sip.resolution import Endpoint, bracketed
from incidents.sip.sdp import Audio, offer, read_audio

LEAVE_SECONDS = 1.0
"""Hanging up may outlast the deadline by so much; a peer that does not answer the BYE is not waited for longer."""
FEWEST = 5
"""So many packets are sent, however late the call was answered."""
LINGER_SECONDS = 0.3
"""So long the last packets may be on their way back."""
_CHALLENGES = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}
_REFUSAL, _RANDOM_BITS = 300, 32


@dataclass(frozen=True, slots=True)
class Order:
    """Whom to call, with which proof if asked, and how many packets to send."""

    uri: str
    credentials: Credentials
    packets: int


@dataclass
class Heard:
    """What became of a call."""

    response: Response
    sent: int = 0
    received: int = 0
    loss_percent: float = 0.0
    jitter_ms: float = 0.0
    first_ms: float | None = None
    hung_up: bool = False
    fault: str = ""


class Call:
    """One call over an open line."""

    def __init__(self, line: Line, order: Order, evidence: Evidence) -> None:
        self._line = line
        self._order = order
        self._evidence = evidence
        self._loop = asyncio.get_running_loop()
        sender = f"sip:probe@{bracketed(line.local.ip)}"
        self._dialling = Dialling(sender, new_tag(), order.uri, call_id(line.local), 0)
        self._invite: Request | None = None
        self._transaction: InviteTransaction | None = None
        self._dialog: Dialog | None = None
        self._branches: list[str] = []

    async def run(self) -> Heard:
        """Call, speak, listen, hang up.

        Raises:
            SipFailure: it was not answered at all.
        """
        audio, heard = await _open_audio(self._line.local.ip)
        try:
            response = await self._dial(offer(self._line.local.ip, heard.port))
            if self._dialog is None:
                return Heard(response)
            try:
                return await self._speak(response, audio, heard)
            finally:
                await self._hang_up()
        except (NoReply, Stalled):
            await self._cancel()
            raise
        except asyncio.CancelledError:
            self.drop()
            raise
        finally:
            audio.close()

    def drop(self) -> None:
        """Hang up, or call off, without waiting for a reply."""
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            self._send(self._within(dialog, "BYE", self._dialling.sequence + 1))
        elif self._invite is not None and self._transaction is not None and self._transaction.is_ringing:
            self._send(of_same_hop(self._invite, "CANCEL", recipient=self._invite.headers.first("To")))

    async def _dial(self, body: bytes) -> Response:
        """The final reply to an INVITE, or to a second one that answers the challenge to the first."""
        response = await self._ask(body)
        if response.code in _CHALLENGES and self._order.credentials.username:
            asked, header = _CHALLENGES[response.code]
            challenge = choose(response.headers, asked)
            proof = self._order.credentials.answer(challenge, method="INVITE", uri=self._order.uri)
            response = await self._ask(body, (header, proof))
        return response

    async def _ask(self, body: bytes, *proof: tuple[str, str]) -> Response:
        self._dialling = replace(self._dialling, sequence=self._dialling.sequence + 1)
        extra = [
            ("Contact", f"<sip:probe@{self._line.local}>"),
            ("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS"),
            ("Content-Type", "application/sdp"),
            *proof,
        ]
        invite = self._request("INVITE", extra, body)
        self._invite = invite
        self._transaction = InviteTransaction(
            self._line.wire,
            invite,
            note=self._evidence.note,
            acknowledge=self._acknowledge,
            earlier=tuple(self._branches),
        )
        self._branches.append(invite.identifiers.vias[0].branch)
        try:
            with self._evidence.timed("sip"):
                return await self._transaction.response(deadline=self._line.deadline)
        finally:
            self._line.retransmissions += self._transaction.retransmissions

    def _acknowledge(self, success: Response) -> None:
        """A success was or is being repeated: ACK it, and remember that there is a call to end."""
        self._dialog = self._dialog or dialog_of(self._dialling, success)
        self._send(self._within(self._dialog, "ACK", self._dialling.sequence))

    async def _speak(self, response: Response, audio: asyncio.DatagramTransport, heard: "_Ear") -> Heard:
        found = Heard(response)
        try:
            place = read_audio(response.body)
            to = allowed((Endpoint(place.ip, place.port),), host=place.ip)[0]
        except (MalformedMessage, LocalFault) as error:
            found.fault = str(error)
            return found
        self._evidence.note(f"audio to {to}, payload type {place.payload}")
        heard.only_from = to.ip
        with self._evidence.timed("media"):
            await self._send_audio(audio, to, place, found, heard)
        found.hung_up = self._transaction is not None and self._transaction.is_over
        counts = heard.counts
        found.received, found.jitter_ms = len(counts.sequences), counts.jitter_ms
        found.loss_percent = counts.lost_percent(found.sent, heard.source)
        if counts.first_ms is not None:
            found.first_ms = counts.first_ms - heard.began_ms
        return found

    async def _send_audio(
        self, audio: asyncio.DatagramTransport, to: Endpoint, place: Audio, found: Heard, heard: "_Ear"
    ) -> None:
        began = self._loop.time()
        heard.began_ms = began * 1000
        for number in range(self._order.packets):
            is_over = self._transaction is not None and self._transaction.is_over
            if is_over or (number >= FEWEST and self._loop.time() > self._line.deadline):
                break
            packet = rtp.Packet(place.payload, number, number * rtp.SAMPLES, heard.source)
            audio.sendto(rtp.build(packet), to)
            found.sent += 1
            await asyncio.sleep(max(0.0, began + (number + 1) * rtp.SECONDS - self._loop.time()))
        await asyncio.sleep(LINGER_SECONDS)

    async def _hang_up(self) -> None:
        """BYE; that it is not answered changes nothing of what was heard."""
        dialog, self._dialog = self._dialog, None
        if dialog is None or (self._transaction is not None and self._transaction.is_over):
            return
        bye = self._within(dialog, "BYE", self._dialling.sequence + 1)
        deadline = min(self._line.deadline, self._loop.time()) + LEAVE_SECONDS
        lost = self._line.retransmissions
        with suppress(SipFailure):
            await self._line.ask(bye, deadline=deadline)
        self._line.retransmissions = lost

    async def _cancel(self) -> None:
        """Call off what rings on; a success that crosses is acknowledged, and ended as any call."""
        if self._invite is None or self._transaction is None or not self._transaction.is_ringing:
            return
        self._send(of_same_hop(self._invite, "CANCEL", recipient=self._invite.headers.first("To")))
        self._evidence.note("sent CANCEL")
        for _ in range(10):
            await asyncio.sleep(LEAVE_SECONDS / 20)
            if self._dialog is not None:
                await self._hang_up()
                return

    def _within(self, dialog: Dialog, method: str, sequence: int) -> Request:
        return dialog.request(
            method, transport=self._line.transport, local=self._line.local, sequence=sequence
        )

    def _request(self, method: str, extra: list[tuple[str, str]], body: bytes) -> Request:
        return request(
            method,
            self._order.uri,
            self._dialling,
            transport=self._line.transport,
            local=self._line.local,
            extra=extra,
            body=body,
        )

    def _send(self, message: Request) -> None:
        self._evidence.note(f"sent {message.start_line}")
        self._line.wire.send(message.encode())


class _Ear(asyncio.DatagramProtocol):
    """Hears audio from one address alone."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.counts = rtp.Heard()
        self.source = secrets.randbits(_RANDOM_BITS)
        self.only_from = ""
        self.began_ms = 0.0
        self.port = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """asyncio's."""
        if addr[0] == self.only_from:
            with suppress(MalformedMessage):
                self.counts.add(rtp.read(data), self._clock() * 1000)


async def _open_audio(ip: str) -> tuple[asyncio.DatagramTransport, _Ear]:
    loop = asyncio.get_running_loop()
    try:
        transport, ear = await loop.create_datagram_endpoint(lambda: _Ear(loop.time), local_addr=(ip, 0))
    except OSError as error:
        raise LocalFault(f"no socket for the audio: {error.strerror}") from error
    ear.port = transport.get_extra_info("sockname")[1]
    return transport, ear
