"""A real SMTP server on a free port of loopback that keeps what it is sent, and refuses what it is told to refuse."""

import asyncio
import logging
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

logging.getLogger("mail.log").setLevel(logging.WARNING)


class MailSink:
    """What arrived, in order; `replies` gives an address, or an address after `DATA `, its own answer."""

    def __init__(self) -> None:
        self.port = 0
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.connections = 0
        self.replies: dict[str, str] = {}
        self.messages_a_connection = 1_000_000
        self.hold = 0.0
        """Seconds from the final dot to its reply; the message is kept at once."""
        self.hidden: set[str] = set()
        """Extensions that are not offered, as `8BITMIME`."""
        self.raw: list[bytes] = []
        self.options: list[list[str]] = []
        """What stood after each MAIL FROM."""
        self.encrypted: list[bool] = []

    def to(self, address: str) -> list[EmailMessage]:
        """The messages for one address."""
        return [
            message for message, rcpt in zip(self.messages, self.recipients, strict=True) if rcpt == address
        ]

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count a connection."""
        self.connections += 1
        session.host_name = hostname
        session.served = 0  # type: ignore[attr-defined]
        return [line for line in responses if line[4:].partition(" ")[0] not in self.hidden]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept, or answer as told for this address."""
        if session.served >= self.messages_a_connection:  # type: ignore[attr-defined]
            return "421 Too many messages in this connection"
        reply = self.replies.get(address, "250 OK")
        if reply == "hang up":
            cast(asyncio.Transport, server.transport).abort()
            return "421 Bye"
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message."""
        address = envelope.rcpt_tos[0]
        reply = self.replies.get(f"DATA {address}", "250 OK")
        if reply == "hang up":
            cast(asyncio.Transport, server.transport).abort()
            return "421 Bye"
        if reply.startswith("250"):
            session.served += 1  # type: ignore[attr-defined]
            content = cast(bytes, envelope.content)
            self.messages.append(cast(EmailMessage, message_from_bytes(content, policy=cast(Any, default))))
            self.recipients.append(address)
            self.raw.append(content)
            self.options.append(list(envelope.mail_options))
            self.encrypted.append(session.ssl is not None)
        if self.hold:
            await asyncio.sleep(self.hold)
        return reply


@contextmanager
def mail_sink(tls: ssl.SSLContext | None = None) -> Iterator[MailSink]:
    """Serve in a thread of its own until the block ends; with `tls` it offers STARTTLS."""
    sink, loop = MailSink(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def begin() -> asyncio.Server:
        return await loop.create_server(
            lambda: SMTP(sink, hostname="sink.test", enable_SMTPUTF8=True, tls_context=tls), "127.0.0.1", 0
        )

    async def end() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
