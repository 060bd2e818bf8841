"""What an RFO version may be and how its checksum is made (DESIGN 12)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum


class RfoKind(StrEnum):
    """How final a version means to be."""

    PRELIMINARY = "preliminary"
    INTERIM = "interim"
    FINAL = "final"
    CORRECTION = "correction"
    WITHDRAWN = "withdrawn"


class RfoState(StrEnum):
    """Where a version stands. Published, superseded and withdrawn versions are immutable."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


PUBLIC = (RfoState.PUBLISHED, RfoState.SUPERSEDED)
"""The states in which anybody may read a version."""


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
) -> dict[str, object]:
    """What the checksum covers: all that a reader is told, and the version before.

    `incident` is a code, `signatory` name and title, `attachments` are names with their SHA-256, `previous` the
    checksum of the version before or empty.
    """
    return {
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


def checksum(found: Mapping[str, object]) -> str:
    """SHA-256 (hex) of the facts as canonical JSON: sorted keys, no spaces, UTF-8."""
    canonical = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
