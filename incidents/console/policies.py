"""Setting how a page's RFOs are made: rules, names, holidays, who signs (DESIGN 12)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.console.forms.policies import PolicyForm, SignatoryForm
from incidents.domain.roles import Right
from incidents.models import Page, Signatory
from incidents.operations.actors import staff
from incidents.operations.errors import Refused
from incidents.operations.policies import retire_signatory, save_signatory, set_holidays, set_policy

UNPROCESSABLE = 422


@door(of=finding.page, read=Right.SET_UP, write=Right.SET_UP)
def edit(request: StaffRequest, code: str) -> HttpResponseBase:
    """The rules, and the signatories below them."""
    page = get_object_or_404(Page, code=code)
    step = request.POST.get("step", "")
    rules = PolicyForm(request.POST if step == "rules" else None, page=page)
    signatory = SignatoryForm(request.POST if step == "signatory" else None, page=page)
    if step == "retire":
        row = get_object_or_404(Signatory, page=page, code=request.POST.get("signatory", ""))
        retire_signatory(row, by=staff(request.user), at=now())
        return redirect("console:rfo-rules", code)
    for form, save in ((rules, _save_rules), (signatory, _save_signatory)):
        if form.is_bound and form.is_valid():
            try:
                save(request, page, form.cleaned_data)
            except Refused as error:
                form.refuse(error)
            else:
                messages.success(request, "It is set up so.")
                return redirect("console:rfo-rules", code)
    context = {
        "page": page,
        "rules": rules,
        "signatory": signatory,
        "signatories": page.signatories.filter(retired_at=None).select_related("user"),
    }
    status = UNPROCESSABLE if rules.errors or signatory.errors else 200
    return render(request, "console/rfo_rules.html", context, status=status)


def _save_rules(request: StaffRequest, page: Page, words: dict[str, Any]) -> None:
    at, by = now(), staff(request.user)
    set_policy(
        page,
        approvals=int(words["approvals"]),
        needs_signature=words["needs_signature"],
        letterhead=words["letterhead"],
        terms=words["terms"],
        internal_words=words["internal_words"],
        clock=words["clock"],
        by=by,
        at=at,
    )
    set_holidays(page, days=words["holidays"], by=by, at=at)


def _save_signatory(request: StaffRequest, page: Page, words: dict[str, Any]) -> None:
    save_signatory(
        page, user=words["user"], name=words["name"], title=words["title"], by=staff(request.user), at=now()
    )
