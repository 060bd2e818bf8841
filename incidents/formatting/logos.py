"""A logo as we keep it: an image of a few formats, drawn anew, so that nothing but its picture is left of the file."""

import io
import warnings

from PIL import Image, UnidentifiedImageError

from incidents.domain.body_limits import LOGO_BYTES

FORMATS = ("PNG", "JPEG", "WEBP")
SIZE_LIMIT = LOGO_BYTES
SIDE_LIMIT = 4000
"""Pixels of a side; asked of the head of the file, before anything is unpacked."""
BOX = (480, 120)
"""Pixels that it is made to fit into: twice what a page shows, for dense screens."""


def drawn_anew(content: bytes) -> bytes:
    """The picture as a PNG of at most BOX. Raises ValueError in plain words."""
    if len(content) > SIZE_LIMIT:
        raise ValueError(f"The file is larger than {SIZE_LIMIT // 1024} kB.")
    try:
        with (
            warnings.catch_warnings(action="error"),
            Image.open(io.BytesIO(content), formats=FORMATS) as image,
        ):
            if max(image.size) > SIDE_LIMIT:
                raise ValueError(
                    f"The picture is {image.width} by {image.height} pixels; {SIDE_LIMIT} a side at most."
                )
            image.load()
            drawn = image.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, Warning, Image.DecompressionBombError) as error:
        raise ValueError(
            "This is no PNG, JPEG or WebP picture. An SVG could hold a script, so none is taken."
        ) from error
    drawn.thumbnail(BOX, Image.Resampling.LANCZOS)
    made = io.BytesIO()
    drawn.save(made, "PNG", optimize=True)
    return made.getvalue()
