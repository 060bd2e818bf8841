"""A picture as we hand it out: redrawn, so that nothing but its pixels is left of the file.

In the bounded child alone: the decoders of pictures are old code, and a few bytes can unfold to gigabytes.
"""

import io
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from incidents.domain.documents import SIDE_LIMIT
from incidents.formatting.bounded import ContentRefused

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG")


def redraw(content: bytes) -> bytes:
    """The same picture in the same format without anything else that the file held. Raises ContentRefused."""

    def drawn(image: "Image") -> bytes:
        kind = image.format or "PNG"
        plain = image.convert("RGB" if kind == "JPEG" else "RGBA" if "A" in image.getbands() else "RGB")
        made = io.BytesIO()
        plain.save(made, kind, **({"quality": 90} if kind == "JPEG" else {"optimize": False}))
        return made.getvalue()

    return opened(
        content, drawn, formats=FORMATS, side=SIDE_LIMIT, refusal="It is no whole picture. Save it again."
    )


def opened(
    content: bytes, draw: "Callable[[Image], bytes]", *, formats: Sequence[str], side: int, refusal: str
) -> bytes:
    """What `draw` makes of the picture. Its head is asked for its size before a pixel is decoded.

    Raises ContentRefused, with the words of `refusal` where it is no whole picture of these formats.
    """
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  (of the child only)

    try:
        with (
            warnings.catch_warnings(action="error"),
            Image.open(io.BytesIO(content), formats=list(formats)) as image,
        ):
            _check_pixels(image, side)
            image.load()
            return draw(image)
    except ContentRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ContentRefused(f"It has more than {MAX_PIXELS:,} pixels. Make it smaller.") from error
    except (UnidentifiedImageError, OSError, SyntaxError, Warning, ValueError) as error:
        raise ContentRefused(refusal) from error


def _check_pixels(image: "Image", side: int) -> None:
    if max(image.size) > side or image.width * image.height > MAX_PIXELS:
        raise ContentRefused(
            f"It is {image.width:,} by {image.height:,} pixels; {side:,} a side and {MAX_PIXELS:,} in all are "
            "allowed. Make it smaller."
        )
