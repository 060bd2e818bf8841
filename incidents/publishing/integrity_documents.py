"""The installation's public keys, and where the audit ended and what was published of RFOs when heads were published.

`integrity.py` writes these documents; they are rendered for nothing else, and never on demand.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from incidents.domain.published import HeadFacts, VersionFacts
from incidents.publishing.signing_keys import PublicKey

INTEGRITY = "/.well-known/dialtone-integrity.json"
KEYS = "/.well-known/dialtone-keys.json"
KEY = "/.well-known/dialtone-keys/{key}.pem"


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """A published version: its kind, when it was published (ISO 8601), and its JSON's signature where there is one."""

    facts: VersionFacts
    kind: str
    published_at: str
    signature: bytes = b""
    signed_by: str = ""


@dataclass(frozen=True, slots=True)
class IntegrityView:
    """One publication as a page's document tells it; `code` names the publication, `at` is ISO 8601 in UTC."""

    code: str
    at: str
    heads: Sequence[tuple[str, HeadFacts]]
    """Whose chain it is, the page's name or `installation`, and where it ended."""
    versions: Sequence[VersionEntry]


def integrity_json(view: IntegrityView, *, url: str) -> bytes:
    """`/.well-known/dialtone-integrity.json` of the page at `url`."""
    found = {
        "publication": view.code,
        "published_at": view.at,
        "audit": [
            {"of": name, "lines": head.number, "digest": head.digest, "head": str(head)}
            for name, head in view.heads
        ],
        "rfos": [_version(each) for each in view.versions],
        "keys": f"{url}{KEYS}",
    }
    return _json(found)


def keys_json(keys: Sequence[PublicKey], *, url: str) -> bytes:
    """`/.well-known/dialtone-keys.json`: each key with the times in which it signed, the oldest first."""
    found = [
        {
            "id": key.id,
            "algorithm": "Ed25519",
            "url": f"{url}{KEY.format(key=key.id)}",
            "since": key.since,
            "until": key.until or None,
            "pem": key.pem,
        }
        for key in keys
    ]
    return _json({"keys": found})


def _version(entry: VersionEntry) -> dict[str, Any]:
    facts = entry.facts
    return {
        "number": facts.rfo,
        "version": facts.version,
        "kind": entry.kind,
        "published_at": entry.published_at,
        "sha256": facts.sha256,
        "checksum": str(facts),
        "signature": b64encode(entry.signature).decode() or None,
        "signed_by": entry.signed_by or None,
    }


def _json(found: object) -> bytes:
    return json.dumps(found, ensure_ascii=False, indent=2).encode() + b"\n"
