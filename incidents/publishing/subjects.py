"""What one document is about: always a page, and perhaps one incident, RFO version or month of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from incidents.domain.rfo_views import AttachmentView, RfoView, TombView
from incidents.domain.tree import ComponentView, IncidentView, Snapshot
from incidents.domain.uptime import Uptime
from incidents.publishing.integrity_documents import IntegrityView
from incidents.publishing.months import Month
from incidents.publishing.signing_keys import PublicKey


class About(StrEnum):
    """The kinds of subject; a row of the site table has one."""

    PAGE = "page"
    INCIDENT = "incident"
    RFO = "rfo"
    VERSION = "version"
    REVISION = "revision"
    """A version that has a public one before it."""
    LETTER = "letter"
    """A version, or what is left of one that was withdrawn."""
    MONTH = "month"
    MAINTENANCE = "maintenance"
    COMPONENT = "component"
    SHOWCASE = "showcase"
    """A component with its past, where the page shows that."""
    LOOK = "look"
    LOGO = "logo"
    INTEGRITY = "integrity"
    """What was published of the page's audit and RFOs."""
    KEY = "key"
    """A public key of the installation."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A detached signature, 64 bytes, and the id of the key that made it."""

    content: bytes
    key: str


@dataclass(frozen=True, slots=True)
class Subject:
    """All that a renderer may know. Times are printed in `zone`, which is the page's own or a viewer's.

    `latest` are three months of history, the newest ones unless others were asked for, and `months` the keys (yyyy-mm)
    of all that have a document. `past` is a component's year.
    """

    snapshot: Snapshot
    zone: ZoneInfo
    incident: IncidentView | None = None
    rfo: RfoView | None = None
    tomb: TombView | None = None
    month: Month | None = None
    latest: tuple[Month, ...] = ()
    months: tuple[str, ...] = ()
    component: ComponentView | None = None
    past: Uptime | None = None
    edition: str = ""
    """The address of the customers' edition, of a document that belongs to it."""
    prints: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the PDFs of the incident's RFO versions that are published, by path."""
    signatures: Mapping[str, Signature] = field(default_factory=dict)
    """The signatures of the files of the incident's RFO versions, by path."""
    integrity: IntegrityView | None = None
    """Where the page's audit ended and what was published of its RFOs."""
    keys: tuple[PublicKey, ...] = ()
    """The public keys of the installation, of which `key` is one."""
    key: PublicKey | None = None

    @property
    def the_incident(self) -> IncidentView:
        """The incident of a document that is about one."""
        assert self.incident is not None  # noqa: S101  (the site table says so)
        return self.incident

    @property
    def the_rfo(self) -> RfoView:
        """The RFO version of a document that is about one."""
        assert self.rfo is not None  # noqa: S101  (the site table says so)
        return self.rfo

    @property
    def the_month(self) -> Month:
        """The month of a document that is about one."""
        assert self.month is not None  # noqa: S101  (the site table says so)
        return self.month

    @property
    def the_integrity(self) -> IntegrityView:
        """The publication of the document that tells it."""
        assert self.integrity is not None  # noqa: S101  (the site table says so)
        return self.integrity

    @property
    def the_key(self) -> PublicKey:
        """The key of a document that is one."""
        assert self.key is not None  # noqa: S101  (the site table says so)
        return self.key

    @property
    def the_component(self) -> ComponentView:
        """The component of a document that is about one."""
        assert self.component is not None  # noqa: S101  (the site table says so)
        return self.component

    @property
    def the_past(self) -> Uptime:
        """The past year of a document that is about a showcased component."""
        assert self.past is not None  # noqa: S101  (the site table says so)
        return self.past

    def names(self) -> Mapping[str, Any]:
        """What the placeholders of a path pattern stand for."""
        named = self.incident or self.component
        rfo = self.rfo or self.tomb
        return {
            "code": named.code if named else "",
            "number": rfo.number if rfo else "",
            "version": rfo.version if rfo else 0,
            "year": f"{self.month.first.year:04}" if self.month else "",
            "month": f"{self.month.first.month:02}" if self.month else "",
            "key": self.key.id if self.key else "",
        }


def versions(incident: IncidentView) -> tuple[RfoView, ...]:
    """The published RFO versions, newest first."""
    found = [update.rfo for update in incident.updates if update.rfo]
    return tuple(sorted(found, key=lambda rfo: rfo.version, reverse=True))


def title_of(subject: Subject, version: RfoView) -> str:
    """The incident's title as the version was published with it; the present one where that is not known."""
    return version.incident_title or subject.the_incident.title


def publisher_of(subject: Subject, version: RfoView) -> str:
    """The page's name as the version was published with it; the present one where that is not known."""
    return version.page_name or subject.snapshot.page.name


def before(incident: IncidentView, version: RfoView) -> RfoView | None:
    """The public version that this one follows, whose words can be set beside its own."""
    earlier = [each for each in versions(incident) if each.version < version.version]
    return earlier[0] if earlier and not version.is_withdrawal and not earlier[0].is_withdrawal else None


def tombs(incident: IncidentView) -> tuple[TombView, ...]:
    """The versions that a later one says to be withdrawn, newest first."""
    last = max((each.version for each in versions(incident) if each.is_withdrawal), default=0)
    found = [each.tomb for each in incident.updates if each.tomb and each.tomb.version < last]
    return tuple(sorted(found, key=lambda each: each.version, reverse=True))


def changes_path(rfo: RfoView) -> str:
    """Where it is to be read what a version changed."""
    return f"{version_path(rfo)}/changes"


def version_path(rfo: RfoView) -> str:
    """Where a published RFO version is to be read; its other forms lie beside and below."""
    return f"/rfo/{rfo.number}/v{rfo.version}"


def form_path(subject: Subject, version: RfoView) -> str:
    """Where the forms of a version lie for the readers of this document, before their endings."""
    return f"/customers/{subject.edition}" if subject.edition else version_path(version)


def attachment_path(attachment: AttachmentView) -> str:
    """Where a published document is to be had."""
    return f"/attachments/{attachment.code}/{attachment.name}"


def attachments(incident: IncidentView) -> tuple[AttachmentView, ...]:
    """The documents of all published versions."""
    return tuple(each for rfo in versions(incident) for each in rfo.attachments)
