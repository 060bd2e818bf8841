"""A PDF parsed, refused where it acts by itself, and written out again by qpdf.

In the bounded child alone, which alone imports pikepdf. Each object is looked at as qpdf reads it, whatever filter or
object stream it lay in. What is written holds only what is reachable: comments, appended data and unused objects go.
"""

import io
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from incidents.domain.documents import SAFE_LINK, SIZE_LIMIT
from incidents.formatting.bounded import ContentRefused

if TYPE_CHECKING:
    from pikepdf import Pdf

MAX_OBJECTS = 200_000
MAX_PAGES = 5_000
MAX_VALUES = 3_000_000
"""Values in all arrays and dictionaries together; the time of the child is used up soon after."""
AGAIN = "Print it to a new PDF and attach that."
_KEYS = {
    "/JavaScript": "runs JavaScript",
    "/JS": "runs JavaScript",
    "/AA": "does something by itself while it is read",
    "/EmbeddedFiles": "carries another file",
    "/EF": "carries another file",
    "/RichMediaContent": "carries a film or a program",
    "/RichMediaSettings": "carries a film or a program",
    "/XFA": "holds a form with scripts",
}
_ACTIONS = {
    "/JavaScript": "runs JavaScript",
    "/Launch": "starts a program",
    "/GoToR": "opens another file",
    "/GoToE": "opens a file that it carries",
    "/ImportData": "reads a file of the reader's machine",
    "/SubmitForm": "sends a form by itself",
    "/Rendition": "plays a film or a sound",
    "/Movie": "plays a film or a sound",
    "/Sound": "plays a film or a sound",
    "/RichMediaExecute": "carries a film or a program",
    "/Thread": "opens another file",
    "/GoTo3DView": "carries a film or a program",
}
_SUBTYPES = {
    "/FileAttachment": "carries another file",
    "/RichMedia": "carries a film or a program",
    "/3D": "carries a film or a program",
    "/Movie": "plays a film or a sound",
    "/Sound": "plays a film or a sound",
    "/Screen": "plays a film or a sound",
    "/PS": "holds a PostScript program",
}
_TYPES = {"/EmbeddedFile": "carries another file"}
_FILE_KEYS = frozenset({"/F", "/UF", "/DOS", "/Mac", "/Unix"})
_BARE_HOST = re.compile(r"#|[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*\.[a-z]{2,}(/|\?|#|\Z)", re.IGNORECASE)


def rewritten_pdf(content: bytes) -> bytes:
    """The same pages without anything that acts by itself. Raises ContentRefused in plain words."""
    import pikepdf  # noqa: PLC0415  (of the child only)

    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise ContentRefused(f"This PDF is encrypted. {AGAIN}")
            objects = list(pdf.objects)
            _check_size(len(pdf.pages), len(objects))
            for value in _values([pdf.trailer, *objects]):
                _check(value)
            _drop_opening(pdf)
            made = io.BytesIO()
            pdf.save(
                made,
                deterministic_id=True,
                compress_streams=False,
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
            )
    except pikepdf.PasswordError as error:
        raise ContentRefused(f"This PDF is encrypted. {AGAIN}") from error
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, KeyError, OverflowError) as error:
        if isinstance(error, ContentRefused):
            raise
        raise ContentRefused(f"This PDF is damaged and cannot be read. {AGAIN}") from error
    if made.tell() > SIZE_LIMIT:
        raise ContentRefused(f"This PDF is too large once it is written in full. {AGAIN}")
    return made.getvalue()


def _check_size(pages: int, objects: int) -> None:
    if not pages:
        raise ContentRefused(f"This PDF has no pages. {AGAIN}")
    if pages > MAX_PAGES or objects > MAX_OBJECTS:
        raise ContentRefused(
            f"This PDF is too large: {MAX_PAGES:,} pages and {MAX_OBJECTS:,} objects are allowed. {AGAIN}"
        )


def _values(objects: Iterable[Any]) -> Iterator[Any]:
    """Every dictionary, that of a stream included, of every object and inside arrays; each once.

    Indirect references are not followed: what they lead to is an object of its own.
    """
    import pikepdf  # noqa: PLC0415

    containers = (pikepdf.Array, pikepdf.Dictionary, pikepdf.Stream)
    left = MAX_VALUES
    for each in objects:
        waiting = [each]
        while waiting:
            found = waiting.pop()
            if not isinstance(found, containers):
                continue
            is_array = isinstance(found, pikepdf.Array)
            if not is_array:
                yield found
            inside = list(found) if is_array else [value for _, value in found.items()]
            left -= len(inside)
            if left < 0:
                raise ContentRefused(f"This PDF holds too much to be checked. {AGAIN}")
            waiting += [value for value in inside if isinstance(value, containers) and not value.is_indirect]


def _check(found: Any) -> None:
    """Raises ContentRefused for a dictionary that acts by itself, carries a file or leads to one."""
    import pikepdf  # noqa: PLC0415

    keys = set(found.keys())
    named = {
        key: str(found[key]) for key in ("/S", "/Subtype", "/Subtype2", "/Type") if _is_name(found, key, keys)
    }
    whats = [
        *(_KEYS[key] for key in keys & _KEYS.keys()),
        _ACTIONS.get(named.get("/S", "")),
        _SUBTYPES.get(named.get("/Subtype", "")) or _SUBTYPES.get(named.get("/Subtype2", "")),
        _TYPES.get(named.get("/Type", "")),
    ]
    for what in filter(None, whats):
        raise ContentRefused(f"This PDF {what}. Export it again without that, or print it to a new PDF.")
    if "/ByteRange" in keys:
        raise ContentRefused(f"This PDF is digitally signed, which storing it would break. {AGAIN}")
    is_stream = isinstance(found, pikepdf.Stream)
    is_elsewhere = is_stream and bool(keys & {"/F", "/Ref"})
    if is_elsewhere or any(isinstance(found[key], pikepdf.String) for key in keys & _FILE_KEYS):
        raise ContentRefused(f"This PDF refers to another file. {AGAIN}")
    if "/URI" in keys:
        _check_link(found["/URI"])


def _is_name(found: Any, key: str, keys: set[str]) -> bool:
    import pikepdf  # noqa: PLC0415

    return key in keys and isinstance(found[key], pikepdf.Name)


def _check_link(link: Any) -> None:
    """An address to the web, a mailbox or a telephone; of a dictionary, which is a base for others, its `/Base`."""
    import pikepdf  # noqa: PLC0415

    if isinstance(link, pikepdf.Dictionary):
        link = link.get("/Base", "http:")
    text = str(link)
    if not SAFE_LINK.match(text) and not _BARE_HOST.match(text):
        raise ContentRefused(
            f"This PDF links to something that is no web or mail address ({text[:80]!r}). Remove that link."
        )


def _drop_opening(pdf: "Pdf") -> None:
    """What is done when it is opened is not needed: the harmless rest of it chooses a page."""
    if "/OpenAction" in pdf.Root:
        del pdf.Root["/OpenAction"]
