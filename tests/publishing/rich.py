"""A page with everything on it: what the tests in a browser look at."""

from datetime import UTC, datetime, time, timedelta

from incidents.domain.components import ComponentStatus as State
from incidents.domain.hysteresis import Verdict
from incidents.domain.incidents import IncidentStatus as Status
from incidents.domain.pulses import Role
from incidents.models import Component, Incident, Page
from incidents.monitoring import heartbeat
from incidents.operations.actors import DEMO
from incidents.operations.maintenances import update_maintenance
from tests import factories
from tests.operations.test_looks import picture

HOUR = 3600
"""Seconds between checks: what they say here stays fresh for as long as a test lasts."""
LETTER = """Dear customers,

On Friday one malformed certificate stopped the TCP stack of our calling platform.

## What happened

1. A customer's PBX presented it at *09:14*.
2. Every worker read it, and none of them came back.

| Transport | Effect |
|---|---|
| UDP | none |
| TCP and TLS | no registration, no calls |

## What we change

- Certificates are checked before they are loaded.
- `openssl verify` alone is not enough: see <https://www.rfc-editor.org/rfc/rfc5922>.

> We are sorry for the trouble this caused.
"""


def furnish(now: datetime) -> Page:
    """Two groups and services alone, checks that answer and one that does not, ninety days, every kind of incident."""
    page = factories.make_page("SIPcity", at=now - timedelta(days=400))
    services = _services(page, now)
    network, registration, pbx = (services[name] for name in ("Network", "Registration", "Cloud PBX"))
    _past(page, network, pbx, now)
    _letter(page, network, now)
    _maintenances(page, services, now)
    outage = factories.make_incident(
        page,
        "SIP registration failing over TLS",
        body="Phones that register over TLS are refused.\nUDP and TCP are not affected.",
        components={registration: State.MAJOR_OUTAGE, pbx: State.DEGRADED_PERFORMANCE},
        at=now - timedelta(minutes=50),
    )
    factories.make_update(
        outage,
        "A certificate expired; see https://www.sipcity.test/a/very/long/address/that/has/no/place/to/break/at/all.",
        at=now - timedelta(minutes=20),
        next_update_by=now + timedelta(minutes=10),
    )
    heartbeat.beat(Role.PROBES)
    return page


def _services(page: Page, now: datetime) -> dict[str, Component]:
    platform = factories.make_group(page, "Calling Platform", at=now - timedelta(days=399))
    numbers = factories.make_group(page, "Numbers", at=now - timedelta(days=399))
    places = {
        "Network": platform,
        "Registration": platform,
        "Inbound calls": platform,
        "Porting": numbers,
        "Cloud PBX": None,
        "Customer portal": None,
    }
    made = {
        name: factories.make_component(page, name, group=group, at=now - timedelta(days=70 if group else 399))
        for name, group in places.items()
    }
    for name, transports in (("Network", ("udp", "tcp", "tls")), ("Registration", ("udp", "tls"))):
        for transport in transports:
            broken = name == "Registration" and transport == "tls"
            verdict, detail = (Verdict.DOWN, "certificate expired") if broken else (Verdict.UP, "")
            factories.make_probe(
                made[name], transport, last_at=now, interval=HOUR, verdict=verdict, detail=detail
            )
    return made


def _past(page: Page, network: Component, pbx: Component, now: datetime) -> None:
    for days, title, state in (
        (60, "Calls from one carrier fail", State.PARTIAL_OUTAGE),
        (33, "Busy lamps change late", State.DEGRADED_PERFORMANCE),
        (5, "Voicemail is late", State.DEGRADED_PERFORMANCE),
        (3, "تعطل المكالمات الواردة عبر SIP", State.PARTIAL_OUTAGE),
    ):
        noon = datetime.combine((now - timedelta(days=days)).astimezone(page.zone), time(12), page.zone)
        began = noon.astimezone(UTC)  # so that it is over before midnight, whenever the test runs
        body = "نحن نحقق في المشكلة." if days == 3 else "We are investigating."
        incident = factories.make_incident(page, title, body=body, components={pbx: state}, at=began)
        factories.make_update(
            incident, "We watch.", status=Status.MONITORING, at=began + timedelta(minutes=40)
        )
        factories.resolve(incident, at=began + timedelta(hours=2, minutes=20))


def _letter(page: Page, network: Component, now: datetime) -> None:
    began = now - timedelta(days=12)
    incident = factories.make_incident(
        page, "Degraded network, causing calling outage", components={network: State.MAJOR_OUTAGE}, at=began
    )
    factories.make_update(incident, "We have registrations and calls back up.", at=began + timedelta(hours=3))
    factories.resolve(incident, at=began + timedelta(hours=4, minutes=36))
    files = {"certificate finding.pdf": b"%PDF-1.7 finding", "capture.png": picture()}
    signed = {"signatory_name": "The Chief Executive", "signatory_title": "SIPcity"}
    factories.make_rfo(incident, LETTER, at=began + timedelta(days=2), files=files, **signed)
    change = "The time of the first failed call is put right."
    factories.make_rfo(
        incident,
        LETTER.replace("09:14", "09:12"),
        at=began + timedelta(days=4),
        files={"timeline.pdf": b"%PDF-1.7 timeline"},
        change_summary=change,
        **signed,
    )


def _maintenances(page: Page, services: dict[str, Component], now: datetime) -> None:
    night = now - timedelta(days=6)
    done = factories.make_maintenance(
        page,
        "New session border controllers",
        components=[services["Inbound calls"]],
        begins=night,
        ends=night + timedelta(hours=2, minutes=20),
        at=night - timedelta(days=3),
    )
    for status, hours in ((Status.IN_PROGRESS, 0), (Status.COMPLETED, 2)):
        _tell(done, "As planned.", status=status, at=night + timedelta(hours=hours))
    going_on = factories.make_maintenance(
        page,
        "Database of ported numbers moves",
        components=[services["Porting"]],
        begins=now - timedelta(minutes=30),
        ends=now + timedelta(hours=1, minutes=50),
        at=now - timedelta(days=2),
    )
    _tell(going_on, "It has begun.", status=Status.IN_PROGRESS, at=now - timedelta(minutes=29))
    factories.make_maintenance(
        page,
        "Core switch in Sydney is replaced",
        components=[services["Network"], services["Cloud PBX"]],
        begins=now + timedelta(days=3),
        ends=now + timedelta(days=3, hours=2, minutes=20),
        at=now - timedelta(hours=5),
    )


def _tell(maintenance: Incident, body: str, *, status: Status, at: datetime) -> None:
    update_maintenance(maintenance, status=status, body=body, by=DEMO, at=at)
