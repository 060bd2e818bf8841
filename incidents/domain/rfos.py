"""What an RFO version may be and how its checksum is made (DESIGN 12)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum

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
) -> dict[str, object]:
    """What the checksum covers: all that a reader is told, and the version before.

    `incident` is a code, `signatory` name and title, `attachments` are names with their SHA-256, `previous` the
    checksum of the version before or empty. `content` is the public part of what stands beside the letter and
    `withheld` a digest for each other audience's; a version that has none of these lacks the keys.
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


def checksum(found: Mapping[str, object]) -> str:
    """SHA-256 (hex) of the facts as canonical JSON."""
    return hashlib.sha256(canonical(found).encode()).hexdigest()


def canonical(found: Mapping[str, object]) -> str:
    """JSON with sorted keys, no spaces, UTF-8."""
    return json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
