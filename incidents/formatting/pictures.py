"""A picture as we hand it out: drawn anew, so that nothing but its pixels is left of the file.

In a child that can be killed: the decoders of pictures are old code, and a few bytes can unfold to gigabytes. Run as a
module it reads a picture from standard input and writes it to standard output.
"""

import io
import resource
import subprocess
import sys
import warnings
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from incidents.domain.documents import SIDE_LIMIT

DEADLINE_SECONDS = 15.0
MEMORY_LIMIT = 1024 * 1024 * 1024
MOST_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG")
REFUSED = 2
_ROOT = Path(__file__).resolve().parents[2]


def redrawn(content: bytes, *, deadline: float = DEADLINE_SECONDS) -> bytes:
    """The same picture in the same format without anything else that the file held. Raises ValueError saying why."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", "incidents.formatting.pictures"],
            input=content,
            capture_output=True,
            cwd=_ROOT,
            timeout=deadline,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ValueError("It takes too long to be drawn. Make it smaller.") from error
    if child.returncode == REFUSED:
        raise ValueError(child.stderr.decode())
    if child.returncode or not child.stdout:
        raise ValueError("It cannot be drawn. Save it anew.")
    return child.stdout


def draw(content: bytes) -> bytes:
    """The picture, in this process. Raises ValueError."""
    try:
        with (
            warnings.catch_warnings(action="error"),
            Image.open(io.BytesIO(content), formats=FORMATS) as image,
        ):
            if max(image.size) > SIDE_LIMIT or image.width * image.height > MOST_PIXELS:
                raise ValueError(
                    f"It is {image.width} by {image.height} pixels; {SIDE_LIMIT:,} a side and {MOST_PIXELS:,} in all "
                    "are allowed."
                )
            image.load()
            kind = image.format or "PNG"
            plain = image.convert("RGB" if kind == "JPEG" else "RGBA" if "A" in image.getbands() else "RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, Warning, Image.DecompressionBombError) as error:
        raise ValueError("It is no whole picture. Save it anew.") from error
    made = io.BytesIO()
    plain.save(made, kind, **({"quality": 90} if kind == "JPEG" else {"optimize": False}))
    return made.getvalue()


def _main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    try:
        sys.stdout.buffer.write(draw(sys.stdin.buffer.read()))
    except ValueError as error:
        sys.stderr.write(str(error))
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(_main())
