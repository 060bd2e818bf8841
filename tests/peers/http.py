"""One request to a real process."""

import json
import urllib.error
import urllib.request
from typing import Any


def ask(method: str, url: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, Any]:
    """Status and JSON, whatever the status."""
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            status, raw = reply.status, reply.read()
    except urllib.error.HTTPError as error:
        status, raw = error.code, error.read()
    return status, json.loads(raw) if raw else None
