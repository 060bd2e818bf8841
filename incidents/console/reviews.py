"""What becomes of an RFO's draft: reviewed, approved, signed, scheduled, published, withdrawn (DESIGN 12)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.timezone import now

from incidents.console import finding, second_factor
from incidents.console.access import StaffRequest, door
from incidents.console.forms.times import WallClockField
from incidents.console.notices import hold
from incidents.console.rfos import last_version
from incidents.domain.roles import Right
from incidents.domain.zones import LocalTimeError, resolve_local
from incidents.models import Incident, RfoComment, RfoVersion
from incidents.operations import reviews
from incidents.operations.actors import staff
from incidents.operations.approvals import is_fresh
from incidents.operations.autodrafts import draft_from_record, regenerate
from incidents.operations.errors import Refused
from incidents.operations.faults import faults_of, may_be_mended, mended
from incidents.operations.rfos import discard_draft, draft_rfo, words_digest
from incidents.operations.staff import asks_for_factor
from incidents.operations.versions import withdraw_rfo

Step = Callable[[StaffRequest, RfoVersion], str]
"""Does it, and returns what to say. Raises Refused."""


@door(of=finding.incident, write=Right.PUBLISH)
def act(request: StaffRequest, code: str) -> HttpResponseBase:
    """One step; which one is in the button that was pressed."""
    incident = get_object_or_404(Incident.objects.unplanned().select_related("page"), code=code)
    if request.method != "POST":
        return redirect("console:rfo", code)
    step, version = request.POST.get("step", ""), last_version(incident)
    if _wants_factor(request, step):
        return second_factor.ask(request, then=f"{reverse('console:rfo', args=[code])}#standing")
    try:
        if step == "draft":
            said = _draft(request, incident)
        else:
            said = (
                STEPS.get(step, _nothing)(request, version) if version else "Begin the draft with its letter."
            )
        messages.success(request, said)
    except (Refused, ValidationError) as error:
        messages.error(
            request, " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        )
    return redirect("console:rfo", code)


def _draft(request: StaffRequest, incident: Incident) -> str:
    draft_from_record(incident, by=staff(request.user), at=now())
    return "Drafted from the record. Fill in what it cannot know."


def _nothing(request: StaffRequest, version: RfoVersion) -> str:  # noqa: ARG001  (a step's shape)
    raise Refused("step", "There is no such step.")


def _ask(request: StaffRequest, version: RfoVersion) -> str:
    reviews.ask_review(version, by=staff(request.user), at=now())
    return f"{version} is ready to be reviewed."


def _back(request: StaffRequest, version: RfoVersion) -> str:
    reviews.take_back(version, by=staff(request.user), at=now())
    return f"{version} is a draft again."


def _approve(request: StaffRequest, version: RfoVersion) -> str:
    reviews.approve(
        version,
        digest=request.POST.get("seen", ""),
        shown_at=shown_at(request),
        by=staff(request.user),
        at=now(),
    )
    return f"You have approved {version}."


def _sign(request: StaffRequest, version: RfoVersion) -> str:
    reviews.sign(
        version,
        digest=request.POST.get("seen", ""),
        shown_at=shown_at(request),
        by=staff(request.user),
        at=now(),
    )
    return f"You have signed {version}."


def _comment(request: StaffRequest, version: RfoVersion) -> str:
    words = request.POST
    reviews.add_comment(
        version, body=words.get("comment", ""), place=words.get("place", ""), by=staff(request.user), at=now()
    )
    return "Your remark is there for the writers."


def _settle(request: StaffRequest, version: RfoVersion) -> str:
    comment = get_object_or_404(RfoComment, version=version, pk=_number(request, "comment"))
    reviews.settle_comment(comment, by=staff(request.user), at=now())
    return "Settled."


def _mend(request: StaffRequest, version: RfoVersion) -> str:
    """Carry out one of the mends that a check offers, wherever the check has found the same."""
    message, new = request.POST.get("fault", ""), request.POST.get("new", "")
    found = [
        (fault, number)
        for fault in faults_of(version)
        for number, mend in enumerate(fault.mends)
        if fault.message == message and mend.new == new and may_be_mended(fault)
    ]
    if not found:
        raise Refused("fault", "This has been mended already, or the words have changed.")
    read = words_digest(version)
    for fault, number in found:  # in memory, and written once
        body, content = mended(version, fault, number)
        version.body, version.content = body, content.as_json()
    _rewrite(request, version, expected=read)
    return f"“{new}” is written {len(found)} time{'s' if len(found) > 1 else ''} now."


def _rewrite(request: StaffRequest, version: RfoVersion, *, expected: str) -> None:
    """Write the draft as it is in memory."""
    draft_rfo(
        version.rfo.incident,
        body=version.body,
        content=version.whole,
        kind=version.rfo_kind,
        signatory=version.signatory,
        signatory_name=version.signatory_name,
        signatory_title=version.signatory_title,
        change_summary=version.change_summary,
        expected=expected,
        by=staff(request.user),
        at=now(),
    )


def _regenerate(request: StaffRequest, version: RfoVersion) -> str:
    regenerate(version, digest=request.POST.get("seen", ""), by=staff(request.user), at=now())
    return "It says what the record says by now."


def _schedule(request: StaffRequest, version: RfoVersion) -> str:
    at, page = now(), version.rfo.page
    local = WallClockField(required=False).clean(request.POST.get("publish_at", ""))
    if local is None:
        raise Refused("publish_at", "Say when it is to be published.")
    try:
        then = resolve_local(local, page.zone)
    except LocalTimeError as error:
        raise Refused("publish_at", str(error)) from error
    reviews.schedule(
        version,
        digest=request.POST.get("seen", ""),
        publish_at=then,
        accept="accept" in request.POST,
        notify="notify" in request.POST,
        by=staff(request.user),
        at=at,
    )
    return f"{version} will be published by itself, unless its words change."


def _discard(request: StaffRequest, version: RfoVersion) -> str:
    discard_draft(version, by=staff(request.user), at=now())
    return f"{version} is thrown away."


def _withdraw(request: StaffRequest, version: RfoVersion) -> str:
    withdraw_rfo(
        version.rfo,
        reason=request.POST.get("reason", ""),
        by=staff(request.user),
        at=now(),
        notify="notify" in request.POST,
        hold=hold(),
    )
    return f"{version.rfo} is withdrawn."


STEPS: Mapping[str, Step] = {
    "ask": _ask,
    "back": _back,
    "approve": _approve,
    "sign": _sign,
    "comment": _comment,
    "settle": _settle,
    "mend": _mend,
    "regenerate": _regenerate,
    "schedule": _schedule,
    "discard": _discard,
    "withdraw": _withdraw,
}


def _number(request: StaffRequest, name: str) -> int:
    value = request.POST.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 15 else 0  # noqa: PLR2004


def shown_at(request: StaffRequest) -> datetime | None:
    """When this session last showed a second factor."""
    records = get_authentication_records(request, request.user)
    times = [float(each["at"]) for each in records if each.get("method") == "mfa"]
    return datetime.fromtimestamp(max(times), UTC) if times else None


def _wants_factor(request: StaffRequest, step: str) -> bool:
    """Whether the step takes a second factor that was shown just now, and this session has shown none."""
    asks = step == "sign" or (step == "approve" and asks_for_factor(request.user))
    return asks and not is_fresh(shown_at(request), at=now())
