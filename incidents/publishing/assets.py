"""Addresses of the style sheet, script and icons, each with a digest so that caches never mix two releases."""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

README = "readme/"
"""Pictures of the repository's own pages, which no page of ours loads."""
SCRIPTS = ("theme", "times", "merge", "page", "bars")
"""What each does is said at its head. None of them is needed to read a document."""


@cache
def asset_url(name: str) -> str:
    """`/static/page.css?v=…`; without a digest where the file is not to be found."""
    found = finders.find(name)
    url = f"{settings.STATIC_URL}{name}"
    if not isinstance(found, str):
        return url
    return f"{url}?v={hashlib.sha256(Path(found).read_bytes()).hexdigest()[:10]}"


def own_assets() -> Iterator[tuple[str, Path]]:
    """Names and files of all that pages of ours may load."""
    for folder in map(Path, settings.STATICFILES_DIRS):
        for file in sorted(folder.rglob("*.*")):
            name = file.relative_to(folder).as_posix()
            if not name.startswith(README):
                yield name, file


def script_urls() -> dict[str, str]:
    """The addresses of the scripts by name; a document's template chooses those that have something to do in it."""
    return {name: asset_url(f"{name}.js") for name in SCRIPTS}
