"""The arithmetic of the audit: each line's digest covers the line before it, under a key that no database holds."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

FIRST = "0" * 64
"""What the first line of a chain follows."""
HANDED_OVER = "audit.key_handed_over"
"""The kind of the last line under a key: it names the fingerprint of the key under which the chain goes on."""


def canonical(value: Any) -> str:
    """One spelling for one value: JSON with sorted keys and without white space."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def digest(key: str, previous: str, columns: Mapping[str, Any]) -> str:
    """HMAC-SHA256 over the digest of the line before and all columns of this one, as 64 hexadecimal digits."""
    return _mac(key, "line", f"{previous}{canonical(columns)}")


def seal(key: str, chain: str, number: int, last: str) -> str:
    """What vouches for the end of a chain, so that none of its last lines can be cut off unnoticed."""
    return _mac(key, "head", canonical([chain, number, last]))


def blind(key: str, value: Any) -> str:
    """A value that must not be kept, such as somebody's address: it can be compared, and not read."""
    return _mac(key, "value", canonical(value))


def fingerprint(key: str) -> str:
    """A key's name, 16 hexadecimal digits: it tells keys apart and gives nothing of them away."""
    return _mac(key, "fingerprint", "")[:16]


def _mac(key: str, purpose: str, text: str) -> str:
    return hmac.new(f"dialtone audit {purpose} {key}".encode(), text.encode(), hashlib.sha256).hexdigest()
