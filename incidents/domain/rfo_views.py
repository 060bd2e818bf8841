"""The frozen tree's RFO versions: what a reader of one audience is told."""

from dataclasses import dataclass, field
from datetime import datetime

from incidents.domain.audiences import Audience
from incidents.domain.rfo_content import Content, SectionKind
from incidents.domain.rfos import PublicApprovals, RfoKind, facts


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A document of an RFO; size in bytes."""

    code: str
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section as HTML, which was sanitised when it was saved."""

    kind: SectionKind
    html: str
    audience: Audience = Audience.PUBLIC


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands at the head of the paper, as it was when the version was published. `logo` is a PNG or empty."""

    lines: tuple[str, ...] = ()
    support: str = ""
    logo: bytes = b""


@dataclass(frozen=True, slots=True)
class TombView:
    """What is left of a version that was withdrawn: that it was there, and its checksum."""

    number: str
    version: int
    kind: RfoKind
    published_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class RfoView:
    """A published RFO version as `audience` may read it. `body_html` is sanitised; `body` is its Markdown.

    `sha256` covers its facts and, by `previous_sha256`, the version before; that is empty for the first. `withheld` are
    audiences and digests of what others may read beside; `public` is what the checksum covers, whoever reads this.
    """

    number: str
    version: int
    kind: RfoKind
    body: str
    body_html: str
    signatory_name: str
    signatory_title: str
    change_summary: str
    published_at: datetime
    sha256: str
    previous_sha256: str = ""
    attachments: tuple[AttachmentView, ...] = ()
    content: Content = field(default_factory=Content)
    sections: tuple[SectionView, ...] = ()
    public: Content = field(default_factory=Content)
    withheld: tuple[tuple[str, str], ...] = ()
    signed_at: datetime | None = None
    approvals: PublicApprovals | None = None
    """None where it is not known how many were required and given."""
    letterhead: Letterhead = field(default_factory=Letterhead)
    audience: Audience = Audience.PUBLIC
    incident_title: str = ""
    """That of its publication; empty where it is not known, as is the next."""
    page_name: str = ""

    @property
    def names_its_titles(self) -> bool:
        """Whether its checksum covers the incident's title and the page's name, which its forms print."""
        return bool(self.incident_title and self.page_name)

    @property
    def is_withdrawal(self) -> bool:
        """Whether it says only that the versions before it are withdrawn."""
        return self.kind == RfoKind.WITHDRAWN

    def facts(self, incident: str) -> dict[str, object]:
        """What its checksum covers; `incident` is a code."""
        return facts(
            number=self.number,
            version=self.version,
            kind=self.kind.value,
            incident=incident,
            body=self.body,
            signatory=(self.signatory_name, self.signatory_title),
            change_summary=self.change_summary,
            published_at=self.published_at,
            attachments=[(each.name, each.sha256) for each in self.attachments],
            previous=self.previous_sha256,
            content=self.public.as_json(),
            withheld=dict(self.withheld),
            signed_at=self.signed_at,
            approvals=self.approvals,
            title=self.incident_title,
            page=self.page_name,
        )
