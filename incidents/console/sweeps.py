"""What failed twice in a sweep and was switched off there: shown on the first screen, and switched on again."""

from collections.abc import Collection

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.models import Page, SweepFailure, SystemClock
from incidents.operations.actors import staff
from incidents.operations.sweeps import switch_on_again


def with_failures(pages: QuerySet[Page]) -> list[Page]:
    """The pages, each with `has_failures` and `has_doubtful_clock`, by the one query that finds them."""
    failures = SweepFailure.objects.filter(page=OuterRef("pk"), disabled_at__isnull=False)
    doubted = SystemClock.objects.filter(doubted_at__isnull=False)
    return list(pages.annotate(has_failures=Exists(failures), has_doubtful_clock=Exists(doubted)))


def switched_off(pages: Collection[Page]) -> list[SweepFailure]:
    """Of these pages, the oldest first; asked for only where one has any."""
    if not any(getattr(page, "has_failures", True) for page in pages):
        return []
    rows = SweepFailure.objects.filter(page__in=pages, disabled_at__isnull=False)
    return list(rows.select_related("page").order_by("disabled_at", "pk"))


@door(of=finding.sweep_failure)
def switch_on(request: StaffRequest, code: str) -> HttpResponseBase:
    """Try it again from the next sweep on."""
    failure = SweepFailure.objects.filter(code=code).first()
    if request.method == "POST" and failure:
        switch_on_again(failure, by=staff(request.user), at=now())
        messages.success(
            request, f"{failure.title} is switched on again. After two more failures it is switched off."
        )
    return redirect("console:home")
