"""What all HTML documents share: the frame's words, links that keep the viewer's zone, printed times, updates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from incidents.domain.headline import ShownState, incident_state
from incidents.domain.incidents import IncidentStatus
from incidents.domain.rfo_views import RfoView
from incidents.domain.tree import IncidentView, UpdateView
from incidents.domain.zones import in_zone
from incidents.formatting.affected import affected_of
from incidents.formatting.spans import is_same_day
from incidents.formatting.times import duration, posted, posted_twice, time_parts
from incidents.formatting.update_texts import update_html
from incidents.formatting.words import INCIDENT, RFO, SHOWN, SHOWN_MARKS, approvals, page_label
from incidents.publishing.assets import asset_url, script_urls
from incidents.publishing.linked_data import linked_data
from incidents.publishing.sharing import GENERAL, preview
from incidents.publishing.subjects import Subject, attachment_path, version_path

ZONES = ("UTC", "Australia/Sydney", "Australia/Perth", "Pacific/Auckland", "Asia/Singapore", "Europe/London")
"""Offered in the zone switch beside the page's own; any other may be typed."""


@dataclass(frozen=True)
class Printer:
    """Prints instants and links for one reader."""

    subject: Subject

    @property
    def zone(self) -> ZoneInfo:
        """The zone that times are printed in."""
        return self.subject.zone

    @cached_property
    def query(self) -> str:
        """What links carry on, so that a chosen zone stays chosen."""
        own = self.subject.snapshot.page.zone_name
        return "" if self.zone.key == own else f"?{urlencode({'tz': self.zone.key})}"

    def link(self, path: str) -> str:
        """A link to another document of the page."""
        return f"{path}{self.query}"

    def posted(self, at: datetime) -> SafeString:
        """`Posted Oct 09, 2021 - 08:22 AEDT`, with the instant for machines."""
        return self.time(at, f"Posted {posted(at, self.zone)}", "posted")

    def full(self, at: datetime) -> SafeString:
        """`Oct 09, 2021 - 08:22 AEDT`"""
        return self.time(at, posted(at, self.zone), "full")

    def clock(self, at: datetime) -> SafeString:
        """`19:45 AEDT` today, in full on any other day."""
        today = in_zone(self.subject.snapshot.at, self.zone).date()
        if in_zone(at, self.zone).date() != today:
            return self.full(at)
        parts = time_parts(at, self.zone)
        return self.time(at, f"{parts.time} {parts.zone}", "clock")

    def time(self, at: datetime, text: str, form: str) -> SafeString:
        """A `<time>` element, in its title the page's zone and UTC; `form` tells a script how to print it anew."""
        stamp = in_zone(at, ZoneInfo("UTC"))
        return format_html(
            '<time datetime="{}" title="{}" data-form="{}">{}</time>',
            f"{stamp:%Y-%m-%dT%H:%M:%SZ}",
            posted_twice(at, ZoneInfo(self.subject.snapshot.page.zone_name)),
            form,
            text,
        )


def page(
    subject: Subject,
    template: str,
    *,
    path: str,
    title: str,
    context: Mapping[str, Any],
    state: str = GENERAL,
    picture: str = GENERAL,
    is_unlisted: bool = False,
) -> bytes:
    """An HTML document in the common frame; `state` chooses the icon that the browser's tab shows, `picture` (also a
    state) what a chat program shows of the document. Both are GENERAL where a document does not say how
    things are now. Search engines are asked to leave out what `is_unlisted`.
    """
    snapshot = subject.snapshot
    printer = Printer(subject)
    frame = {
        "page": snapshot.page,
        "title": title,
        "path": path,
        "query": printer.query,
        "zone_name": subject.zone.key,
        "own_zone": snapshot.page.zone_name,
        "zones": [name for name in ZONES if name != snapshot.page.zone_name],
        "css": asset_url("page.css"),
        "scripts": script_urls(),
        "icon": asset_url(f"favicons/{state}.svg"),
        "icon_small": asset_url(f"favicons/{state}-32.png"),
        "icon_large": asset_url(f"favicons/{state}-180.png"),
        "preview": preview(subject, picture=picture),
        "is_unlisted": is_unlisted,
        "linked_data": linked_data(subject, path=path, title=title),
    }
    return render_to_string(f"pages/{template}", {**frame, **context}).encode()


def update_card(update: UpdateView, previous: UpdateView | None, printer: Printer) -> dict[str, Any]:
    """One update as the templates print it."""
    return {
        "code": update.code,
        "status": update.status.value,
        "label": page_label(update.status, previous.status if previous else None),
        "body": update_html(update.body, update.body_format) if update.rfo is None else "",
        "rfo": update.rfo,
        "posted": printer.posted(update.at),
        "added": printer.full(update.created_at) if update.added_later else "",
        "automatic": update.automatic,
        "edited": printer.full(update.changed_at) if update.revisions else "",
        "earlier": [
            (update_html(each.body, update.body_format), printer.full(each.replaced_at))
            for each in update.revisions
        ],
    }


def incident_card(incident: IncidentView, printer: Printer) -> dict[str, Any]:
    """An incident with its updates, newest first."""
    promised = incident.next_update_by
    older = [*incident.updates[1:], None]
    state = incident_state(incident)
    return {
        "code": incident.code,
        "title": incident.title,
        "link": printer.link(incident.path),
        "follow_link": f"/subscriptions/?incident={incident.code}",
        "rfo_link": printer.link(f"/incidents/{incident.code}/rfo"),
        "status": INCIDENT[incident.status] if incident.status != IncidentStatus.POSTMORTEM else "Resolved",
        "is_open": incident.status.is_open,
        "is_over": incident.status.is_over,
        "trouble": SHOWN[state] if state.is_trouble else "",
        "state": mark_of(state, is_over=incident.status.is_over),
        "updates": [
            update_card(update, before, printer)
            for update, before in zip(incident.updates, older, strict=True)
        ],
        "next_update": printer.clock(promised) if promised else "",
        "affected": affected_of(incident),
        "links": [(each.title, printer.link(each.path), each.is_cause) for each in incident.links],
        "window": span_card(incident.plan.scheduled_for, incident.plan.scheduled_until, printer)
        if incident.plan
        else None,
    }


def mark_of(state: ShownState, *, is_over: bool) -> str:
    """The mark of an incident; none of a state's own where one that is over never said how bad it was."""
    return "unknown" if is_over and state == ShownState.ACTIVE_INCIDENT else SHOWN_MARKS[state]


def span_card(begins: datetime, ends: datetime, printer: Printer) -> dict[str, Any]:
    """From when until when: the day again, and the first zone, only where they differ. The end is not before."""
    zone = printer.zone
    first, last = time_parts(begins, zone), time_parts(ends, zone)
    short = is_same_day(begins, ends, zone)
    before = f" {first.zone}" if not short or first.zone != last.zone else ""
    text = f"{first.month} {first.day}, {first.year} - {first.time}{before}"
    return {
        "begins": printer.time(begins, text, "from"),
        "ends": printer.time(ends, f"{last.time} {last.zone}" if short else posted(ends, zone), "until"),
        "lasts": duration(ends - begins),
    }


def rfo_card(rfo: RfoView, printer: Printer) -> dict[str, Any]:
    """An RFO version with its documents."""
    return {
        "number": rfo.number,
        "version": rfo.version,
        "kind": RFO[rfo.kind],
        "body": rfo.body_html,
        "name": rfo.signatory_name,
        "role": rfo.signatory_title,
        "change": rfo.change_summary,
        "published": printer.full(rfo.published_at),
        "signed": printer.full(rfo.signed_at) if rfo.signed_at else "",
        "approvals": approvals(rfo.approvals.required, rfo.approvals.given) if rfo.approvals else "",
        "is_withdrawal": rfo.is_withdrawal,
        "audience": rfo.audience.value,
        "sha256": rfo.sha256,
        "link": printer.link(version_path(rfo)),
        "attachments": [
            {
                "name": each.name,
                "link": quote(attachment_path(each)),
                "size": _size(each.size),
                "kind": each.name.rpartition(".")[2].upper(),
                "sha256": each.sha256,
            }
            for each in rfo.attachments
        ],
    }


def _size(count: int) -> str:
    for unit, scale in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count} bytes"
