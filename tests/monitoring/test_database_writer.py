"""Eight attacks of somebody who writes the database: each is named in a sentence of its own.

What is published lies outside of the database, and the audit's key too; one attack more shows what whoever holds that
key cannot do either.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from incidents.domain.published import Published, read_publication
from incidents.domain.roles import Role
from incidents.models import AuditLine, HeadPublication, Page, Rfo, RfoPolicy, RfoVersion
from incidents.monitoring.audits import verify_audit
from incidents.monitoring.verifying import verify_rfos
from incidents.operations.actors import DEMO, SHELL, staff
from incidents.operations.reviews import approve, ask_review, release
from incidents.operations.rfos import draft_rfo, words_digest
from incidents.operations.staff import break_glass
from incidents.operations.versions import publish_rfo, withdraw_rfo
from incidents.publishing.integrity import publish_integrity, read_published
from incidents.publishing.publisher import publish_page, the_store
from tests.factories import BEGAN, make_component, make_incident, make_member, make_page, make_rfo, resolve
from tests.monitoring import database_writer as writer

pytestmark = pytest.mark.django_db
LATER = BEGAN + timedelta(days=60)
AT = "2021-12-07T21:22:00+00:00"
"""LATER, as it is published."""


@pytest.fixture
def page(settings: LazySettings, tmp_path: Path) -> Page:
    """A page with an RFO in two versions, the first of which dana approved; published with its heads."""
    settings.PUBLISH_DIR = tmp_path / "published"
    page = make_page("SIPcity")
    RfoPolicy.objects.create(page=page, approvals=1)
    incident = make_incident(page)
    resolve(incident)
    dana = make_member(User.objects.create_user("dana"), Role.PUBLISHER, page)
    draft = draft_rfo(incident, body="One malformed certificate.", by=DEMO, at=BEGAN)
    ask_review(draft, by=DEMO, at=BEGAN)
    draft.refresh_from_db()
    approve(draft, digest=words_digest(draft), shown_at=BEGAN, by=staff(dana), at=BEGAN)
    publish_rfo(draft, by=DEMO, at=BEGAN + timedelta(days=1))
    make_rfo(incident, "Better.", change_summary="More.", at=BEGAN + timedelta(days=30))
    publish_page(page.pk)
    publish_integrity(at=LATER)
    return page


def versions() -> list[RfoVersion]:
    return list(RfoVersion.objects.order_by("number"))


def of_audit(name: str) -> list[str]:
    """What is wrong with a chain, compared with the published documents."""
    found = verify_audit({}, read_published(the_store()))
    return [fault for verdict in found if verdict.name == name for fault in verdict.faults]


def of_rfos() -> list[str]:
    return [fault for _, found in verify_rfos(read_published(the_store())) for fault in found]


def test_what_nobody_touched_is_intact(page: Page) -> None:
    assert (of_audit("installation"), of_audit("SIPcity"), of_rfos()) == ([], [], [])
    make_component(page)
    break_glass(username="glass", by=SHELL, at=LATER)
    assert (of_audit("installation"), of_audit("SIPcity"), of_rfos()) == ([], [], [])


def test_1_a_tail_that_was_cut_with_the_old_head_put_back_is_named(page: Page) -> None:
    kept = writer.head_of("")
    break_glass(username="evil", by=SHELL, at=LATER)
    publish_integrity(at=LATER + timedelta(days=1))
    writer.cut_tail("", kept)
    assert of_audit("installation") == [
        "lines were cut off: 1 are there, and 3 were published on 2021-12-08T21:22:00+00:00"
    ]


@pytest.mark.parametrize("chain", ["installation", "SIPcity"])
def test_2_a_chain_that_was_cut_whole_is_named(page: Page, chain: str) -> None:
    code = "" if chain == "installation" else page.code
    lines = writer.head_of(code)[0]
    writer.cut_chain(code)
    assert of_audit(chain) == [f"the whole chain is missing: {lines} lines of it were published on {AT}"]


def test_2_the_installations_chain_is_missed_before_anything_was_published(page: Page) -> None:
    the_store().page(page.code).remove("/.well-known/dialtone-integrity.json")
    User.objects.update(last_login=BEGAN)
    writer.sql("DELETE FROM incidents_headpublication")
    writer.cut_chain("")
    assert of_audit("installation") == [
        "the whole chain is missing: every sign-in is noted in it, and somebody has signed in"
    ]


def test_3_an_rfo_that_was_rewritten_with_its_checksums_recomputed_is_named(page: Page) -> None:
    writer.rewrite_rfo(versions()[0], "It was the vendor.")
    assert of_rfos() == [
        "v1 was rewritten: its checksum is not the one that the sealed audit names",
        "v2 has its own words, and another checksum than the sealed audit names",
        "v1: its checksum is not the one that was published",
        "v2: its checksum is not the one that was published",
    ]


def test_4_a_sealed_line_that_was_rewritten_is_named(page: Page) -> None:
    first = versions()[0]
    writer.rewrite_rfo(first, "It was the vendor.")
    writer.rewrite_sealed_line(first, versions()[0].sha256)
    line = AuditLine.objects.get(kind="rfo.published").number
    assert of_audit("SIPcity") == [f"line {line}: was changed, or was not written by Dialtone"]
    assert of_rfos()[0] == "v1: the audit line of its publication is not sealed by Dialtone: it was changed"


@pytest.mark.parametrize("recomputed", [False, True])
def test_5_versions_that_changed_places_are_named(page: Page, recomputed: bool) -> None:
    writer.swap(*versions())
    if recomputed:
        writer.recompute(versions()[0].rfo_id)
    assert of_rfos()[0] == "v1 and v2 have changed places"


def test_6_a_writer_who_was_taken_off_the_list_to_approve_is_named(page: Page) -> None:
    eve = make_member(User.objects.create_user("eve"), Role.PUBLISHER, page)
    incident = make_incident(page, "Another one", at=BEGAN + timedelta(days=2))
    resolve(incident, at=BEGAN + timedelta(days=3))
    draft = draft_rfo(incident, body="It was the vendor.", by=staff(eve), at=BEGAN)
    ask_review(draft, by=DEMO, at=BEGAN)
    writer.sql("DELETE FROM incidents_rfoversion_writers")
    draft.refresh_from_db()
    approve(draft, digest=words_digest(draft), shown_at=BEGAN, by=staff(eve), at=BEGAN)
    release(draft, digest=words_digest(draft), accept=True, by=staff(eve), at=BEGAN + timedelta(days=4))
    assert "v1: eve approved it, and has written in it as the sealed audit says" in of_rfos()


def test_6_an_approval_that_was_added_is_named(page: Page) -> None:
    eve = User.objects.create_user("eve")
    writer.sql(
        "INSERT INTO incidents_rfoapproval (version_id, by_id, at, digest) SELECT version_id, %s, at, digest "
        "FROM incidents_rfoapproval",
        eve.pk,
    )
    assert of_rfos() == ["v1: the approval by eve is not in the sealed audit: it was added, or changed"]


def test_6_an_approval_that_was_taken_away_or_given_to_another_is_named(page: Page) -> None:
    eve = User.objects.create_user("eve")
    writer.sql("UPDATE incidents_rfoapproval SET by_id = %s", eve.pk)
    taken = "v1: the approval by dana was taken away: the sealed audit has it"
    assert of_rfos() == [
        "v1: the approval by eve is not in the sealed audit: it was added, or changed",
        taken,
    ]
    writer.sql("DELETE FROM incidents_rfoapproval")
    assert of_rfos() == [taken]


def test_7_a_withdrawal_that_was_deleted_is_named(page: Page) -> None:
    withdraw_rfo(Rfo.objects.get(), reason="It was wrong.", by=DEMO, at=LATER)
    publish_integrity(at=LATER)
    writer.delete_version(versions()[-1])
    assert of_rfos()[:2] == [
        "v3, the withdrawal, is gone, and the sealed audit says that it was published",
        "v3 was published and is missing",
    ]
    assert "v1 counts as withdrawn, and is superseded" in of_rfos()


def test_7_a_version_that_is_shown_although_it_was_withdrawn_is_named(page: Page) -> None:
    withdraw_rfo(Rfo.objects.get(), reason="It was wrong.", by=DEMO, at=LATER)
    writer.sql("UPDATE incidents_rfoversion SET state = 'published' WHERE number = 2")
    assert of_rfos() == ["v2 counts as published, and is withdrawn"]


def test_8_a_database_of_yesterday_is_named(page: Page) -> None:
    yesterday = writer.copy()
    lines, own = writer.head_of("")[0], writer.head_of(page.code)[0]
    break_glass(username="evil", by=SHELL, at=LATER)
    make_component(page)
    publish_integrity(at=LATER + timedelta(days=1))
    writer.put_back(yesterday)
    when = "2021-12-08T21:22:00+00:00"
    unknown = "and the database knows nothing of that publication"
    assert of_audit("installation") == [
        f"the database was set back: {lines} lines are there, {lines + 2} were published on {when}, {unknown}"
    ]
    assert of_audit("SIPcity") == [
        f"the database was set back: {own} lines are there, {own + 1} were published on {when}, {unknown}"
    ]


def test_whoever_holds_the_audit_key_as_well_is_contradicted_by_what_was_published_or_mailed(
    page: Page, settings: LazySettings
) -> None:
    break_glass(username="evil", by=SHELL, at=LATER)
    publish_integrity(at=LATER + timedelta(days=1))
    mail = HeadPublication.objects.exclude(text="").latest("pk").text
    writer.drop_triggers()
    writer.sql("UPDATE incidents_auditline SET subject = 'person harmless' WHERE kind = 'staff.break_glass'")
    writer.seal_again("", settings.AUDIT_KEY)
    assert [verdict.faults for verdict in verify_audit({})] == [[], []]
    assert of_audit("installation") == [
        "line 3: is sealed, but is not the line whose head was published on 2021-12-08T21:22:00+00:00: somebody who "
        "holds AUDIT_KEY has sealed the chain again"
    ]
    by_mail = verify_audit({}, Published([read_publication(mail, source="monday.eml")]))[0].faults
    assert by_mail == [
        "line 3: is sealed, but is not the line whose head was published in monday.eml: somebody who holds AUDIT_KEY "
        "has sealed the chain again"
    ]


def test_an_rfo_rewritten_with_its_line_sealed_again_is_contradicted_by_what_was_published(
    page: Page, settings: LazySettings
) -> None:
    second = versions()[1]
    writer.rewrite_rfo(second, "It was the vendor.")
    writer.rewrite_sealed_line(second, versions()[1].sha256)
    writer.seal_again(page.code, settings.AUDIT_KEY)
    assert [found for _, found in verify_rfos()] == [[]]
    assert of_rfos() == ["v2: its checksum is not the one that was published"]


def test_what_the_database_contradicts_is_not_published_over(page: Page) -> None:
    store = the_store()
    before = store.page(page.code).read("/.well-known/dialtone-integrity.json")
    writer.cut_chain("")
    made = publish_integrity(at=LATER + timedelta(days=1))
    assert made is not None
    assert made.faults == ["installation: the audit has 0 lines, and 1 were published"]
    assert "WRONG: the database contradicts what was published before." in made.text
    assert store.page(page.code).read("/.well-known/dialtone-integrity.json") == before
    assert of_audit("installation") != []


def test_a_forged_row_of_a_publication_is_not_published(page: Page) -> None:
    store = the_store()
    before = store.page(page.code).read("/.well-known/dialtone-integrity.json")
    HeadPublication.objects.create(
        code="forgedforged",
        at=LATER,
        heads=[f":1:{'0' * 64}"],
        versions=2,
        versions_sha256=HeadPublication.objects.get().versions_sha256,
    )
    publish_integrity(at=LATER)
    assert store.page(page.code).read("/.well-known/dialtone-integrity.json") == before


def test_the_writer_spells_lines_as_the_audit_does(page: Page) -> None:
    """Else the attacks above would be found by their spelling alone."""
    line = AuditLine.objects.get(kind="rfo.published")
    writer.rewrite_sealed_line(versions()[0], versions()[0].sha256)
    assert AuditLine.objects.get(pk=line.pk).data == line.data
    assert (of_audit("SIPcity"), of_rfos()) == ([], [])
