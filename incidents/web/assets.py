"""Style sheets, scripts and icons of this release, compressed and ready in memory.

They are served in front of Django like the documents that name them, so that a page is whole, and small on the wire,
with everything else dead. WhiteNoise, behind, has the admin's.
"""

import mimetypes
from functools import cache

from incidents.publishing.assets import asset_url, own_assets
from incidents.publishing.bundles import bundle
from incidents.web.answers import Answers, answers

FOR_GOOD = "public, max-age=31536000, immutable"
"""For an address that names the digest of what it leads to."""
AN_HOUR = "public, max-age=3600"


@cache
def the_assets() -> "Assets":
    """Those of this process, compressed once."""
    return Assets()


class Assets:
    """Every file below `static/`, as it was when the process started."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Answers, Answers]] = {}
        for name, file in own_assets():
            path, _, query = asset_url(name).partition("?")
            media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
            charset = "; charset=utf-8" if media_type.startswith("text/") else ""
            content = bundle(path, f"{media_type}{charset}", file.read_bytes())
            self._known[path] = query, answers(content, caching=FOR_GOOD), answers(content, caching=AN_HOUR)

    def find(self, path: str, query: str) -> Answers | None:
        """The answers for a path, or None where there is no such file."""
        known = self._known.get(path)
        if known is None:
            return None
        wanted, for_good, an_hour = known
        return for_good if query == wanted else an_hour
