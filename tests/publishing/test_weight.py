"""What the index costs a reader on the wire (DESIGN 15): 12 components, 90 days, one incident."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import brotli
from django.contrib.staticfiles import finders

from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.models import Page, StatusChange
from incidents.publishing.assets import SCRIPTS
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.publishing.conftest import folder_of

BUDGET = 20_000


def asset(name: str) -> bytes:
    found = finders.find(name)
    assert isinstance(found, str)
    return Path(found).read_bytes()


def test_a_reader_loads_less_than_twenty_kilobytes_in_all(page: Page) -> None:
    now, random = datetime.now(UTC), Random(7)
    group = factories.make_group(page, "SIPcity Calling Platform")
    for number in range(12):
        component = factories.make_component(
            page, f"Service number {number}", group=group if number < 9 else None
        )
        for transport in ("udp", "tcp", "tls"):
            factories.make_probe(component, transport, last_at=now)
        for day in random.sample(range(1, 89), 12):
            at = now - timedelta(days=day)
            StatusChange.objects.create(
                component=component, status=random.choice(list(ComponentStatus)[2:]), at=at
            )
            StatusChange.objects.create(component=component, status="operational", at=at + timedelta(hours=2))
    incident = factories.make_incident(
        page,
        "SIP registration failing over TLS",
        components={component: ComponentStatus.PARTIAL_OUTAGE},
        at=now - timedelta(hours=2),
    )
    for number in range(6):
        factories.make_update(
            incident,
            f"Step {number}: a malformed certificate presented by one customer stops the stack; we are isolating it.",
            status=IncidentStatus.IDENTIFIED,
            at=now - timedelta(hours=1, minutes=-number),
        )
    publish_page(page.pk)
    index = folder_of(page).read("/")
    assert index is not None
    named = re.findall(rb'(?:src|href)="/static/([a-z]+\.(?:css|js))', index.fresh.bodies["identity"])
    assert {name.decode() for name in named} == {"page.css", *(f"{name}.js" for name in SCRIPTS)}
    others = sum(len(brotli.compress(asset(name.decode()), quality=5)) for name in named)
    assert len(index.fresh.bodies["br"]) + others <= BUDGET
    assert len(asset("page.js")) < 3_000
