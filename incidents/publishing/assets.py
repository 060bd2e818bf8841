"""Addresses of the style sheet, script and icons, each with a digest so that caches never mix two releases."""

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders


@cache
def asset_url(name: str) -> str:
    """`/static/page.css?v=…`; without a digest where the file is not to be found."""
    found = finders.find(name)
    url = f"{settings.STATIC_URL}{name}"
    if not isinstance(found, str):
        return url
    return f"{url}?v={hashlib.sha256(Path(found).read_bytes()).hexdigest()[:10]}"
