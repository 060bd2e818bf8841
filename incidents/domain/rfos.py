"""What an RFO version may be and how its checksum is made (DESIGN 12)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from incidents.domain.audiences import Audience
from incidents.domain.rfo_content import Content


class RfoKind(StrEnum):
    """How final a version means to be."""

    PRELIMINARY = "preliminary"
    INTERIM = "interim"
    FINAL = "final"
    CORRECTION = "correction"
    WITHDRAWN = "withdrawn"


class RfoState(StrEnum):
    """Where a version stands. Published, superseded and withdrawn versions are immutable.

    Approved is no state: it follows from approvals of the very words that the version has.
    """

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


PUBLIC = (RfoState.PUBLISHED, RfoState.SUPERSEDED)
"""The states in which anybody may read a version."""
UNPUBLISHED = (RfoState.DRAFT, RfoState.IN_REVIEW)
"""The states in which its words may still change."""
APPROVALS_FORMAT = 2
"""Of facts that tell the approvals. Those of a version from before do not name their format, and stay as they were."""
FACTS_FORMAT = 3
"""Of facts that tell the incident's title and the page's name as well."""


@dataclass(frozen=True, slots=True)
class PublicApprovals:
    """What the public reads about a version's approvals: how many, and a digest of who gave them."""

    required: int
    given: int
    by: str = ""
    """SHA-256 (hex) of names and instants with the version's salt; empty where nobody approved."""

    def as_json(self) -> dict[str, object]:
        """As it stands in the facts."""
        found: dict[str, object] = {"required": self.required, "given": self.given}
        return found | ({"by": self.by} if self.by else {})


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """The approvals of a version at its publication: how many the page required, and who gave those that held."""

    required: int
    by: tuple[tuple[str, str], ...] = ()
    """The name of each account and the instant (ISO 8601, UTC) of its approval."""

    def as_json(self) -> dict[str, object]:
        """As it is kept."""
        return {"required": self.required, "by": [list(each) for each in self.by]}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "ApprovalRecord":
        """Raises ValueError for a record that `as_json` did not write."""
        try:
            required, by = found["required"], tuple((name, at) for name, at in found["by"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("the record of its approvals cannot be read") from error
        if type(required) is not int or not all(isinstance(each, str) for pair in by for each in pair):
            raise ValueError("the record of its approvals cannot be read")
        return cls(required, by)

    def public(self, salt: str) -> PublicApprovals:
        """Without a name: the salt keeps anybody from guessing who it was."""
        names = json.dumps([list(each) for each in self.by], separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(f"{salt}\n{names}".encode()).hexdigest() if self.by else ""
        return PublicApprovals(self.required, len(self.by), digest)


def facts(
    *,
    number: str,
    version: int,
    kind: str,
    incident: str,
    body: str,
    signatory: tuple[str, str],
    change_summary: str,
    published_at: datetime,
    attachments: Iterable[tuple[str, str]],
    previous: str,
    content: Mapping[str, object] | None = None,
    withheld: Mapping[str, str] | None = None,
    signed_at: datetime | None = None,
    approvals: PublicApprovals | None = None,
    title: str = "",
    page: str = "",
) -> dict[str, object]:
    """What the checksum covers: all that a reader is told, and the version before.

    `incident` is a code, `signatory` name and title, `attachments` are names with their SHA-256, `previous` the
    checksum of the version before or empty. `content` is the public part of what stands beside the letter and
    `withheld` a digest for each other audience's; `approvals` are known of versions that went through the review here
    since format 2. `title` of the incident and name of the `page`, as they were at publication, are known since format
    3. A version that has none of these lacks the keys.
    """
    found: dict[str, object] = {
        "number": number,
        "version": version,
        "kind": kind,
        "incident": incident,
        "body": body,
        "signatory": list(signatory),
        "change_summary": change_summary,
        "published_at": published_at.astimezone(UTC).isoformat(),
        "attachments": [list(each) for each in attachments],
        "previous": previous,
    }
    more = {
        "content": content,
        "withheld": withheld,
        "signed_at": signed_at.astimezone(UTC).isoformat() if signed_at else None,
        "format": FACTS_FORMAT if title or page else APPROVALS_FORMAT if approvals else None,
        "approvals": approvals.as_json() if approvals else None,
        "title": title,
        "page": page,
    }
    return found | {name: value for name, value in more.items() if value}


def withheld_of(content: Content, salt: str) -> dict[str, str]:
    """What the public is told of parts that it may not read: by audience a digest that nobody can guess a part from."""
    parts = {each: content.only_for(each) for each in Audience if each != Audience.PUBLIC}
    return {
        audience.value: hashlib.sha256(f"{salt}\n{canonical(part.as_json())}".encode()).hexdigest()
        for audience, part in parts.items()
        if not part.is_empty
    }


def rendering_digest(markdown: str, html: str, salt: str = "") -> str:
    """SHA-256 (hex) of words together with the HTML that shows them; of words that are not public with a salt."""
    return checksum({"html": html, "markdown": markdown, "salt": salt})


def checksum(found: Mapping[str, object]) -> str:
    """SHA-256 (hex) of the facts as canonical JSON."""
    return hashlib.sha256(canonical(found).encode()).hexdigest()


def canonical(found: Mapping[str, object]) -> str:
    """JSON with sorted keys, no spaces, UTF-8."""
    return json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
