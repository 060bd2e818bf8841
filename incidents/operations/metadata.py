"""A script's own notes on an incident: objects of objects, bounded."""

import json
from typing import Any

from incidents.domain.texts import UncleanText, clean
from incidents.operations.errors import Refused

LIMIT = 10_000
"""Characters as JSON."""
DEPTH = 5


def checked_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """The notes, if each is an object by its name, as Statuspage asks. Raises Refused."""
    if not isinstance(metadata, dict) or not all(isinstance(each, dict) for each in metadata.values()):
        raise Refused("metadata", 'Give an object of objects, such as {"ticket": {"id": 7}}.')
    if _depth(metadata) > DEPTH:
        raise Refused("metadata", f"This is nested more than {DEPTH} deep.")
    try:
        clean(json.dumps(metadata, ensure_ascii=False), limit=LIMIT)
    except UncleanText as error:
        raise Refused("metadata", str(error)) from error
    return metadata


def _depth(value: object) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inside), default=0) if isinstance(value, dict | list) else 0
