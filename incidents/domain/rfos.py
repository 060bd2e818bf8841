"""What an RFO version may be and how its checksum is made (DESIGN 12)."""

import hashlib
import json
from collections.abc import Mapping
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


def checksum(facts: Mapping[str, object]) -> str:
    """SHA-256 (hex) of the facts as canonical JSON: sorted keys, no spaces, UTF-8."""
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
