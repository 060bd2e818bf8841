"""E-mail: a letter in text and HTML over Django's mail backend, one thread an incident (DESIGN 10)."""

from collections.abc import Callable

from incidents.channels.addresses import email_address
from incidents.channels.messages import Answer, Kind, Sender


def open_sender(answer: Callable[[Answer], None]) -> Sender:
    """Mails a few connections at a time."""
    from incidents.channels.mailing import Mailer  # noqa: PLC0415  (only senders need the mail backends)

    return Mailer(answer)


EMAIL = Kind(
    name="email",
    label="E-mail",
    normalise=email_address,
    open=open_sender,
    hint="name@example.com",
)
