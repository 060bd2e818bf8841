"""Mending words that are public already; what they were stays to be read."""

from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.console.audience import audience
from incidents.console.forms.words import FORMATS, WordsField
from incidents.console.notices import hold
from incidents.domain.roles import Right
from incidents.domain.texts import BodyFormat
from incidents.models import Event, IncidentUpdate, Subscriber
from incidents.operations.actors import staff
from incidents.operations.errors import Conflict, Refused
from incidents.operations.revisions import revise_update

UNPROCESSABLE, CONFLICT = 422, 409


class RevisionForm(forms.Form):
    """The words anew, and whether people hear of them."""

    body = WordsField(
        label="Words for customers",
        error_messages={"required": "Say at least one sentence: customers are reading this."},
    )
    notify = forms.BooleanField(label="Tell the subscribers of the new words", required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, update: IncidentUpdate, data: QueryDict | None = None, *, untold: bool) -> None:
        initial = {"body": update.body, "seen": update.revisions.count(), "notify": untold}
        super().__init__(data, initial=initial)
        if update.body_format == BodyFormat.MARKDOWN:
            self.fields["body"].help_text = FORMATS


@door(of=finding.update, read=Right.RESPOND)
def edit(request: StaffRequest, code: str) -> HttpResponseBase:
    """The words of one update. Where its telling was withdrawn, the tick to tell people is set."""
    found = IncidentUpdate.objects.select_related("incident__page").prefetch_related("revisions")
    update = get_object_or_404(found, code=code, rfo_version=None)
    untold = Event.objects.filter(update=update, cancelled_at__isnull=False, component=None).exists()
    form = RevisionForm(update, request.POST if request.method == "POST" else None, untold=untold)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            _revise(request, update, form)
        except Conflict:
            status = CONFLICT
            form = _rebased(update, form, untold=untold)
        except Refused as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, "The page shows the new words, and what they were before.")
            planned = update.incident.state.is_planned
            return redirect("console:maintenance" if planned else "console:incident", update.incident.code)
    return _page(request, update, form, status=status if not form.errors else UNPROCESSABLE)


def _revise(request: StaffRequest, update: IncidentUpdate, form: RevisionForm) -> None:
    words = form.cleaned_data
    revise_update(
        update,
        body=words["body"],
        by=staff(request.user),
        at=now(),
        notify=words["notify"],
        hold=hold(),
        expected_revisions=words["seen"],
    )


def _rebased(update: IncidentUpdate, form: RevisionForm, *, untold: bool) -> RevisionForm:
    """The author's words over what stands there by now."""
    data = cast(QueryDict, form.data).copy()
    data["seen"] = str(IncidentUpdate.objects.get(pk=update.pk).revisions.count())
    return RevisionForm(update, data, untold=untold)


def _page(request: StaffRequest, update: IncidentUpdate, form: RevisionForm, *, status: int) -> HttpResponse:
    told = Subscriber.objects.told_of(update.incident)
    context = {
        "update": IncidentUpdate.objects.get(pk=update.pk),
        "incident": update.incident,
        "form": form,
        "conflict": status == CONFLICT,
        "told": told.count(),
        "audience": audience(told),
    }
    return render(request, "console/revision.html", context, status=status)
