"""What passes between the relay and a channel: a notice in, an answer out. Channels know no database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, Self

from django.utils.safestring import SafeString

from incidents.domain.codes import NAMING


@dataclass(frozen=True, slots=True)
class BodyForms:
    """A body whose author may format it, as each kind of channel shows it: escaped and ready to send."""

    html: SafeString
    slack: str
    teams: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """An update that a notice repeats below its own words, for whoever missed it."""

    heading: str
    body: str
    posted: str
    html: SafeString = field(default_factory=SafeString)
    """The body for an HTML mail; empty for plain text."""


@dataclass(frozen=True, slots=True)
class MailBranding:
    """How a page's mails look: colours as `#1d4ed8`, `ink` on the accent, the edges of a button in light and in dark
    mails, and a PNG that the mail carries itself, so that opening it calls no server."""

    accent: str = "#1d4ed8"
    ink: str = "#ffffff"
    edge: str = "#1d4ed8"
    edge_dark: str = "#aab4c4"
    faint: str = "#4a5568"
    faint_dark: str = "#aab4c4"
    logo: bytes = b""

    @property
    def logo_size(self) -> tuple[int, int]:
        """Width and height in CSS pixels: half of the PNG's own, since it is drawn for dense screens."""
        width, height = (int.from_bytes(self.logo[place : place + 4], "big") for place in (16, 20))
        return max(1, width // 2), max(1, height // 2)


@dataclass(frozen=True, eq=False)
class Notice:
    """One event in words, composed once for all of its readers; every string is ready to print.

    `root` names the thread (stable for an incident), `payload` is Statuspage's webhook body without its `meta`. Two
    notices are never equal, so that a channel may keep what it has rendered of one.
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
    is_unasked: bool = False
    """Somebody gave this address, who may not be its owner: the footer offers to drop the request."""
    open_label: str = "Open the status page"
    """The words on the button or link that leads to `url`."""
    for_staff: bool = False
    """An alert: the footer says why staff get it."""
    for_admins: bool = False
    """For the admins of every page, who get it by their role: there is nothing to unsubscribe from."""
    state: str = ""
    """What its subject begins with: `Resolved`, `Maintenance`, `RFO v2`; empty where nothing has a state."""
    next_update: str = ""
    """When the next update is promised for, or that no time is set; empty once nothing more is to come."""
    components: tuple[tuple[str, str], ...] = ()
    """Each affected component and its state; empty where only `affected` names them."""
    is_linked: bool = False
    """Its body is our own writers', so that addresses in it may become links; a stranger's words never do."""
    brand: MailBranding = MailBranding()
    naming: str = NAMING
    """The right-hand side of Message-ID, References and List-Id: of a page's notices `PageView.naming`."""
    earlier: tuple[Earlier, ...] = ()
    """What was said before, newest first; an endpoint that was down gets the whole story in one notice."""
    forms: BodyForms | None = None
    """`body` with its bold, links, lists and code; None where it is plain text, which the channels escape."""

    @property
    def headline(self) -> str:
        """`Resolved: Outbound calls failing`: the subject without the page's name."""
        return f"{self.state}: {self.title}" if self.state else self.title

    @property
    def affects(self) -> str:
        """`This incident affects`, in the tense of the sentence that names the components."""
        return self.affected.partition(":")[0]

    @property
    def states(self) -> str:
        """Each component with its state on a line of its own; the sentence alone where there are no states."""
        lines = (f"{name}: {state}" for name, state in self.components)
        return "\n".join([f"{self.affects}:", *lines]) if self.components else self.affected


@dataclass(frozen=True, slots=True)
class Recipient:
    """One endpoint. `key` is the delivery's stable id; `secrets` sign, the newest first; `leave_url` ends the
    subscription."""

    key: str
    address: str
    secrets: tuple[str, ...]
    leave_url: str
    manage_url: str
    action_url: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a channel that posts over HTTP sends to one recipient."""

    body: bytes
    headers: Mapping[str, str]


Pack = Callable[[Notice, Recipient], Parcel]
"""Makes the parcel of a channel's kind. What it raises costs only that recipient."""


class Verdict(StrEnum):
    """What became of an attempt: accepted, handed over and not confirmed yet, handed over and never confirmed, worth
    another try, not tried since our own way out is closed, or never going to work."""

    SENT = "sent"
    PENDING = "pending"
    UNKNOWN = "unknown"
    RETRY = "retry"
    UNTRIED = "untried"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome for one recipient; `detail` is what the other side said, at most 1,000 characters."""

    key: str
    verdict: Verdict
    detail: str
    retry_after: float | None = None
    """Seconds that the other side asked us to wait."""
    code: int | None = None
    """HTTP status or SMTP reply."""
    took: float = 0.0
    """Seconds from the first byte to the answer."""
    is_theirs: bool = False
    """Whether the endpoint itself failed, and not our own mail server or the way there."""
    is_gone: bool = False
    """Whether the endpoint says that it is no more."""
    later: Callable[[], "Answer"] | None = field(default=None, compare=False, repr=False)
    """Of what is pending: waits for its answer, which is never pending; several minutes, and once only."""


class Sender(Protocol):
    """A channel that is open: it takes batches and gives an answer for each recipient, in any order, sooner or later.

    Leaving the block waits for the answers that are still out. It is used from one thread.
    """

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *why: object) -> None:
        """Finish what was handed over."""

    def send(self, notice: Notice, recipients: Sequence[Recipient]) -> None:
        """Take a batch. Waits for nothing and raises nothing."""

    def work(self, seconds: float, *, enough: int) -> None:
        """Let it work for so long at most, or until so many answers have come."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A channel: its name, its label, how an address is checked and how batches are sent.

    `normalise(address)` returns the address in the one form that we keep, or raises ValueError in plain words.
    `open(answer)` makes a sender, which calls `answer` from any thread.
    """

    name: str
    label: str
    normalise: Callable[[str], str]
    open: Callable[[Callable[[Answer], None]], Sender]
    hint: str = ""
    """An example of an address."""
    is_machine: bool = False
    """It cannot answer a mail: its contact e-mail confirms for it, and it is sent a greeting first of all."""
    signs: bool = False
    """Its owner gets a secret that signs what it is sent."""
    hears_components: bool = False
    """It is sent each change of a component's status as well."""
    room: int = 400
    """How many recipients may be with the sender at once: few where they are served one after another."""

    def send(self, notice: Notice, recipients: Sequence[Recipient]) -> list[Answer]:
        """Send one batch and wait for all of it; the answers in the order of the recipients."""
        answers: dict[str, Answer] = {}

        def keep(answer: Answer) -> None:
            answers[answer.key] = answer

        with self.open(keep) as sender:
            sender.send(notice, recipients)
        return [answers[recipient.key] for recipient in recipients]
