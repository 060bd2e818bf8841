"""The RFO's draft: its words, who signs it, and the documents that go with it (DESIGN 12)."""

import hashlib
import json
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from incidents.domain.documents import COUNT_LIMIT, SIZE_LIMIT
from incidents.domain.rfos import RfoKind
from incidents.domain.texts import NAME_LIMIT
from incidents.models import Page, RfoVersion, Signatory
from incidents.operations.errors import Refused

KINDS = [(kind.value, kind.value.capitalize()) for kind in RfoKind if kind != RfoKind.WITHDRAWN]
WORDS = ("kind", "body", "signatory", "signatory_name", "signatory_title", "change_summary")
CARRIED = ("body", "signatory", "signatory_name", "signatory_title")


class FilesInput(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/input.html"


class FilesField(forms.FileField):
    """Several documents, each within the size that an RFO takes; what they hold is the operation's to judge."""

    widget = FilesInput(attrs={"accept": ".pdf,.docx,.png,.jpg,.jpeg,.txt"})

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        """All the files, or none."""
        files = [super(FilesField, self).clean(each, initial) for each in data or []]
        for file in files:
            if file.size > SIZE_LIMIT:
                problem = f"{file.name!r} has {file.size:,} bytes; {SIZE_LIMIT:,} are allowed."
                raise forms.ValidationError(problem, code="too_big")
        return files


class RfoForm(forms.Form):
    """A draft as a form. `seen` is the draft that the author began with."""

    body = forms.CharField(
        label="The letter, in Markdown",
        widget=forms.Textarea(attrs={"rows": 18, "data-submit": True}),
        required=False,
    )
    letter = forms.FileField(
        label="Or take the letter from a Word document",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".docx"}),
        help_text="A .docx: its words become the letter above, in place of what stands there.",
    )
    kind = forms.ChoiceField(label="How final it is", choices=KINDS, initial=RfoKind.FINAL.value)
    signatory = forms.ModelChoiceField(
        Signatory.objects.none(),
        required=False,
        label="Who signs",
        empty_label="Nobody signs; the name below is only printed",
        help_text="A signatory signs with a fresh second factor before it can be published.",
    )
    signatory_name = forms.CharField(label="In the name of", max_length=NAME_LIMIT, required=False)
    signatory_title = forms.CharField(label="Title line", max_length=NAME_LIMIT, required=False)
    change_summary = forms.CharField(label="What changed", max_length=NAME_LIMIT, required=False)
    attachment = FilesField(
        label="Attach documents",
        required=False,
        help_text=f"PDF, DOCX, PNG, JPEG or TXT, {SIZE_LIMIT // 2**20} MB each, {COUNT_LIMIT} at most.",
    )
    carry = forms.BooleanField(label="Keep its documents in the next version", required=False, initial=True)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, page: Page, **options: Any) -> None:
        super().__init__(*args, **options)
        choice = self.fields["signatory"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101  (it is declared above)
        choice.queryset = Signatory.objects.filter(page=page, retired_at=None)

    def clean(self) -> dict[str, Any]:
        """A letter, typed or in a document."""
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("body") and not cleaned.get("letter") and "body" not in self.errors:
            self.add_error("body", "An RFO needs at least a summary.")
        return cleaned

    def refuse(self, error: Refused) -> None:
        """Show what an operation refused beside its field."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


def words_of(last: RfoVersion | None) -> dict[str, Any]:
    """What the form begins with: the draft, or for the next version what the published one said."""
    if last is None:
        return {}
    names = WORDS if last.is_open else CARRIED
    return {name: getattr(last, name) for name in names}


def fingerprint(version: RfoVersion | None) -> str:
    """Which words and documents somebody saw, so that nobody overwrites or publishes others unread."""
    if version is None:
        return ""
    facts = [
        version.number,
        version.state,
        *(getattr(version, name) for name in WORDS if name != "signatory"),
        version.signatory_id,
    ]
    facts += [each.sha256 for each in version.attachments.all()]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
