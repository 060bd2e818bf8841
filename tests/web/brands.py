"""Three pages in one installation, each full of words that must never be read on another."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.timezone import now

from incidents.domain.components import ComponentStatus
from incidents.domain.rfo_content import Content, Section, SectionKind
from incidents.models import Attachment, Component, ComponentGroup, Incident, IncidentUpdate, Page, Subscriber
from incidents.operations.looks import set_look
from incidents.operations.twins import tell_elsewhere
from tests import factories
from tests.operations.test_looks import picture

IDN = "st\N{LATIN SMALL LETTER O WITH DIAERESIS}rung.test"
IN_DNS = "xn--strung-yxa.test"
"""The same name as browsers send it."""


@dataclass(frozen=True)
class Brand:
    """One page. `word` is part of every name and sentence on it, and of nothing on the others."""

    word: str
    host: str
    page: Page

    def secrets(self) -> set[str]:
        """What no other page may contain: the word, the address of a subscriber, and every public code."""
        mine = {self.word, self.host, self.page.code}
        rows = [
            Component.objects.filter(page=self.page),
            ComponentGroup.objects.filter(page=self.page),
            Incident.objects.filter(page=self.page),
            IncidentUpdate.objects.filter(incident__page=self.page),
            Attachment.objects.filter(version__rfo__page=self.page),
            Subscriber.objects.filter(page=self.page),
        ]
        return mine.union(*(query.values_list("code", flat=True) for query in rows))


def make_brands() -> tuple[Brand, ...]:
    """The first is the default page; the last is known by a name beyond ASCII. One outage is told on all of them."""
    facts = (
        ("kestrel", "status.kestrel.test", "Australia/Sydney", datetime(2021, 3, 9, 1, 0, tzinfo=UTC)),
        ("osprey", "status.osprey.test", "Pacific/Auckland", datetime(2022, 5, 9, 1, 0, tzinfo=UTC)),
        ("merlin", IN_DNS, "America/New_York", datetime(2023, 7, 9, 1, 0, tzinfo=UTC)),
    )
    brands = tuple(_brand(*each) for each in facts)
    _told_on_all(brands)
    return brands


def _brand(word: str, host: str, zone: str, began: datetime) -> Brand:
    before = began - timedelta(days=30)
    page = factories.make_page(f"{word} Telecom", zone=zone, hosts=(host,), url=f"http://{host}", at=before)
    group = factories.make_group(page, f"{word} Platform", at=before)
    network = factories.make_component(page, f"{word} Network", group=group, at=before)
    portal = factories.make_component(page, f"{word} Portal", at=before)
    Component.objects.filter(page=page).update(description=f"What {word} sells.")
    factories.make_probe(network, last_at=now(), detail=f"{word} answers")
    past = factories.make_incident(
        page,
        f"{word} calls failed",
        body=f"{word} looks into it.",
        components={network: ComponentStatus.MAJOR_OUTAGE},
        at=began,
    )
    factories.resolve(past, f"{word} calls work.", at=began + timedelta(hours=2))
    factories.make_rfo(
        past,
        f"The {word} RFO.",
        files={f"{word}-finding.pdf": f"%PDF-1.7 {word}".encode()},
        at=began + timedelta(days=3),
        signatory_name=f"{word} signatory",
        signatory_title=f"{word} chief",
    )
    factories.make_rfo(
        past,
        f"The {word} RFO anew.",
        change_summary=f"{word} knows more.",
        content=Content(sections=(Section(SectionKind.ROOT_CAUSE, f"{word} cause."),)),
        at=began + timedelta(days=4),
    )
    factories.make_maintenance(
        page,
        f"{word} routers",
        body=f"{word} replaces routers.",
        components=[portal],
        begins=now() + timedelta(days=3),
        ends=now() + timedelta(days=3, hours=2),
        at=now(),
    )
    set_look(
        page,
        accent=f"#{word.encode().hex()[:6]}",
        home_url=f"https://{word}.example/",
        support=f"Call {word}.",
        logo=picture(),
        by=factories.DEMO,
        at=before,
    )
    Subscriber.objects.create(
        page=page,
        channel="email",
        address=f"{word}@subscriber.test",
        state="active",
        nonce="n",
        created_at=before,
    )
    return Brand(word, host, page)


def _told_on_all(brands: tuple[Brand, ...]) -> None:
    first, *others = brands
    incident = factories.make_incident(
        first.page, f"{first.word} cable cut", body=f"{first.word} is cut.", at=now()
    )
    for each in others:
        tell_elsewhere(
            incident,
            each.page,
            title=f"{each.word} cable cut",
            body=f"{each.word} is cut.",
            components={
                Component.objects.get(
                    page=each.page, name=f"{each.word} Portal"
                ): ComponentStatus.PARTIAL_OUTAGE
            },
            by=factories.DEMO,
            at=now(),
        )
