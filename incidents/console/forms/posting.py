"""What every form with public words has: the words, whether to tell people, and the key that makes a double tap one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core import signing
from django.http import QueryDict

from incidents.console.forms.words import FORMATS, WordsField
from incidents.console.once import issued_at, new_key
from incidents.models import Page
from incidents.operations.errors import Refused


class PostingForm(forms.Form):
    """Public words on a page. `issued` is when the form was handed out, after validation."""

    body = WordsField(
        label="Words for customers",
        help_text=FORMATS,
        error_messages={"required": "Say at least one sentence: customers are reading this."},
    )
    notify = forms.BooleanField(label="Tell the subscribers", required=False, initial=True)
    key = forms.CharField(widget=forms.HiddenInput, required=False)

    refused: ClassVar[Mapping[str, str]] = {}
    """Which field of the form stands for a field that an operation refuses, where their names differ."""

    def __init__(self, page: Page, data: QueryDict | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.page = page
        self.zone = page.zone
        self.issued: datetime | None = None

    def clean_key(self) -> str:
        """Read when the form was handed out. A form that we did not hand out is shown again with a key of ours."""
        try:
            self.issued = issued_at(self.cleaned_data["key"])
        except signing.BadSignature as error:
            raise forms.ValidationError(
                "This form had grown too old. Your words are kept: send it again."
            ) from error
        return str(self.cleaned_data["key"])

    def refuse(self, error: Refused) -> None:
        """Show what an operation refused beside its field."""
        field = self.refused.get(error.field, error.field)
        self.add_error(field if field in self.fields else None, str(error))

    def handed_out(self, *, at: datetime) -> str:
        """The key to print: the one that came back if it is ours, so that a second tap is still recognised."""
        return str(self.data["key"]) if self.issued else new_key(at=at)
