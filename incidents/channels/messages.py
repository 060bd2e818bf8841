"""What passes between the relay and a channel: a notice in, an answer out. Channels know no database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Earlier:
    """An update that a notice repeats below its own words, for whoever missed it."""

    heading: str
    body: str
    posted: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One event in words, composed once for all of its readers; every string is ready to print.

    `root` names the thread (stable for an incident), `payload` is Statuspage's webhook body without its `meta`.
    """

    kind: str
    root: str
    page_name: str
    page_url: str
    subject: str
    title: str
    heading: str
    body: str
    posted: str
    affected: str
    url: str
    payload: Mapping[str, Any]
    generated_at: str
    action_label: str = ""
    """For a mail that asks for something, such as a confirmation: the words on the button that leads to the
    recipient's `action_url`."""
    window: str = ""
    """Of a maintenance: when it begins and ends, as a sentence without a full stop."""
    earlier: tuple[Earlier, ...] = ()
    """What was said before, newest first; an endpoint that was down gets the whole story in one notice."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One endpoint. `key` is the delivery's stable id; `leave_url` ends the subscription."""

    key: str
    address: str
    secret: str
    leave_url: str
    manage_url: str
    action_url: str = ""


class Verdict(StrEnum):
    """What became of an attempt: accepted, worth another try, or never going to work."""

    SENT = "sent"
    RETRY = "retry"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome for one recipient; `detail` is what the other side said, at most 1,000 characters."""

    key: str
    verdict: Verdict
    detail: str
    retry_after: float | None = None
    """Seconds that the other side asked us to wait."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A channel: its name, its label, how an address is checked and how a batch is sent.

    A machine cannot answer a mail: its contact e-mail confirms for it, and it gets a secret that signs what it is sent.

    `normalise(address)` returns the address in the one form that we keep, or raises ValueError in plain words.
    `send(notice, recipients)` returns one answer for each recipient and raises nothing.
    """

    name: str
    label: str
    normalise: Callable[[str], str]
    send: Callable[[Notice, Sequence[Recipient]], list[Answer]]
    is_machine: bool = False
    batch: int = 500
    """How many recipients `send` takes at most: few where they are served one after another."""
