"""The INVITE client transaction and the dialog that it begins (RFC 3261 sections 9, 12, 13 and 17.1.1)."""

import secrets
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from incidents.sip.addresses import parse_address
from incidents.sip.errors import MalformedMessage
from incidents.sip.headers import Headers
from incidents.sip.message import Request, Response
from incidents.sip.requests import Dialling, request
from incidents.sip.resolution import Endpoint
from incidents.sip.transaction import T1, ClientTransaction, answers
from incidents.sip.transport import Wire

_FINAL, _REFUSAL = 200, 300
_KEPT = ("Via", "From", "Call-ID", "Max-Forwards")


def of_same_hop(invite: Request, method: str, *, recipient: str) -> Request:
    """The CANCEL of an INVITE, or the ACK of its refusal: same branch, same number (9.1, 17.1.1.3)."""
    number = invite.headers.first("CSeq").partition(" ")[0]
    kept = [(name, invite.headers.first(name)) for name in _KEPT]
    fields = [*kept, ("To", recipient), ("CSeq", f"{number} {method}")]
    return Request(headers=Headers(fields), body=b"", method=method, uri=invite.uri)


class InviteTransaction(ClientTransaction):
    """As the other transaction, but sent again only until anything comes back, and every final reply is acknowledged.

    `acknowledge` is called with each success, the repeated ones too: without its ACK a server repeats it for 32 s. A
    request of the peer within the call gets a 200.
    """

    def __init__(
        self,
        wire: Wire,
        invite: Request,
        *,
        note: Callable[[str], None],
        acknowledge: Callable[[Response], None],
        earlier: Collection[str] = (),
    ) -> None:
        super().__init__(wire, invite, note=note, earlier=earlier)
        self._acknowledge = acknowledge
        self.is_over = False

    @property
    def is_ringing(self) -> bool:
        """Whether a provisional reply has come: only then may it be cancelled (9.1)."""
        return self._provisional is not None

    def received(self, message: Request | Response) -> None:
        """A message came."""
        if isinstance(message, Request):
            self._asked(message)
            return
        if not answers(self._request, message):
            super().received(message)
            return
        if message.code >= _REFUSAL:
            self._wire.send(of_same_hop(self._request, "ACK", recipient=message.headers.first("To")).encode())
        elif message.code >= _FINAL:
            self._acknowledge(message)
        super().received(message)
        if self._resend is not None:
            self._resend.cancel()

    def _asked(self, message: Request) -> None:
        """The peer hangs up, or wants to know something: 200, so that it need not ask again."""
        if message.method != "ACK" and message.identifiers.call_id == self._request.identifiers.call_id:
            self.is_over = self.is_over or message.method == "BYE"
            self._note(f"received {message.start_line}")
            with suppress(MalformedMessage):
                self._wire.send(message.answer(200, "OK", source=self._wire.local, tag="dialtone").encode())

    def _again_after(self) -> float:
        """Timer A: T1, doubling, without an upper limit (17.1.1.2)."""
        return float(T1 * 2 ** (self.sent - 1))


@dataclass(frozen=True, slots=True)
class Dialog:
    """A call that was answered: where its requests go and whose they are (12.1.2)."""

    dialling: Dialling
    target: str
    routes: tuple[str, ...]

    def request(self, method: str, *, transport: str, local: Endpoint, sequence: int) -> Request:
        """An ACK or BYE of this call."""
        extra = [("Route", route) for route in self.routes]
        return request(
            method,
            self.target,
            replace(self.dialling, sequence=sequence),
            transport=transport,
            local=local,
            extra=extra,
        )


def dialog_of(dialling: Dialling, success: Response) -> Dialog:
    """The dialog that a success begins; a Contact that is none leaves the address that was called."""
    target = dialling.recipient
    with suppress(MalformedMessage):
        target = (
            parse_address(success.headers.values("Contact")[0]).uri
            if success.headers.first("Contact")
            else target
        )
    routes: Sequence[str] = list(reversed(success.headers.values("Record-Route")))[:20]
    tagged = replace(dialling, peer_tag=success.identifiers.recipient.tag)
    return Dialog(tagged, target, tuple(routes))


def new_tag() -> str:
    """A From tag."""
    return secrets.token_hex(6)
