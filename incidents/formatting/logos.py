"""A logo as we keep it: an image of a few formats, redrawn in the bounded child, so that only its picture is left."""

import io
from typing import TYPE_CHECKING

from incidents.formatting.bounded import ChildFailed, LimitExceeded, Limits, bounded
from incidents.formatting.pictures import opened

if TYPE_CHECKING:
    from PIL.Image import Image

from incidents.domain.body_limits import LOGO_BYTES

FORMATS = ("PNG", "JPEG", "WEBP")
SIZE_LIMIT = LOGO_BYTES
SIDE_LIMIT = 4000
"""Pixels of a side; asked of the head of the file, before anything is unpacked."""
BOX = (480, 120)
"""Pixels that it is made to fit into: twice what a page shows, for dense screens."""
LIMITS = Limits(cpu_seconds=5, memory_bytes=768 * 1024 * 1024, deadline_seconds=120.0)
REFUSAL = "This is no PNG, JPEG or WebP picture. An SVG could hold a script, so none is taken."


def redrawn_logo(content: bytes) -> bytes:
    """The picture as a PNG of at most BOX. Raises ValueError in plain words, and ChildBusy."""
    if len(content) > SIZE_LIMIT:
        raise ValueError(f"The file is larger than {SIZE_LIMIT // 1024} kB.")
    try:
        return bounded(__name__, content, LIMITS)
    except LimitExceeded as error:
        raise ValueError("The picture takes too long to be drawn. Make it smaller.") from error
    except ChildFailed as error:
        raise ValueError(REFUSAL) from error


def work(content: bytes) -> bytes:
    """The child's part."""

    def drawn(image: "Image") -> bytes:
        from PIL.Image import Resampling  # noqa: PLC0415  (of the child only)

        small = image.convert("RGBA")
        small.thumbnail(BOX, Resampling.LANCZOS)
        made = io.BytesIO()
        small.save(made, "PNG", optimize=True)
        return made.getvalue()

    return opened(content, drawn, formats=FORMATS, side=SIDE_LIMIT, refusal=REFUSAL)
