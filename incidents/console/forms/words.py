"""Public words as a field: what no feed can carry is said beside it, together with everything else that is wrong."""

from typing import Any

from django import forms

from incidents.domain.templates import open_places
from incidents.domain.texts import BodyFormat, UncleanText, clean
from incidents.formatting.update_escapes import as_markdown

FORMATS = "Bold, links, lists and code"
"""What a text for customers may hold; the template beside the field shows how each is written."""


def written(text: str, how: BodyFormat) -> str:
    """A stored text as a form shows it, whose own is Markdown: one of plain text then says the same."""
    return as_markdown(text) if how == BodyFormat.PLAIN else text


class WordsField(forms.CharField):
    """Several lines of words for customers; Ctrl and Enter sends them."""

    def __init__(self, *, rows: int = 6, hint: str = "", **options: Any) -> None:
        shape = {"rows": rows, "data-submit": True, "data-key": "u"} | ({"placeholder": hint} if hint else {})
        super().__init__(widget=forms.Textarea(attrs=shape), **options)

    def clean(self, value: Any) -> str:
        """Nothing but what the page can show."""
        try:
            words = clean(super().clean(value))
        except UncleanText as error:
            raise forms.ValidationError(str(error), code="unclean") from error
        check_filled(words)
        return words


def check_filled(words: str) -> None:
    """No place of a template may be left over. Raises ValidationError naming it."""
    if left := open_places(words):
        raise forms.ValidationError(f"Fill in {left[0]} first, or take it out.", code="unfilled")
