"""Words as forms and keys bring them, made fit to be kept."""

from incidents.domain.texts import UncleanText, clean
from incidents.operations.errors import Refused


def checked_line(field: str, text: str, *, limit: int = 255) -> str:
    """One line of clean text. Raises Refused."""
    try:
        return " ".join(clean(text, limit=limit).split())
    except UncleanText as error:
        raise Refused(field, str(error)) from error
