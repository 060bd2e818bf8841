"""The webhook's incident, key for key (shared statuspage-api.md, section 4)."""

from datetime import UTC, datetime, timedelta

from incidents.domain.incidents import Impact, IncidentStatus
from incidents.domain.rfo_views import RfoView
from incidents.domain.rfos import RfoKind
from incidents.domain.rollup import roll_up
from incidents.domain.tree import IncidentView, PageView, UpdateView
from incidents.formatting.statuspage import webhook_incident

AT = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
PAGE = PageView("p" * 12, "SIPcity", "Australia/Sydney", "http://status.sipcity.test", 0.3, AT)
RFO = RfoView("RFO-2021-0001", 1, RfoKind.FINAL, "One <b> certificate.", "<p>…</p>", "", "", "", AT, "0" * 64)


def update(status: IncidentStatus, rfo: RfoView | None = None) -> UpdateView:
    body = rfo.body if rfo else "We <b>look</b>."
    return UpdateView(1, "u" * 12, status, body, AT, AT, False, False, None, True, (), rfo)


def incident(*updates: UpdateView, resolved_at: datetime | None = None) -> IncidentView:
    return IncidentView(
        *(1, "i" * 12, "Trunks", updates[0].status, Impact.MAJOR, False, AT, AT, AT, None, resolved_at),
        updates,
    )


def test_the_keys_are_statuspages_in_their_order() -> None:
    payload = webhook_incident(incident(update(IncidentStatus.INVESTIGATING)), PAGE, roll_up([]))
    assert list(payload) == ["page", "incident"]
    assert payload["page"] == {
        "id": "p" * 12,
        "status_indicator": "none",
        "status_description": "All Systems Operational",
    }
    assert list(payload["incident"]) == [
        *(
            "name",
            "status",
            "created_at",
            "updated_at",
            "monitoring_at",
            "resolved_at",
            "impact",
            "shortlink",
        ),
        *(
            "postmortem_ignored",
            "postmortem_body",
            "postmortem_body_last_updated_at",
            "postmortem_published_at",
        ),
        *("postmortem_notified_subscribers", "postmortem_notified_twitter", "backfilled", "scheduled_for"),
        *("scheduled_until", "scheduled_remind_prior", "scheduled_reminded_at", "impact_override"),
        *(
            "scheduled_auto_in_progress",
            "scheduled_auto_completed",
            "id",
            "page_id",
            "incident_updates",
            "components",
        ),
    ]
    (told,) = payload["incident"]["incident_updates"]
    assert list(told)[-2:] == ["wants_twitter_update", "twitter_updated_at"]
    assert told["body"] == "We &lt;b&gt;look&lt;/b&gt;."


def test_a_published_rfo_is_the_postmortem() -> None:
    told = incident(update(IncidentStatus.POSTMORTEM, RFO), update(IncidentStatus.RESOLVED), resolved_at=AT)
    payload = webhook_incident(told, PAGE, roll_up([]))["incident"]
    assert payload["postmortem_body"] == "One &lt;b> certificate." == payload["incident_updates"][0]["body"]
    assert payload["postmortem_published_at"] == "2021-10-09T08:22:00.000+11:00"
    assert payload["postmortem_notified_subscribers"] is True


def test_an_incident_told_only_after_its_end_is_backfilled() -> None:
    before, after = (
        webhook_incident(incident(update(IncidentStatus.RESOLVED), resolved_at=AT + shift), PAGE, roll_up([]))
        for shift in (timedelta(hours=-1), timedelta(hours=1))
    )
    assert (before["incident"]["backfilled"], after["incident"]["backfilled"]) == (True, False)
