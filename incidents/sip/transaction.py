"""The non-INVITE client transaction (RFC 3261 section 17.1.2): send, send again over UDP, match the reply."""

import asyncio
from collections.abc import Callable, Collection

from incidents.sip.errors import MalformedMessage, NoReply, SipFailure, Stalled, WrongReply
from incidents.sip.message import Request, Response
from incidents.sip.transport import Wire

T1 = 0.5
T2 = 4.0
FIRST_FINAL = 200


def answers(request: Request, message: Request | Response) -> bool:
    """Whether `message` is a reply to `request`: Via branch and CSeq (17.1.3), Call-ID and From tag as well.

    A reply with a second Via is somebody else's, gone astray (8.1.3.3).
    """
    if not isinstance(message, Response):
        return False
    ours, theirs = request.identifiers, message.identifiers
    return (
        len(theirs.vias) == 1
        and theirs.vias[0].branch == ours.vias[0].branch
        and theirs.call_id == ours.call_id
        and (theirs.sequence, theirs.method) == (ours.sequence, ours.method)
        and theirs.sender.tag == ours.sender.tag
    )


class ClientTransaction:
    """One request and the wait for its final response.

    Everything happens in callbacks of the loop, so a reply that is there is seen before a timer that is due:
    a busy loop must turn neither into a retransmission nor into a timeout. `note` gets a line an event. `earlier` are
    the branches of what was asked over this wire before: their replies may come twice, and late.
    """

    def __init__(
        self,
        wire: Wire,
        request: Request,
        *,
        note: Callable[[str], None],
        earlier: Collection[str] = (),
    ) -> None:
        self._wire = wire
        self._request = request
        self._data = request.encode()
        self._note = note
        self._earlier = earlier
        self._loop = asyncio.get_running_loop()
        self._final: asyncio.Future[Response] = self._loop.create_future()
        self._resend: asyncio.TimerHandle | None = None
        self._provisional: Response | None = None
        self._garbage: MalformedMessage | None = None
        self.sent = 0
        self.strays = 0
        self.malformed = 0

    @property
    def retransmissions(self) -> int:
        """How often the request was sent again."""
        return max(0, self.sent - 1)

    async def response(self, *, deadline: float) -> Response:
        """The final response, or a failure at `deadline` (loop time) at the latest.

        Raises:
            SipFailure: Refused, NoReply, Stalled, WrongReply, MalformedMessage or HandshakeFailed.
        """
        expiry = self._loop.call_at(deadline, self._expire)
        try:
            self._wire.attach(self)
            self._send()
            return await self._final
        finally:
            expiry.cancel()
            if self._resend is not None:
                self._resend.cancel()
            # Nobody may be left to look at a failure that comes at the same moment as a cancellation.
            self._final.cancel()

    def received(self, message: Request | Response) -> None:
        """A message came; only the final response to this request ends the wait."""
        if self._final.done():
            return
        if not isinstance(message, Response) or not answers(self._request, message):
            self._put_aside(message)
            return
        self._note(f"received {message.start_line}")
        if message.code < FIRST_FINAL:
            self._provisional = message
            return
        self._final.set_result(message)

    def _put_aside(self, message: Request | Response) -> None:
        if isinstance(message, Response) and message.identifiers.vias[0].branch in self._earlier:
            self._note(f"received again, to an earlier request: {message.start_line}")
            return
        self.strays += 1
        self._note(f"ignored a message that answers nothing of ours: {message.start_line}")

    def garbled(self, error: MalformedMessage) -> None:
        """Something came that is no message. It ends a stream; on UDP anyone could have sent it."""
        self.malformed += 1
        self._garbage = error
        self._note(f"received no SIP message: {error}")
        if self._wire.reliable:
            self._fail(error)

    def lost(self, error: SipFailure) -> None:
        """The wire is gone."""
        self._fail(error)

    def _fail(self, error: SipFailure) -> None:
        if not self._final.done():
            self._final.set_exception(error)

    def _send(self) -> None:
        if self._final.done():
            return
        self.sent += 1
        self._note(f"sent {self._request.start_line}" + (f", time {self.sent}" if self.sent > 1 else ""))
        if not self._wire.reliable:
            self._resend = self._loop.call_later(self._again_after(), self._send)
        self._wire.send(self._data)

    def _again_after(self) -> float:
        """Timer E: T1, doubling up to T2; at once T2 when a provisional response has come (17.1.2.2)."""
        return T2 if self._provisional else min(T1 * 2 ** (self.sent - 1), T2)

    def _expire(self) -> None:
        self._fail(self._verdict())

    def _verdict(self) -> SipFailure:
        if self._garbage is not None:
            return self._garbage
        if self._provisional is not None:
            return NoReply(f"only {self._provisional.code} {self._provisional.reason}, no final reply")
        if self.strays:
            return WrongReply(f"{self.strays} replies, none to our request")
        if not self._wire.reliable:
            return NoReply(f"no reply to {self.sent} requests" if self.sent > 1 else "no reply")
        if self._wire.pending:
            return Stalled(f"accepted the connection, reply incomplete after {self._wire.pending} bytes")
        return Stalled("accepted the connection, never answered")
