"""An installation with one page on which every class of field holds words that occur nowhere else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User

from incidents.channels.kinds import KINDS
from incidents.domain.alerts import Cause
from incidents.domain.audiences import Audience
from incidents.domain.field_rights import FieldClass
from incidents.domain.journal import EventKind
from incidents.domain.rfo_content import Content, Section, SectionKind
from incidents.domain.rfos import UNPUBLISHED
from incidents.models import (
    ActionItem,
    Attempt,
    Delivery,
    Draft,
    Event,
    Incident,
    Page,
    Probe,
    ProbeResult,
    RfoComment,
    RfoVersion,
    Subscriber,
    Suppression,
)
from incidents.operations.actors import DEMO
from incidents.operations.alerts import Call, add_alert_address, raise_alerts
from incidents.operations.attachments import attach_document
from incidents.operations.credentials import seal
from incidents.operations.endpoint_urls import columns
from incidents.operations.journal import record
from incidents.operations.rfos import draft_rfo
from incidents.operations.signals import make_source
from tests.factories import BEGAN, make_incident, make_rfo, resolve

CANARIES: Mapping[FieldClass, tuple[str, ...]] = {
    FieldClass.RFO_DRAFT: ("canarydraftbody", "canarydraftremark", "canarydraftaction", "canarydraftsummary"),
    FieldClass.RFO_CUSTOMERS: ("canarycustomers", "canaryedition"),
    FieldClass.RFO_INTERNAL: ("canaryinternal",),
    FieldClass.RFO_ATTACHMENT: ("canaryattachment",),
    FieldClass.UNSENT_TEXT: ("canaryunsent",),
    FieldClass.SUBSCRIBER_ADDRESS: ("canaryperson", "canarycontact"),
    FieldClass.ENDPOINT_URL: ("canaryslack", "canaryhook"),
    FieldClass.ALERT_ADDRESS: ("canaryalertmail", "canaryalertchat", "canaryalertanswer"),
    FieldClass.DELIVERY_ANSWER: ("canaryanswer",),
    FieldClass.PROBE_TRACE: ("canarytrace",),
    FieldClass.SECRET: (
        *(
            "canarysecretprobe",
            "canarysecrethook",
            "canarysecretold",
            "canarysecretnonce",
            "canarysecrethash",
        ),
        *("canarysecretdigest", "canarysecretfactor", "canarysecretsource"),
    ),
}
"""Letters alone, so that HTML, JSON and percent encoding print them as they are."""
PERSON = "canaryperson@customer.example"
AWKWARD = "\"<&>' é"
"""Stands beside words that are text, so that each is shown in some encoding."""


@dataclass(frozen=True)
class World:
    """What a walk needs to find its way."""

    page: Page
    addresses: dict[str, str]
    further: dict[str, str]
    """Screens beside those of the console's own list: other rows, other queries, the tables of the set-up."""
    codes: dict[str, Any]
    """What the paths of the API name."""
    published: Incident


def words_in(text: str) -> set[FieldClass]:
    """The classes of field of which a canary stands in a text."""
    low = text.lower()
    return {field for field, words in CANARIES.items() if any(word in low for word in words)}


def make_world(
    incident: Incident, erin: User, addresses: dict[str, str], *, base: str = "https://hooks.example.net"
) -> World:
    """Put canaries into the rows that the console's addresses lead to, and into further ones."""
    page = incident.page
    draft = _fill_draft(incident)
    other = _published(page)
    people = _subscribers(page, base)
    events = _deliveries(incident, people)
    probe = _probe()
    source, _ = make_source(page, name="Other monitoring", by=DEMO, at=BEGAN)
    source.secret = seal("whsec_canarysecretsource")
    source.save()
    for place in (f"incident {incident.code}", f"page {page.code}"):
        fields = {"body": [f"canaryunsent {AWKWARD}"], "title": ["canaryunsent"]}
        Draft.objects.create(user=erin, place=place, fields=fields, saved_at=BEGAN)
    erin.password = "md5$salt$canarysecrethash"
    erin.save()
    Authenticator.objects.create(
        user=erin, type="totp", data={"secret": seal("canarysecretfactor"), "plain": "canarysecretfactor"}
    )
    page.keys.update(digest="canarysecretdigest")
    return World(
        page=page,
        addresses=addresses,
        further=_further(incident, other, draft, events, people),
        codes={
            "component_id": page.components.first().code,
            "group_id": page.groups.first().code,
            "incident_id": incident.code,
            "update_id": incident.updates.first().code,
            "subscriber_id": people["person"].code,
            "rfo_id": draft.rfo.code,
            "number": draft.number,
            "probe_id": probe.code,
            "delivery_id": Delivery.objects.filter(subscriber=people["person"]).latest("pk").pk,
            "metric_id": "nosuchcode00",
            "series_id": page.series.first().code,
            "source_id": source.code,
        },
        published=other,
    )


def _content() -> Content:
    return Content(
        sections=(
            Section(SectionKind.ROOT_CAUSE, f"canarycustomers {AWKWARD}", Audience.CUSTOMER),
            Section(SectionKind.NOTES, f"canaryinternal {AWKWARD}", Audience.INTERNAL),
        )
    )


def _fill_draft(incident: Incident) -> RfoVersion:
    draft = RfoVersion.objects.filter(rfo__incident=incident, state__in=UNPUBLISHED).get()
    attach_document(draft, name="canaryattachment.txt", content=b"canaryattachment", by=DEMO, at=BEGAN)
    draft = draft_rfo(
        incident,
        body=f"canarydraftbody {AWKWARD}",
        change_summary=f"canarydraftsummary {AWKWARD}",
        content=_content(),
        by=DEMO,
        at=BEGAN,
    )
    RfoComment.objects.filter(version=draft).update(body=f"canarydraftremark {AWKWARD}")
    ActionItem.objects.filter(rfo=draft.rfo).update(what="canarydraftaction", audience=Audience.INTERNAL)
    return draft


def _published(page: Page) -> Incident:
    """Another incident, whose published RFO has parts for customers and for ourselves."""
    incident = make_incident(page, "Queues fail")
    resolve(incident)
    version = make_rfo(incident, content=_content())
    RfoVersion.objects.filter(pk=version.pk).update(edition="canaryedition")
    return incident


def _subscribers(page: Page, base: str) -> dict[str, Subscriber]:
    person = Subscriber.objects.public().filter(page=page, channel="email").latest("pk")
    person.address, person.nonce = PERSON, "canarysecretnonce"
    person.save()
    found = {"person": person}
    for name, channel in (("slack", "slack"), ("hook", "webhook")):
        found[name] = Subscriber.objects.create(
            page=page,
            channel=channel,
            **columns(KINDS[channel], f"{base}/services/canary{name}"),
            contact_email="canarycontact@customer.example",
            secret=seal("whsec_canarysecrethook"),
            old_secret=seal("whsec_canarysecretold"),
            state="active",
            nonce="canarysecretnonce",
            created_at=BEGAN,
            confirmed_at=BEGAN,
        )
    alerted = {"alertmail": ("email", "canaryalertmail@staff.example")}
    alerted["alertchat"] = ("slack", f"{base}/services/canaryalertchat")
    for name, (channel, address) in alerted.items():
        found[name], _ = add_alert_address(page, channel=channel, address=address, by=DEMO, at=BEGAN)
    Suppression.objects.create(address=PERSON, why="550 canaryanswer", at=BEGAN)
    Subscriber.objects.filter(is_staff=False).update(disabled_for="550 canaryanswer")
    return found


def _deliveries(incident: Incident, people: Mapping[str, Subscriber]) -> dict[str, Event]:
    """Of an update, of an alert and of a subscription itself: each with what was answered."""
    raise_alerts(
        incident.page,
        [Call(Cause.OPENED, "canary", "Look at this", "Something fails.", "/console/")],
        at=BEGAN,
    )
    told = Event.objects.filter(incident=incident, notifies=True).latest("pk")
    alert = Event.objects.filter(kind=EventKind.ALERT_RAISED).latest("pk")
    own = Event.objects.filter(subscriber=people["alertchat"], notifies=True).latest("pk")
    for name, subscriber in people.items():
        event = alert if name.startswith("alert") else told
        answer = "canaryalertanswer" if subscriber.is_staff else "canaryanswer"
        row, _ = Delivery.objects.update_or_create(
            event=event,
            subscriber=subscriber,
            defaults={"channel": subscriber.channel, "state": "failed", "detail": f"550 {answer} {AWKWARD}"}
            | {"due_at": BEGAN, "created_at": BEGAN, "attempts": 1},
        )
        Attempt.objects.create(delivery=row, number=1, at=BEGAN, took_ms=3, detail=f"{answer} {AWKWARD}")
        record(
            incident.page,
            EventKind.SUBSCRIBER_DISABLED,
            by=DEMO,
            at=BEGAN,
            subscriber=subscriber,
            data={"why": answer},
        )
    Delivery.objects.create(
        event=own, subscriber=people["alertchat"], channel="slack", due_at=BEGAN, created_at=BEGAN
    )
    return {"told": told, "alert": alert, "own": own}


def _probe() -> Probe:
    probe = Probe.objects.latest("pk")
    probe.kind, probe.sealed = "sip_register", seal(json.dumps({"password": "canarysecretprobe"}))
    probe.save()
    ProbeResult.objects.create(
        probe=probe,
        at=BEGAN,
        outcome="ok",
        health="failed",
        trace=[f"> OPTIONS canarytrace {AWKWARD}", "< SIP/2.0 500 canarytrace"],
    )
    return probe


def _further(
    incident: Incident,
    other: Incident,
    draft: RfoVersion,
    events: Mapping[str, Event],
    people: Mapping[str, Subscriber],
) -> dict[str, str]:
    found = {f"post of {name}": f"/console/events/{event.pk}/deliveries" for name, event in events.items()}
    found |= {f"post of {name}, searched": f"{found[f'post of {name}']}?q={PERSON}" for name in events}
    found |= {f"subscriber {name}": f"/console/subscribers/{row.code}" for name, row in people.items()}
    for which in (incident, other):
        here = f"/console/incidents/{which.code}"
        parts = ("", "/rfo", "/rfo/facts", "/rfo/sections", "/rfo/timeline", "/rfo/actions", "/clocks")
        found |= {f"{which.title}{part}": f"{here}{part}" for part in parts}
    attached = draft.attachments.get(name="canaryattachment.txt")
    found["draft's document"] = f"/console/attachments/{attached.code}/{attached.name}"
    found["public door of it"] = f"/attachments/{attached.code}/{attached.name}"
    found["person, found"] = f"/console/subscribers/person?address={PERSON}"
    found["person, handed over"] = f"/console/subscribers/person/download?address={PERSON}"
    for model in ("event", "subscriber", "page", "component", "componentgroup", "probe"):
        found[f"admin {model}"] = f"/admin/incidents/{model}/"
    found["admin"] = "/admin/"
    found["admin, one subscriber"] = f"/admin/incidents/subscriber/{people['slack'].pk}/change/"
    found["admin, one event"] = f"/admin/incidents/event/{events['alert'].pk}/change/"
    found["admin, one probe"] = f"/admin/incidents/probe/{Probe.objects.latest('pk').pk}/change/"
    public = (
        "/",
        "/history",
        "/readyz",
        "/metrics",
        "/help/",
        "/help/staff/",
        "/help/api/",
        "/subscriptions/",
    )
    found |= {f"public {path}": path for path in public}
    found["public incident"] = f"/incidents/{incident.code}"
    return found
