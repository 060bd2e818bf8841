"""Whose approval counts, and when: it is judged again at publication, and written into the version for good."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command

from incidents.domain.journal import EventKind
from incidents.domain.rfos import checksum
from incidents.domain.roles import Role
from incidents.models import AuditLine, Event, Incident, Membership, Page, RfoApproval, RfoPolicy, RfoVersion
from incidents.monitoring.verifying import verify_rfos
from incidents.operations.actors import SHELL, Actor, script, staff
from incidents.operations.errors import Refused
from incidents.operations.journal import record
from incidents.operations.policies import save_signatory, set_policy
from incidents.operations.reviews import (
    approve,
    ask_review,
    release,
    release_due,
    schedule,
    sign,
    standing_of,
)
from incidents.operations.rfos import draft_rfo, words_digest
from incidents.operations.staff import give_roles, switch_person
from incidents.operations.versions import facts_of, withdraw_rfo
from tests.factories import DEMO, make_incident, make_member, make_page, make_rfo, resolve

pytestmark = pytest.mark.django_db
FIRST_FORMAT = "3102b114fb133eabcb8618fe12da14a5b95c79fb0fee65d5001c53090e64246d"
SECOND_FORMAT = "a300f8c971398656ac1106637c2566823c194e08851fd0c3dcc104d8154972d1"
AT = datetime(2021, 10, 10, 21, 22, tzinfo=UTC)


def person(name: str, page: Page | None = None) -> Actor:
    return staff(make_member(User.objects.create_user(name), Role.PUBLISHER, page))


@pytest.fixture
def ann(db: None) -> Actor:
    User.objects.create_superuser("root")
    return person("ann")


@pytest.fixture
def bob(ann: Actor) -> Actor:
    return person("bob")


@pytest.fixture
def incident(db: None) -> Incident:
    incident = make_incident(make_page("SIPcity"))
    resolve(incident)
    incident.refresh_from_db()
    return incident


@pytest.fixture
def draft(incident: Incident, ann: Actor) -> RfoVersion:
    version = draft_rfo(incident, body="One malformed certificate.", by=ann, at=AT)
    ask_review(version, by=ann, at=AT)
    return version


def agree(version: RfoVersion, by: Actor) -> None:
    approve(version, digest=words_digest(version), by=by, at=AT)


def publish(version: RfoVersion, by: Actor, at: datetime = AT) -> RfoVersion:
    release(version, digest=words_digest(version), accept=True, by=by, at=at)
    version.refresh_from_db()
    return version


def user_of(actor: Actor) -> User:
    assert actor.user
    return actor.user


def test_an_approver_who_writes_and_puts_the_words_back_is_no_second_person(
    draft: RfoVersion, ann: Actor, bob: Actor
) -> None:
    agree(draft, bob)
    for words in ("Bob's words.", "One malformed certificate."):
        draft_rfo(draft.rfo.incident, body=words, by=bob, at=AT)
    draft.refresh_from_db()
    standing = standing_of(draft)
    assert (standing.approvals, [each.why for each in standing.lost]) == (
        [],
        ["bob has also written in this version."],
    )
    with pytest.raises(Refused, match="somebody who did not write it"):
        publish(draft, ann)


@pytest.mark.parametrize("loss", ["deactivated", "demoted", "without a role", "no staff"])
def test_an_approval_of_somebody_who_lost_the_right_since_does_not_count(
    draft: RfoVersion, ann: Actor, bob: Actor, loss: str
) -> None:
    agree(draft, bob)
    user = user_of(bob)
    if loss == "deactivated":
        switch_person(user, is_active=False, by=SHELL, at=AT)
    elif loss == "no staff":
        User.objects.filter(pk=user.pk).update(is_staff=False)
    else:
        give_roles(user, roles={None: Role.RESPONDER if loss == "demoted" else None}, by=SHELL, at=AT)
    with pytest.raises(Refused, match="somebody who did not write it"):
        publish(draft, ann)
    assert [each.why for each in standing_of(draft).lost] == ["bob may no longer publish RFOs of SIPcity."]
    agree(draft, person("eve"))
    version = publish(draft, ann)
    assert version.approvals_held
    assert [name for name, _ in version.approvals_held.by] == ["eve"]


def test_the_publisher_of_another_page_approves_nothing_here(draft: RfoVersion, ann: Actor) -> None:
    stranger = person("stranger", make_page("Other"))
    with pytest.raises(Refused, match="takes the role publisher on SIPcity"):
        agree(draft, stranger)
    RfoApproval.objects.create(version=draft, by=user_of(stranger), at=AT, digest=words_digest(draft))
    with pytest.raises(Refused, match="somebody who did not write it"):
        publish(draft, ann)


def test_a_key_neither_approves_nor_signs_whoever_made_it(
    draft: RfoVersion, incident: Incident, ann: Actor, bob: Actor
) -> None:
    for by in (script("NOC", user_of(bob)), script("NOC", None), DEMO):
        with pytest.raises(Refused, match="Only a person approves or signs"):
            agree(draft, by)
    boss = save_signatory(incident.page, user=user_of(bob), name="B. Boss", title="", by=ann, at=AT)
    signed = draft_rfo(incident, body="Words.", signatory=boss, by=ann, at=AT)
    with pytest.raises(Refused, match="Only a person approves or signs"):
        sign(signed, digest=words_digest(signed), shown_at=AT, by=script("NOC", user_of(bob)), at=AT)
    assert not RfoApproval.objects.exists()


def test_a_signature_of_somebody_who_lost_the_right_since_does_not_count(
    incident: Incident, ann: Actor, bob: Actor
) -> None:
    RfoPolicy.objects.create(page=incident.page, approvals=0)
    boss = save_signatory(incident.page, user=user_of(bob), name="B. Boss", title="", by=ann, at=AT)
    draft = draft_rfo(incident, body="Words.", signatory=boss, by=ann, at=AT)
    sign(draft, digest=words_digest(draft), shown_at=AT, by=bob, at=AT)
    switch_person(user_of(bob), is_active=False, by=SHELL, at=AT)
    draft.refresh_from_db()
    with pytest.raises(
        Refused, match=r"B\. Boss may no longer sign for this page\. Choose another signatory"
    ):
        publish(draft, ann)


@pytest.mark.parametrize("who", ["approver", "scheduler"])
def test_what_was_scheduled_is_not_published_once_a_right_that_it_rests_on_is_lost(
    draft: RfoVersion, ann: Actor, bob: Actor, who: str
) -> None:
    agree(draft, bob)
    then = AT + timedelta(hours=3)
    schedule(draft, digest=words_digest(draft), publish_at=then, accept=True, by=ann, at=AT)
    switch_person(user_of(bob if who == "approver" else ann), is_active=False, by=SHELL, at=AT)
    assert release_due(at=then) == 0
    draft.refresh_from_db()
    assert (draft.state, draft.publish_at) == ("in_review", None)
    told = Event.objects.filter(kind="rfo.reviewed").latest("pk").data
    assert told["what"] == "not published as scheduled"
    assert ("approved" if who == "approver" else "ann scheduled it") in told["why"]


def test_an_approval_takes_a_fresh_second_factor_of_whoever_must_have_one(
    draft: RfoVersion, bob: Actor, settings: object
) -> None:
    settings.STAFF_MFA_REQUIRED = True  # type: ignore[attr-defined]
    digest = words_digest(draft)
    for stale in (None, AT - timedelta(minutes=6)):
        with pytest.raises(Refused, match="second factor"):
            approve(draft, digest=digest, shown_at=stale, by=bob, at=AT)
    approve(draft, digest=digest, shown_at=AT - timedelta(minutes=4), by=bob, at=AT)


def test_the_approvals_at_publication_are_facts_that_the_checksum_covers(
    draft: RfoVersion, ann: Actor, bob: Actor
) -> None:
    agree(draft, bob)
    version = publish(draft, ann)
    assert version.approval_record == {"required": 1, "by": [["bob", AT.isoformat()]]}
    facts = facts_of(version)
    told = facts["approvals"]
    assert isinstance(told, dict)
    assert (facts["format"], told["required"], told["given"], len(told["by"])) == (3, 1, 1, 64)
    assert "bob" not in str(facts)
    assert checksum(facts) == version.sha256
    line = AuditLine.objects.get(kind="rfo.published")
    assert '"approvals":1,"approved_by":["bob"]' in line.data


def test_a_policy_that_is_lowered_publishes_and_is_put_back_shows_in_the_version(
    draft: RfoVersion, ann: Actor
) -> None:
    rules = {
        "needs_signature": False,
        "letterhead": "",
        "terms": "",
        "internal_words": "",
        "clock": "",
        "by": ann,
        "at": AT,
    }
    set_policy(draft.rfo.page, approvals=2, **rules)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="2 people"):
        publish(draft, ann)
    set_policy(draft.rfo.page, approvals=0, **rules)  # type: ignore[arg-type]
    version = publish(draft, ann)
    set_policy(draft.rfo.page, approvals=2, **rules)  # type: ignore[arg-type]
    assert facts_of(version)["approvals"] == {"required": 0, "given": 0}


@pytest.mark.parametrize(
    "record",
    [
        {"required": 0, "by": [["bob", AT.isoformat()]]},
        {"required": 1, "by": []},
        {"required": 1, "by": [["eve", AT.isoformat()]]},
        {"required": 1, "by": [["bob", "2021-10-10T21:22:01+00:00"]]},
        {"required": 1, "by": [["bob", AT.isoformat()], ["eve", AT.isoformat()]]},
        {"required": "1", "by": []},
        {"required": True, "by": []},
        {"by": []},
        {"required": 1, "by": 7},
        {"required": 1, "by": [["bob"]]},
        {"required": 1, "by": [["bob", 3]]},
        [],
        "none",
        None,
    ],
)
def test_a_record_that_was_changed_is_found(
    draft: RfoVersion, ann: Actor, bob: Actor, record: object
) -> None:
    agree(draft, bob)
    version = publish(draft, ann)
    assert [found for _, found in verify_rfos()] == [[]]
    RfoVersion.objects.filter(pk=version.pk).update(approval_record=record)
    (found,) = [found for _, found in verify_rfos()]
    assert found


def test_a_version_of_before_and_one_from_elsewhere_say_nothing_and_stay_intact(
    incident: Incident, ann: Actor, bob: Actor
) -> None:
    old = make_rfo(incident)
    assert old.approval_record is None
    assert "approvals" not in facts_of(old)
    draft = draft_rfo(incident, body="Better.", change_summary="A day.", by=ann, at=AT + timedelta(days=30))
    ask_review(draft, by=ann, at=AT)
    agree(draft, bob)
    publish(draft, ann, at=AT + timedelta(days=30))
    withdraw_rfo(old.rfo, reason="Another cause.", by=ann, at=AT + timedelta(days=31))
    formats = [facts_of(each).get("format") for each in RfoVersion.objects.order_by("number")]
    assert formats == [3, 3, 3]
    assert ["approvals" in facts_of(each) for each in RfoVersion.objects.order_by("number")] == [
        *(False, True, False)
    ]
    call_command("verify_rfos")


def test_the_digest_of_a_version_of_before_is_what_it_was(db: None) -> None:
    """The facts of the first two formats, as they were before approvals, and before title and page, were among them."""
    incident = make_incident(make_page("SIPcity"))
    resolve(incident)
    Incident.objects.filter(pk=incident.pk).update(code="k4in75jw2dqd")
    version = make_rfo(incident, "Words.")
    version.incident_title = version.page_name = ""
    expected = {
        "number": "RFO-2021-0001",
        "version": 1,
        "kind": "final",
        "incident": "k4in75jw2dqd",
        "body": "Words.",
        "signatory": ["", ""],
        "change_summary": "",
        "published_at": "2021-10-28T21:22:00+00:00",
        "attachments": [],
        "previous": "",
    }
    assert facts_of(version) == expected
    assert checksum(facts_of(version)) == FIRST_FORMAT
    version.approval_record = {"required": 0, "by": []}
    assert facts_of(version) == expected | {"format": 2, "approvals": {"required": 0, "given": 0}}
    assert checksum(facts_of(version)) == SECOND_FORMAT


def test_an_approver_who_was_given_the_role_back_counts_again(
    draft: RfoVersion, ann: Actor, bob: Actor
) -> None:
    agree(draft, bob)
    Membership.objects.filter(user=user_of(bob)).update(role="viewer")
    assert standing_of(draft).approvals == []
    Membership.objects.filter(user=user_of(bob)).update(role="publisher")
    assert len(standing_of(draft).approvals) == 1


def test_the_upgrade_drops_approvals_that_a_key_gave_to_a_draft(
    draft: RfoVersion, incident: Incident, ann: Actor, bob: Actor
) -> None:
    drop = import_module("incidents.migrations.0012_authority").drop_approvals_by_keys
    agree(draft, bob)
    keyed = RfoApproval.objects.create(
        version=draft, by=user_of(person("carl")), at=AT, digest=words_digest(draft)
    )
    data = {"rfo": str(draft), "what": "approved", "digest": keyed.digest}
    by = script("NOC", keyed.by)
    record(incident.page, EventKind.RFO_REVIEWED, by=by, at=AT, incident=incident, data=data)
    drop(apps, None)
    assert [each.by.get_username() for each in RfoApproval.objects.all()] == ["bob"]
    drop(apps, None)
    publish(draft, ann)
    drop(apps, None)
    assert RfoApproval.objects.count() == 1
