"""What is for customers or for ourselves is in no artefact that the public can have: every byte is looked through."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from incidents.channels.slack import message as slack_message
from incidents.channels.teams import message as teams_message
from incidents.domain.audiences import Audience
from incidents.domain.rfo_content import (
    Cohort,
    Content,
    Decision,
    Emergency,
    Entry,
    KeyTime,
    Moment,
    Section,
    SectionKind,
    Window,
)
from incidents.domain.rfos import checksum, withheld_of
from incidents.models import Event, Incident, RfoVersion
from incidents.notifying.composer import compose
from incidents.operations.actions import save_action
from incidents.operations.reviews import add_comment
from incidents.operations.rfos import draft_rfo
from incidents.operations.versions import publish_rfo
from incidents.publishing import printing
from incidents.publishing.publisher import publish_page
from tests.factories import BEGAN, DEMO
from tests.peers.paper import paper_facts, paper_inside, paper_unpacked, paper_words, require_press
from tests.publishing.conftest import folder_of

LATER = BEGAN + timedelta(days=20)
CANARY = re.compile(rb"canary-(?:internal|customer)")


def parts(mark: Audience) -> Content:
    word = f"canary-{mark.value} zebra"
    return Content(
        sections=(Section(SectionKind.ROOT_CAUSE, f"**{word}** section", mark),),
        times=(
            KeyTime(
                Moment.DETECTED if mark == Audience.INTERNAL else Moment.ACKNOWLEDGED,
                BEGAN,
                source=word,
                audience=mark,
            ),
        ),
        windows=(Window(BEGAN, BEGAN + timedelta(hours=1), word, word, mark),),
        decisions=(Decision(word, word, word, word, word, mark),),
        timeline=(Entry(BEGAN, word, word, mark),),
    )


def together() -> Content:
    inside, customers = parts(Audience.INTERNAL), parts(Audience.CUSTOMER)
    return Content(
        sections=(
            Section(SectionKind.SUMMARY, "What *everybody* may read.", Audience.PUBLIC),
            *inside.sections,
            *customers.sections,
        ),
        times=inside.times + customers.times,
        windows=(Window(BEGAN, BEGAN + timedelta(hours=4)), *inside.windows, *customers.windows),
        cohort=Cohort("canary-internal cohort", 17, Emergency.YES, Audience.INTERNAL),
        decisions=inside.decisions + customers.decisions,
        timeline=(Entry(BEGAN, "Everybody knows."), *inside.timeline, *customers.timeline),
    )


@pytest.fixture
def incident(page: object, outage: Incident) -> Incident:
    draft = draft_rfo(
        outage, body="The letter.", change_summary="Facts added.", content=together(), by=DEMO, at=LATER
    )
    for mark in (Audience.INTERNAL, Audience.CUSTOMER):
        save_action(
            None,
            rfo=draft.rfo,
            what=f"canary-{mark.value} action",
            owner=f"canary-{mark.value}",
            audience=mark,
            by=DEMO,
            at=LATER,
        )
    save_action(None, rfo=draft.rfo, what="Check certificates", owner="Voice", by=DEMO, at=LATER)
    add_comment(draft, body="canary-internal remark", by=DEMO, at=LATER)
    publish_rfo(draft, by=DEMO, at=LATER)
    next_one = draft_rfo(
        outage, body="canary-internal draft", change_summary="canary-internal", by=DEMO, at=LATER
    )
    assert next_one.number == 3
    return outage


def version() -> RfoVersion:
    return RfoVersion.objects.get(number=2)


def test_no_public_artefact_holds_a_canary(incident: Incident, tmp_path: Path) -> None:
    require_press()
    publish_page(incident.page_id)
    assert printing.print_due(at=datetime.now(UTC), turn=60.0) == 2
    found: dict[str, bytes] = {}
    for document in folder_of(incident.page).documents():
        found[document.path] = document.fresh.bodies["identity"]
    pdf = next(content for path, content in found.items() if path.endswith("/v2.pdf"))
    assert b"canary" not in paper_unpacked(pdf)
    assert "canary" not in paper_words(pdf) + json.dumps(paper_facts(pdf))
    assert paper_inside(pdf) == ["RFO-2021-0001-v2.json"]
    for event in Event.objects.filter(notifies=True, incident=incident, component=None):
        notice = compose(event, at=LATER)
        told = (
            notice.subject,
            notice.body,
            json.dumps(notice.payload),
            json.dumps(slack_message(notice)),
            json.dumps(teams_message(notice)),
        )
        found[f"notice {event.pk}"] = "\n".join(told).encode()
    call_command("export", str(tmp_path / "site"))
    for file in (tmp_path / "site").rglob("*"):
        if file.is_file():
            found[str(file)] = file.read_bytes()
    assert len(found) > 60
    assert [path for path, content in found.items() if CANARY.search(content)] == []
    letter = found["/rfo/RFO-2021-0001/v2"]
    for shown in (
        b"What <em>everybody</em> may read.",
        b"Everybody knows.",
        b"Check certificates",
        b"Facts added.",
    ):
        assert shown in letter


def test_the_customers_edition_holds_theirs_and_nothing_of_ours_in_every_form(
    client: Client, incident: Incident
) -> None:
    require_press()
    address = f"/customers/{version().edition}"
    for form in ("", ".json", ".md", ".pdf"):
        answer = client.get(address + form)
        assert answer.status_code == 200, form
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        text = (
            answer.content
            if form != ".pdf"
            else paper_words(answer.content).encode() + paper_unpacked(answer.content)
        )
        assert b"canary-customer" in text, form
        assert b"canary-internal" not in text, form


def test_an_edition_is_found_by_nobody_without_its_address_nor_once_it_is_withdrawn(
    client: Client, incident: Incident
) -> None:
    address = f"/customers/{version().edition}"
    publish_page(incident.page_id)
    for document in folder_of(incident.page).documents():
        assert version().edition.encode() not in document.fresh.bodies["identity"]
    for wrong in ("/customers/", "/customers/x", address[:-1], f"{address}.exe", f"{address}x"):
        assert client.get(wrong).status_code == 404
    assert client.post(address).status_code == 405
    RfoVersion.objects.filter(number=2).update(state="withdrawn")
    assert client.get(address).status_code == 404


def test_an_rfo_without_a_part_for_customers_or_ourselves_has_no_edition(
    client: Client, outage: Incident
) -> None:
    first = RfoVersion.objects.get()
    assert (first.edition, first.letterhead["lines"]) == ("", [])
    assert client.get("/customers/").status_code == 404


def test_the_checksum_covers_what_is_withheld_without_telling_it(incident: Incident) -> None:
    publish_page(incident.page_id)
    document = folder_of(incident.page).read("/rfo/RFO-2021-0001/v2.json")
    assert document
    found = json.loads(document.fresh.bodies["identity"])
    assert checksum(found["facts"]) == found["sha256"]
    assert set(found["facts"]["withheld"]) == {"customer", "internal"}
    row = version()
    assert withheld_of(row.whole, row.salt) == found["facts"]["withheld"]
    assert row.salt not in json.dumps(found)
    changed = {**row.content, "sections": row.content["sections"][:-1]}
    assert withheld_of(Content.from_json(changed), row.salt) != found["facts"]["withheld"]


def test_a_draft_has_no_address(incident: Incident) -> None:
    publish_page(incident.page_id)
    assert not [each.path for each in folder_of(incident.page).documents() if "/v3" in each.path]
