"""What was published of the audit and of RFOs, outside of the database: heads of chains and checksums of versions.

Each is one word that a person can copy, so that the published document, the daily mail and a command line say the same:
`CHAIN:COUNT:DIGEST` is a head, `PAGE/NUMBER/vN:SHA256` a version.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

HEAD = re.compile(r"(?<![0-9a-z])([0-9a-z]{12})?:(\d{1,18}):([0-9a-f]{64})(?![0-9a-f])")
Fact = TypeVar("Fact")
VERSION = re.compile(r"(?<![0-9a-z])([0-9a-z]{12})/([^\s/:]{1,32})/v(\d{1,6}):([0-9a-f]{64})(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class HeadFacts:
    """Where a chain ended when its head was published. `chain` is a page's code, or empty for the installation."""

    chain: str
    number: int
    digest: str

    def __str__(self) -> str:
        return f"{self.chain}:{self.number}:{self.digest}"


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """A published RFO version: the code of its page, the RFO's number, its own, and its checksum."""

    page: str
    rfo: str
    version: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.page}/{self.rfo}/v{self.version}:{self.sha256}"


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication as it was read again; `code` and `at` (ISO 8601) are empty where its source names neither."""

    heads: tuple[HeadFacts, ...] = ()
    versions: tuple[VersionFacts, ...] = ()
    code: str = ""
    at: str = ""
    source: str = ""


@dataclass(slots=True)
class Published:
    """All that is known to have been published, from any number of sources."""

    publications: list[Publication] = field(default_factory=list)

    def heads(self) -> Mapping[str, Mapping[int, tuple[str, Publication]]]:
        """By chain and count: the digest, and the publication that says so."""
        found: dict[str, dict[int, tuple[str, Publication]]] = defaultdict(dict)
        for publication in self.publications:
            for head in publication.heads:
                found[head.chain][head.number] = head.digest, publication
        return found

    def versions(self) -> Mapping[tuple[str, str], Mapping[int, str]]:
        """By page and RFO: the checksum of each version."""
        found: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
        for publication in self.publications:
            for each in publication.versions:
                found[each.page, each.rfo][each.version] = each.sha256
        return found


def read_publication(text: str, *, source: str = "") -> Publication:
    """What a published document, a daily mail or any note says; nothing is found in a text without heads."""
    heads = tuple(HeadFacts(each[1] or "", int(each[2]), each[3]) for each in HEAD.finditer(text))
    versions = tuple(VersionFacts(each[1], each[2], int(each[3]), each[4]) for each in VERSION.finditer(text))
    code, at = _named(text)
    return Publication(unique(heads), unique(versions), code, at, source)


def _named(text: str) -> tuple[str, str]:
    """The code and the time of a published document; empty for any other text."""
    try:
        found = json.loads(text)
        return str(found["publication"]), str(found["published_at"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", ""


def unique(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Each once, in their order: a mail says everything twice, in text and in HTML."""
    return tuple(dict.fromkeys(facts))
