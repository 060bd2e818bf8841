"""How long the body of a request may be, by path and media type: one table for the gate and for the doors behind it.

How much time it may take is here as well.
"""

import re
from enum import Enum, auto
from typing import NamedTuple

from incidents.domain.documents import COUNT_LIMIT, SIZE_LIMIT

FORM_BYTES = 64 * 1024
"""A form that a stranger may send: login, password, subscription, a heartbeat."""
WORDS_BYTES = 1024 * 1024
"""JSON and forms of the console, the admin and the management API."""
LOGO_BYTES = 512 * 1024
ROSTER_BYTES = 10 * 1024 * 1024
"""A CSV file of subscribers."""
GRACE_SECONDS = 10.0
LEAST_BYTES_A_SECOND = 16 * 1024
"""A body has GRACE_SECONDS, and more for as long as it comes at this rate."""
UPLOAD_LEAST_BYTES_A_SECOND = 128 * 1024
"""The same for an upload, of which few come at a time: about 1 Mbit/s."""
UPLOAD_MOST_SECONDS = 300.0
"""No upload takes longer, however long it is: 201 MB come in that time over a line of 6 Mbit/s."""

_WORDS_PATHS = ("/v1/", "/console/", "/admin/", "/mail-events/")
_STRANGERS_PATHS = ("/admin/login/",)
_MULTIPART = "multipart/form-data"
UPLOADS = (
    (re.compile(r"/console/incidents/[^/]+/rfo"), SIZE_LIMIT * COUNT_LIMIT),
    (re.compile(r"/console/pages/[^/]+/look"), LOGO_BYTES),
    (re.compile(r"/console/pages/[^/]+/subscribers/import"), ROSTER_BYTES),
    (re.compile(r"/v1/pages/[^/]+/rfos/[^/]+/attachments(\.json)?"), SIZE_LIMIT),
)
"""Each path that takes files, and what its own form or view allows them in all."""


class Sender(Enum):
    """Who wants to send a file, as far as that can be found out before it comes."""

    STAFF = auto()
    """Signed in, as the session in the database says."""
    SCRIPT = auto()
    """With a key for this."""
    UNKNOWN = auto()
    """Without a session, or without a valid key."""
    NOT_ALLOWED = auto()
    """Known, without the right or the scope that it takes."""
    NOWHERE = auto()
    """Known, but there is no such page or RFO for them."""


class BodyLimit(NamedTuple):
    """`size` in bytes; `is_upload` where files may come, which only people and scripts that are known may send."""

    size: int
    is_upload: bool = False

    def seconds(self, received: int) -> float:
        """How long a body of which `received` bytes have come may have taken, from its beginning."""
        if self.is_upload:
            return min(GRACE_SECONDS + received / UPLOAD_LEAST_BYTES_A_SECOND, UPLOAD_MOST_SECONDS)
        return GRACE_SECONDS + received / LEAST_BYTES_A_SECOND


def body_limit(path: str, media_type: str) -> BodyLimit:
    """The limit for a body of that Content-Type, whatever parameters follow the type."""
    if not path.startswith(_WORDS_PATHS) or path.startswith(_STRANGERS_PATHS):
        return BodyLimit(FORM_BYTES)
    if media_type.partition(";")[0].strip().lower() == _MULTIPART:
        for pattern, size in UPLOADS:
            if pattern.fullmatch(path):
                return BodyLimit(WORDS_BYTES + size, is_upload=True)
    return BodyLimit(WORDS_BYTES)
