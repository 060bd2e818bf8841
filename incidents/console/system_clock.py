"""The server's clock was set: both times on the first screen, and a person's word that the clock is right."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.timezone import now

from incidents.console.access import StaffRequest, door
from incidents.domain.roles import Right
from incidents.models import Page
from incidents.operations.actors import staff
from incidents.operations.system_clock import confirm_clock, doubted_clock, expected_time


@dataclass(frozen=True, slots=True)
class DoubtedClock:
    """What the clock shows, what it was expected to show, and whether the reader may confirm it."""

    shown: datetime
    expected: datetime
    may_confirm: bool


def clock_in_doubt(request: StaffRequest, pages: Collection[Page], *, at: datetime) -> DoubtedClock | None:
    """The clock that waits for a person; asked for only where one of the reader's pages says that there is any."""
    if not any(getattr(page, "has_doubtful_clock", True) for page in pages):
        return None
    row = doubted_clock()
    if row is None:
        return None
    return DoubtedClock(at, expected_time(row, at=at), request.rights.may(Right.RESPOND, None))


@door(everywhere=True, read=Right.RESPOND, write=Right.RESPOND)
def confirm(request: StaffRequest) -> HttpResponseBase:
    """Go on by the time that the clock shows. A second time changes nothing."""
    if request.method == "POST" and confirm_clock(by=staff(request.user), at=now()):
        messages.success(request, "The clock is confirmed. What waited for it goes on now.")
    return redirect("console:home")
