"""The letter: what it says on each page, what it leaves out, and that it asks nobody for anything."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from incidents.domain.components import ComponentStatus
from incidents.domain.rfo_content import Content, Entry
from incidents.formatting.pdf import press
from incidents.models import Incident, Page, RfoVersion
from incidents.publishing import rfo_print
from incidents.publishing.site import documents
from incidents.publishing.snapshot import Reader
from incidents.publishing.subjects import About, Subject
from tests import factories
from tests.factories import BEGAN
from tests.peers.paper import (
    paper_facts,
    paper_inside,
    paper_structure,
    paper_unpacked,
    paper_words,
    require_press,
)
from tests.peers.sink import hook_sink
from tests.publishing.pages import words

ROW = "| 08:{:02} | proxy-syd-1 | TLS handshakes time out |\n"
TABLE = "| Time | Host | Found by us |\n|---|---|---|\n"


@pytest.fixture
def incident(page: Page) -> Incident:
    incident = factories.make_incident(page, "Trunks down")
    factories.resolve(incident)
    return incident


def subject_of(incident: Incident, version: int = 1) -> Subject:
    """The version as the publisher knows it."""
    reader = Reader(incident.page, at=datetime.now(UTC), site_url=settings.SITE_URL)
    (view,) = reader.incidents([incident.pk])
    frame = Subject(reader.frame(), reader.zone, incident=view)
    found = [each for _, _, each in documents(frame, about=(About.VERSION,))]
    return next(each for each in found if each.the_rfo.version == version)


def printed(incident: Incident, version: int = 1) -> bytes:
    require_press()
    return rfo_print.rfo_pdf(subject_of(incident, version))


def test_every_page_says_what_it_is_where_it_is_from_and_how_to_check_it(incident: Incident) -> None:
    rows = "".join(ROW.format(number % 60) for number in range(120))
    version = factories.make_rfo(incident, f"## What was found\n\n{TABLE}{rows}")
    content = printed(incident)
    pages = paper_words(content).split("\f")[:-1]
    assert len(pages) == int(paper_facts(content)["Pages"]) > 2
    for number, text in enumerate(pages, start=1):
        assert "RFO-2021-0001, version 1 (final)" in text
        assert f"Page {number} of {len(pages)}" in text
        assert version.sha256 in text
        assert "http://status.sipcity.test/rfo/RFO-2021-0001/v1" in text
    assert sum("Time Host Found by us" in text for text in pages) >= len(pages) - 1
    assert sum(text.count("TLS handshakes") for text in pages) == 120


def test_it_tells_the_whole_story_in_the_zone_of_the_page(outage: Incident) -> None:
    subject = replace(subject_of(outage), zone=factories.make_page("2talk", zone="Pacific/Auckland").zone)
    text = words(rfo_print.source(subject))
    told = [
        *("SIPcity Reason for outage", "Degraded network, causing calling outage"),
        *("Published Oct 29, 2021 - 14:12 AEDT", "Began Oct 09, 2021 - 08:22 AEDT"),
        *("Resolved Oct 10, 2021 - 12:49 AEDT , after 1 d 4 h 27 min", "One malformed certificate."),
        *("The Chief Executive SIPcity", "What we told you, and when"),
        *("Oct 09, 2021 - 08:22 AEDT Identified", "Oct 09, 2021 - 12:58 AEDT Monitoring"),
        "This incident affected: SIPcity Calling Platform (Network) and SIPcity Cloud PBX.",
    ]
    places = [text.find(each) for each in told]
    assert -1 not in places, told[places.index(-1)]
    assert places == sorted(places)


def test_its_headings_lead_down_without_a_gap(incident: Incident) -> None:
    factories.make_rfo(incident, "### Why\n\nSo.\n\n#### Exactly\n\nThus.")
    tags = [tag for tag in paper_structure(printed(incident)) if tag[0] == "H"]
    assert tags == ["H1", "H2", "H3", "H2"]


def test_attached_documents_are_listed_with_their_checksums_and_are_not_inside(incident: Incident) -> None:
    version = factories.make_rfo(incident, files={"Größe 1.pdf": b"%PDF-1.4 canary"})
    content = printed(incident)
    text = paper_words(content)
    kept = version.attachments.get()
    assert f"Größe 1.pdf {kept.size} bytes" in text
    assert f"SHA-256 {kept.sha256}" in text
    assert paper_inside(content) == ["RFO-2021-0001-v1.json"]
    assert b"canary" not in paper_unpacked(content)


def test_what_is_said_later_is_not_in_it(incident: Incident) -> None:
    factories.make_rfo(incident)
    before = rfo_print.source(subject_of(incident))
    component = factories.make_component(incident.page, "Network")
    factories.make_update(
        incident,
        "It is back.",
        at=BEGAN + timedelta(days=40),
        components={component: ComponentStatus.MAJOR_OUTAGE},
    )
    factories.make_update(
        incident, "Said too late.", at=BEGAN + timedelta(days=41), happened_at=BEGAN + timedelta(minutes=9)
    )
    factories.resolve(incident, at=BEGAN + timedelta(days=42))
    factories.make_rfo(incident, "Two.", change_summary="The second one.", at=BEGAN + timedelta(days=50))
    assert rfo_print.source(subject_of(incident)) == before
    second = words(rfo_print.source(subject_of(incident, 2)))
    assert "What changed The second one." in second
    assert "Said too late." in second


def test_of_very_many_updates_the_newest_are_printed(incident: Incident) -> None:
    for number in range(rfo_print.MOST_UPDATES + 3):
        factories.make_update(incident, f"Word {number}.", at=BEGAN + timedelta(hours=1, minutes=number))
    factories.resolve(incident, at=BEGAN + timedelta(hours=9))
    factories.make_rfo(incident)
    text = words(rfo_print.source(subject_of(incident)))
    assert f"6 earlier updates can be read at http://status.sipcity.test/incidents/{incident.code}." in text
    assert "Word 4." in text
    assert "Word 3." not in text


@pytest.mark.parametrize(
    "body",
    [TABLE + ROW.format(1) * 900, "> " * 60 + "deep", "line\n" * 3_000],
    ids=["rows", "depth", "lines"],
)
def test_a_body_that_would_take_minutes_is_printed_plainly(incident: Incident, body: str) -> None:
    factories.make_rfo(incident, body)
    text = words(rfo_print.source(subject_of(incident)))
    assert body.splitlines()[0] in text
    is_cut = body.count("\n") > rfo_print.MOST_LINES
    assert ("This document is too long to be printed whole." in text) == is_cut
    assert "This text is too large to be formatted for print" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        *("- a\n" * 1_990, "a\n" * 1_990, f"```\n{'a' * 30}\n" + "b\n" * 1_900 + "```", "**a** " * 1_990),
        *(TABLE + "| 1 | 2 | 3 |\n" * 490, "a" * 65_000, "\u6f22" * 21_000, "`a` " * 16_000, "[" * 1_000),
    ],
    ids=["list", "breaks", "code", "bold", "table", "word", "han", "ticks", "brackets"],
)
def test_the_largest_bodies_are_printed_within_bounds(incident: Incident, body: str) -> None:
    factories.make_rfo(incident, body)
    require_press()
    letter = rfo_print.source(subject_of(incident))
    assert press.pdf(letter, deadline=600).startswith(b"%PDF-1.7")


def test_a_hostile_body_reaches_nobody(incident: Incident) -> None:
    with hook_sink() as sink:
        url = sink.url("/x.png")
        hostile = f"""![i]({url}) <img src="{url}"> <link rel=attachment href="{url}"> [words](<{url}>)
        <link rel=attachment href=file:///etc/passwd> <style>@import "{url}"</style> <iframe src="{url}"></iframe>
        <p style="background:url({url})">styled</p> <base href="{url}">"""
        factories.make_rfo(incident, hostile)
        tame = printed(incident)
        RfoVersion.objects.update(body_html=hostile)  # as if nothing had been sanitised
        raw = printed(incident)
    assert sink.hooks == []
    for content in (tame, raw):
        assert "words" in paper_words(content)
        assert b"root:" not in paper_unpacked(content)
        assert paper_inside(content) == ["RFO-2021-0001-v1.json"]


def test_markup_in_any_name_is_text(page: Page) -> None:
    evil = '"><script>alert(1)</script>'
    incident = factories.make_incident(page, evil, body=evil)
    factories.resolve(incident)
    factories.make_rfo(incident, evil, signatory_name=evil, signatory_title=evil)
    Page.objects.filter(pk=page.pk).update(name=evil)
    incident.refresh_from_db()
    assert "<script" not in rfo_print.source(subject_of(incident))


def test_three_thousand_rows_of_a_timeline_are_printed_in_part_and_said_to_be(incident: Incident) -> None:
    rows = tuple(Entry(BEGAN + timedelta(seconds=each), f"Row {each} of it.") for each in range(3_000))
    factories.make_rfo(incident, content=Content(timeline=rows))
    text = paper_words(printed(incident))
    assert "Row 299 of it." in text
    assert "Row 300 of it." not in text
    assert "2700 more rows are in the JSON of this version." in text
