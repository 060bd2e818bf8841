"""Many subscribers at once: ended, told again, asked again; and how many there are."""

from typing import Any

from django.db.models import Count
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.described import described
from incidents.api.errors import Unprocessable
from incidents.api.shapes.subscribers import KINDS, STATES, CountOut, HistogramOut, ManyIn
from incidents.api.subscribers import FILTERS, SubscriberFrame, ask_again
from incidents.domain.subscribers import SubscriberState
from incidents.models import Subscriber
from incidents.operations.subscribers import end_subscription, resume_subscription

MOST_AT_ONCE = 1000


class Many(SubscriberFrame):
    """The same for several, all of them or none."""

    among: SubscriberState | None = None
    """The state of those that "all" means."""

    @described("Do it for many", sends=ManyIn, status=201)
    def post(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """What is done is in the path."""
        wanted = self.body(ManyIn, "")["subscribers"]
        rows = self.rows()
        if wanted == "all":
            found = list(
                rows.filter(state=self.among) if self.among else rows.exclude(state=SubscriberState.ENDED)
            )
        else:
            if not isinstance(wanted, list) or not all(isinstance(each, str) for each in wanted):
                raise Unprocessable('subscribers: a list of codes, or "all".')
            found = list(rows.filter(code__in=wanted[: MOST_AT_ONCE + 1]))
            if missing := sorted(set(wanted) - {each.code for each in found}):
                raise Unprocessable(f"subscribers: there is no subscriber {missing[0][:40]} on this page.")
        if len(found) > MOST_AT_ONCE:
            raise Unprocessable(f"subscribers: {MOST_AT_ONCE:,} at a time, no more. Name them in parts.")
        for each in found:
            self.does(each)
        return Response(status=201)

    def does(self, row: Subscriber) -> None:
        """What is done with each."""
        raise TypeError(row)


class UnsubscribeMany(Many):
    """End them."""

    def does(self, row: Subscriber) -> None:
        """One."""
        end_subscription(row, by=self.by, at=self.at)


class ReactivateMany(Many):
    """Tell disabled ones again; one that its owner has ended stays so."""

    among = SubscriberState.DISABLED

    def does(self, row: Subscriber) -> None:
        """One."""
        resume_subscription(row, by=self.by, at=self.at)


class ResendMany(Many):
    """Ask again those that have not confirmed."""

    among = SubscriberState.PENDING

    def does(self, row: Subscriber) -> None:
        """One."""
        ask_again(row, at=self.at)


class Counted(SubscriberFrame):
    """How many there are."""

    def by_kind(self, *fields: str) -> list[dict[str, Any]]:
        """Numbers by these columns."""
        rows = Subscriber.objects.public().filter(page=self.page, incident=None)
        return list(rows.order_by().values(*fields).annotate(number=Count("pk")))


class CountOf(Counted):
    """Of each kind."""

    @described("Count subscribers by type", answers=CountOut, asks=FILTERS[1:3])
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Those that are active, or in the state that is asked for."""
        asked = request.query_params
        state, kind = asked.get("state", "active"), asked.get("type", "")
        if state not in {*STATES.values(), "all"}:
            raise Unprocessable(f"state: one of {', '.join([*STATES.values(), 'all'])}.")
        if kind not in {*KINDS, ""}:
            raise Unprocessable(f"type: one of {', '.join(KINDS)}.")
        found = dict.fromkeys(KINDS, 0)
        for row in self.by_kind("channel", "state"):
            if row["channel"] not in ({kind} if kind else found):
                continue
            if state in {"all", STATES[SubscriberState(row["state"])]}:
                found[row["channel"]] += row["number"]
        return Response(CountOut(found).data)


class Histogram(Counted):
    """Of each kind and state."""

    @described("Count subscribers by type and state", answers=HistogramOut)
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Those that have ended are not counted, as Statuspage does."""
        found = {kind: dict.fromkeys(("active", "unconfirmed", "quarantined", "total"), 0) for kind in KINDS}
        for row in self.by_kind("channel", "state"):
            state = STATES[SubscriberState(row["state"])]
            if row["channel"] in found and state in found[row["channel"]]:
                found[row["channel"]][state] += row["number"]
                found[row["channel"]]["total"] += row["number"]
        return Response(HistogramOut(found).data)
