"""Subscribers brought in and taken away as a CSV file."""

from django import forms
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.domain.roles import Right
from incidents.models import Page
from incidents.operations.actors import staff
from incidents.operations.errors import Refused
from incidents.operations.rosters import MOST_BYTES, export_roster, import_roster


class RosterForm(forms.Form):
    """A file, and whether its people have agreed already."""

    file = forms.FileField(widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}))
    vouched = forms.BooleanField(required=False)
    accept_loss = forms.BooleanField(required=False)

    def clean_file(self) -> str:
        """The file's text."""
        upload = self.cleaned_data["file"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(f"At most {MOST_BYTES // 1024 // 1024} MB. Split the file.")
        try:
            text: str = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(
                "This file is not UTF-8. Save it as “CSV UTF-8” and try again."
            ) from None
        return text


@door(of=finding.page, read=Right.PUBLISH, write=Right.PUBLISH)
def export(request: StaffRequest, code: str) -> HttpResponseBase:  # noqa: ARG001  (a view)
    """All subscribers of a page but those who left."""
    page = get_object_or_404(Page, code=code)
    response = StreamingHttpResponse(export_roster(page), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="subscribers-{page.code}.csv"'
    return response


@door(of=finding.page, read=Right.PUBLISH, write=Right.PUBLISH)
def bring_in(request: StaffRequest, code: str) -> HttpResponse:
    """Take in a file, and say what became of each row."""
    page = get_object_or_404(Page, code=code)
    form = RosterForm(request.POST or None, request.FILES or None)
    report = None
    if request.method == "POST" and form.is_valid():
        try:
            report = import_roster(
                page,
                form.cleaned_data["file"],
                vouched=form.cleaned_data["vouched"],
                accept_loss=form.cleaned_data["accept_loss"],
                by=staff(request.user),
                at=now(),
            )
        except Refused as error:
            form.add_error("file", str(error))
    context = {"page": page, "form": form, "report": report, "at": now()}
    return render(request, "console/roster.html", context, status=422 if form.errors else 200)
