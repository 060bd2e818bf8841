"""Messages out of a byte stream, framed by Content-Length (RFC 3261 section 18.3)."""

from incidents.sip.errors import MalformedMessage
from incidents.sip.message import Request, Response
from incidents.sip.parser import END_OF_HEAD, MAX_HEAD, Head

_PING = len(b"\r\n\r\n")


class StreamFramer:
    """Feed it bytes as they come, get whole messages. After an error there is no frame left: drop it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._head: Head | None = None
        self._body_at = 0
        self._whole = 0
        self._blank = 0

    @property
    def pending(self) -> int:
        """Bytes of a message that is not complete yet."""
        return len(self._buffer)

    @property
    def pings(self) -> int:
        """The double CRLFs between messages so far; a server answers each with one (RFC 5626, 4.4.1)."""
        return self._blank // _PING

    def feed(self, data: bytes) -> list[Request | Response]:
        """The messages that `data` completes.

        Raises:
            MalformedMessage: the stream is not SIP, has no Content-Length, or exceeds a limit.
        """
        self._buffer += data
        found = []
        while (head := self._next_head()) is not None and len(self._buffer) >= self._whole:
            body = bytes(self._buffer[self._body_at : self._whole])
            del self._buffer[: self._whole]
            self._head = None
            found.append(head.message(body))
        return found

    def _next_head(self) -> Head | None:
        if self._head is not None:
            return self._head
        self._skip_keep_alives()
        end = self._buffer.find(END_OF_HEAD)
        if end < 0:
            if len(self._buffer) > MAX_HEAD:
                raise MalformedMessage(f"headers longer than {MAX_HEAD} bytes")
            return None
        head = Head(bytes(self._buffer[:end]))
        length = head.content_length
        if length is None:
            raise MalformedMessage("no Content-Length on a stream")
        self._head = head
        self._body_at = end + len(END_OF_HEAD)
        self._whole = self._body_at + length
        return head

    def _skip_keep_alives(self) -> None:
        if self._buffer.startswith((b"\r", b"\n")):
            blank = len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))
            self._blank += blank
            del self._buffer[:blank]
