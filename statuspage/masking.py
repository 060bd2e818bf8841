"""What no log line may hold: keys, tokens, query strings, cookies, URLs that open something, mailboxes.

Every pattern is bounded, so that a hostile path of any length costs time in proportion to it.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from numbers import Number
from typing import Any
from urllib.parse import urlsplit

TOKEN_PATHS = (
    r"subscriptions/(?:confirm|manage|unsubscribe)/",
    r"accounts/password/reset/key/",
    r"accounts/confirm-email/",
    r"beats/",
    r"customers/",
    r"attachments/[\w-]{1,40}/",
)
"""What comes before a segment that opens something for whoever knows it, or that somebody has named."""
_URL = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s'\"<>]+")
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(authorization|cookie)(['\"]?\s{0,4}[:=]).*", re.IGNORECASE), r"\1\2 …"),
    (re.compile(r"\b(oauth|bearer|basic)\s{1,4}[\w.~+/=-]{16,}", re.IGNORECASE), r"\1 …"),
    (re.compile(rf"({'|'.join(TOKEN_PATHS)})[^\s/?'\"<>]+"), r"\1…"),
    (re.compile(r"\bdt_[\w-]{10,}"), "dt_…"),
    (re.compile(r"\bwhsec_[\w+/=-]+"), "whsec_…"),
    (re.compile(r"\bgAAAA[\w-]{20,}={0,2}"), "gAAAA…"),
    (re.compile(r"\b(?:\d{1,12}\.)?[0-9a-z]{8,16}\.[0-9a-f]{16,40}\.[\w-]{20,}"), "…"),
    (
        re.compile(r"(sessionid|csrf\w{0,20}|api_?key|passwo?r?d\w?|secret|token)=[^\s&;]+", re.IGNORECASE),
        r"\1=…",
    ),
    (re.compile(r"\?\S+"), "?…"),
    (re.compile(r"([\w.+%=-])[\w.+%=-]{0,63}@((?:[\w-]{1,63}\.){1,8}[\w-]{2,63})"), r"\1…@\2"),
)
_SECRET_NAMES = re.compile(r"(?i)passw|secret|token|authorization|cookie|credential|api_?key|^key$")


def masked_text(text: str) -> str:
    """The text with everything in it that opens something replaced by `…`."""
    text = _URL.sub(_without_path, text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def _without_path(found: re.Match[str]) -> str:
    """`https://hooks.slack.com/…`: a URL's path may be all the authority that its owner has."""
    url = found.group()
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"{url.partition('://')[0]}://…"
    if not parts.netloc:
        return url
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{'/…' if url.rstrip('/').count('/') > 2 or parts.query else ''}"  # noqa: PLR2004


def masked(value: Any) -> Any:
    """A fact beside a log line, as it may be written: plain values stay, anything else is its masked text."""
    if value is None or isinstance(value, bool | Number | date | timedelta):
        return value
    if isinstance(value, bytes):
        return masked_text(value.decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        return {
            str(name): "…" if _SECRET_NAMES.search(str(name)) else masked(each)
            for name, each in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(each) for each in value]
    return masked_text(value if isinstance(value, str) else repr(value))
