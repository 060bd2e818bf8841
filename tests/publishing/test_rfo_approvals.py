"""How many approvals a version had is said in all of its forms, as its record has it; without a record nothing is."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from incidents.domain.roles import Role
from incidents.models import Incident, Page, RfoPolicy, RfoVersion
from incidents.operations.actors import Actor, staff
from incidents.operations.reviews import approve, ask_review, release
from incidents.operations.rfos import draft_rfo, words_digest
from incidents.publishing import rfo_print
from incidents.publishing.publisher import publish_page
from tests.factories import BEGAN, make_incident, make_member, make_rfo, resolve
from tests.publishing.conftest import text_of
from tests.publishing.test_rfo_documents import V1, as_json, canonical
from tests.publishing.test_rfo_print import subject_of

AT = BEGAN + timedelta(days=20)


def person(name: str) -> Actor:
    return staff(make_member(User.objects.create_user(name), Role.PUBLISHER))


@pytest.fixture
def incident(page: Page) -> Incident:
    incident = make_incident(page)
    resolve(incident)
    incident.refresh_from_db()
    return incident


def reviewed(incident: Incident, *, approvals: int, approvers: int) -> RfoVersion:
    RfoPolicy.objects.create(page=incident.page, approvals=approvals)
    writer = person("a-writer")
    draft = draft_rfo(incident, body="One certificate.", by=writer, at=AT)
    ask_review(draft, by=writer, at=AT)
    for number in range(approvers):
        approve(draft, digest=words_digest(draft), by=person(f"approver-{number}"), at=AT)
    release(draft, digest=words_digest(draft), accept=True, by=writer, at=AT)
    draft.refresh_from_db()
    return draft


@pytest.mark.parametrize(
    ("required", "given", "words"),
    [
        (1, 1, "1 given, 1 required"),
        (1, 2, "2 given, 1 required"),
        (0, 0, "none given, none required"),
        (0, 1, "1 given, none required"),
    ],
)
def test_every_form_says_how_many_were_required_and_given_and_names_nobody(
    incident: Incident, page: Page, required: int, given: int, words: str
) -> None:
    version = reviewed(incident, approvals=required, approvers=given)
    found = as_json(page)
    assert found["approvals"] == {"required": required, "given": given}
    assert found["facts"]["approvals"] == found["approvals"] | (
        {"by": found["facts"]["approvals"]["by"]} if given else {}
    )
    assert hashlib.sha256(canonical(found["facts"])).hexdigest() == found["sha256"] == version.sha256
    page_html = " ".join(text_of(page, V1).split())
    assert f"<dt>Approvals</dt> <dd> {words} </dd>" in page_html
    markdown = text_of(page, f"{V1}.md")
    assert f"- Approvals: {words}\n" in markdown
    paper = " ".join(rfo_print.source(subject_of(incident)).split())
    assert f'<th scope="row">Approvals</th> <td>{words}</td>' in paper
    for form in (page_html, markdown, paper, json.dumps(found)):
        assert "approver-" not in form
        assert "a-writer" not in form


def test_a_version_without_a_record_says_nothing_in_any_form(incident: Incident, page: Page) -> None:
    make_rfo(incident)
    assert "approvals" not in str(as_json(page)).lower()
    for form in (
        text_of(page, V1),
        text_of(page, f"{V1}.md"),
        rfo_print.source(subject_of(incident)),
    ):
        assert "pprovals" not in form


def test_who_approved_cannot_be_guessed_from_the_digest_without_the_salt(
    incident: Incident, page: Page
) -> None:
    version = reviewed(incident, approvals=1, approvers=1)
    publish_page(page.pk)
    held = version.approvals_held
    assert held
    told = as_json(page)["facts"]["approvals"]["by"]
    assert told == held.public(version.salt).by
    assert told not in {held.public(salt).by for salt in ("", "salt")}
    assert version.salt not in text_of(page, f"{V1}.json")
    assert replace(held, by=(("somebody", held.by[0][1]),)).public(version.salt).by != told
