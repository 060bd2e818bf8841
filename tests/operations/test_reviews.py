"""An RFO is published as others have agreed to it: approved by whom, signed by whom, of which very words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from incidents.domain.rfo_content import Content, Section, SectionKind
from incidents.domain.roles import Role
from incidents.models import Event, Incident, RfoPolicy, RfoVersion
from incidents.operations import reviews
from incidents.operations.actors import Actor, staff
from incidents.operations.errors import Conflict, Refused
from incidents.operations.incidents import open_incident, resolve_incident
from incidents.operations.pages import create_page
from incidents.operations.policies import retire_signatory, save_signatory
from incidents.operations.reviews import (
    add_comment,
    approve,
    ask_review,
    release,
    release_due,
    schedule,
    settle_comment,
    sign,
    standing_of,
    take_back,
)
from incidents.operations.rfos import draft_rfo, set_content, words_digest
from tests.factories import make_member

pytestmark = pytest.mark.django_db
T0 = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
AT = T0 + timedelta(days=2)


def person(name: str) -> Actor:
    return staff(make_member(User.objects.create_user(name), Role.PUBLISHER))


@pytest.fixture
def ann(db: None) -> Actor:
    return person("ann")


@pytest.fixture
def bob(db: None) -> Actor:
    return person("bob")


@pytest.fixture
def incident(db: None) -> Incident:
    page = create_page(name="SIPcity", zone_name="Australia/Sydney", by=Actor("x"), at=T0)
    incident = open_incident(page, title="Calls failing", body="We look.", by=Actor("x"), at=T0)
    resolve_incident(incident, body="Done.", by=Actor("x"), at=T0 + timedelta(hours=4))
    incident.refresh_from_db()
    return incident


@pytest.fixture
def draft(incident: Incident, ann: Actor) -> RfoVersion:
    version = draft_rfo(incident, body="One malformed certificate.", by=ann, at=AT)
    ask_review(version, by=ann, at=AT)
    return version


def agree(version: RfoVersion, by: Actor) -> None:
    approve(version, digest=words_digest(version), by=by, at=AT)


def publish(version: RfoVersion, by: Actor, *, accept: bool = False) -> None:
    release(version, digest=words_digest(version), accept=accept, by=by, at=AT)


def test_nobody_publishes_alone_by_default_and_a_second_person_makes_it_possible(
    draft: RfoVersion, ann: Actor, bob: Actor
) -> None:
    with pytest.raises(Refused, match="somebody who did not write it"):
        publish(draft, ann)
    agree(draft, bob)
    publish(draft, ann)
    draft.refresh_from_db()
    assert draft.state == "published"


def test_an_author_does_not_approve_himself_nor_does_whoever_changed_a_comma(
    draft: RfoVersion, ann: Actor, bob: Actor
) -> None:
    with pytest.raises(Refused, match="somebody else"):
        agree(draft, ann)
    set_content(draft, content=Content(sections=(Section(SectionKind.NOTES, "One comma,"),)), by=bob, at=AT)
    with pytest.raises(Refused, match="somebody else"):
        agree(draft, bob)
    draft_rfo(draft.rfo.incident, body="Bob's last words.", by=bob, at=AT)
    with pytest.raises(Refused, match="somebody else"):
        agree(draft, ann)


def test_an_approval_is_of_the_very_words(draft: RfoVersion, ann: Actor, bob: Actor) -> None:
    seen = words_digest(draft)
    draft_rfo(draft.rfo.incident, body="Other words.", by=ann, at=AT)
    draft.refresh_from_db()
    with pytest.raises(Conflict):
        approve(draft, digest=seen, by=bob, at=AT)
    agree(draft, bob)
    assert len(standing_of(draft).approvals) == 1
    draft_rfo(draft.rfo.incident, body="Words that bob has not read.", by=ann, at=AT)
    draft.refresh_from_db()
    assert standing_of(draft).approvals == []
    with pytest.raises(Refused, match="approved"):
        publish(draft, ann)


def test_approving_twice_counts_once_and_two_may_be_asked_for(
    draft: RfoVersion, ann: Actor, bob: Actor
) -> None:
    RfoPolicy.objects.create(page=draft.rfo.page, approvals=2)
    for _ in range(2):
        agree(draft, bob)
    with pytest.raises(Refused, match="somebody who did not write it"):
        publish(draft, ann)
    agree(draft, person("eve"))
    publish(draft, ann)


def test_a_draft_that_nobody_asked_to_review_is_not_approved(
    draft: RfoVersion, ann: Actor, bob: Actor
) -> None:
    take_back(draft, by=ann, at=AT)
    with pytest.raises(Refused, match="not in review"):
        agree(draft, bob)


def test_what_blocks_is_mended_and_what_warns_is_accepted_by_a_person(
    draft: RfoVersion, ann: Actor, bob: Actor
) -> None:
    draft_rfo(draft.rfo.incident, body="The cause is TBD. It came on Monday.", by=ann, at=AT)
    draft.refresh_from_db()
    agree(draft, bob)
    with pytest.raises(Refused, match="Mend what the checks found"):
        publish(draft, ann, accept=True)
    draft_rfo(draft.rfo.incident, body="It came on Monday.", by=ann, at=AT)
    draft.refresh_from_db()
    agree(draft, bob)
    with pytest.raises(Refused, match="warn of 1"):
        publish(draft, ann)
    publish(draft, ann, accept=True)


def test_the_signatory_signs_with_a_factor_that_was_just_shown(
    incident: Incident, ann: Actor, bob: Actor
) -> None:
    assert bob.user
    signatory = save_signatory(
        incident.page, user=bob.user, name="B. Boss", title="CEO | SIPcity", by=ann, at=AT
    )
    draft = draft_rfo(incident, body="Words.", signatory=signatory, by=ann, at=AT)
    assert (draft.signatory_name, draft.signatory_title) == ("B. Boss", "CEO | SIPcity")
    ask_review(draft, by=ann, at=AT)
    agree(draft, person("eve"))
    digest = words_digest(draft)
    with pytest.raises(Refused, match=r"B\. Boss has to sign"):
        publish(draft, ann)
    with pytest.raises(Refused, match=r"Only B\. Boss"):
        sign(draft, digest=digest, shown_at=AT, by=ann, at=AT)
    for stale in (None, AT - timedelta(minutes=6)):
        with pytest.raises(Refused, match="second factor"):
            sign(draft, digest=digest, shown_at=stale, by=bob, at=AT)
    sign(draft, digest=digest, shown_at=AT - timedelta(minutes=4), by=bob, at=AT)
    publish(draft, ann)
    draft.refresh_from_db()
    assert draft.signed_at == AT


def test_a_signature_does_not_survive_other_words_and_who_is_retired_signs_nothing(
    incident: Incident, ann: Actor, bob: Actor
) -> None:
    assert bob.user
    signatory = save_signatory(incident.page, user=bob.user, name="B. Boss", title="", by=ann, at=AT)
    RfoPolicy.objects.create(page=incident.page, approvals=0)
    draft = draft_rfo(incident, body="Words.", signatory=signatory, by=ann, at=AT)
    sign(draft, digest=words_digest(draft), shown_at=AT, by=bob, at=AT)
    draft = draft_rfo(incident, body="Other words.", signatory=signatory, by=ann, at=AT)
    with pytest.raises(Refused, match="has to sign"):
        publish(draft, ann)
    retire_signatory(signatory, by=ann, at=AT)
    draft.refresh_from_db()
    with pytest.raises(Refused, match="signs no longer"):
        sign(draft, digest=words_digest(draft), shown_at=AT, by=bob, at=AT)


def test_a_page_may_want_every_version_signed(incident: Incident, ann: Actor) -> None:
    RfoPolicy.objects.create(page=incident.page, approvals=0, needs_signature=True)
    draft = draft_rfo(incident, body="Words.", signatory_name="Anybody", by=ann, at=AT)
    with pytest.raises(Refused, match="Choose who signs"):
        publish(draft, ann)


def test_a_remark_is_settled_and_touches_no_approval(draft: RfoVersion, ann: Actor, bob: Actor) -> None:
    agree(draft, bob)
    comment = add_comment(draft, body="Which certificate?", place="letter, line 1", by=bob, at=AT)
    settle_comment(comment, by=ann, at=AT)
    comment.refresh_from_db()
    assert comment.settled_at == AT
    assert len(standing_of(draft).approvals) == 1
    for words in ("", "a\x00b", "x" * 5_001):
        with pytest.raises(Refused):
            add_comment(draft, body=words, by=bob, at=AT)


def test_a_scheduled_version_is_published_at_its_time_once(draft: RfoVersion, ann: Actor, bob: Actor) -> None:
    agree(draft, bob)
    then = AT + timedelta(hours=3)
    schedule(draft, digest=words_digest(draft), publish_at=then, accept=True, by=ann, at=AT)
    assert release_due(at=then - timedelta(seconds=1)) == 0
    assert [release_due(at=then), release_due(at=then)] == [1, 0]
    draft.refresh_from_db()
    assert (draft.state, draft.published_at) == ("published", then)
    assert Event.objects.get(kind="rfo.published").actor == "ann"


def test_a_scheduled_version_whose_words_changed_is_left_to_people_and_they_see_why(
    draft: RfoVersion, ann: Actor, bob: Actor
) -> None:
    agree(draft, bob)
    then = AT + timedelta(hours=3)
    schedule(draft, digest=words_digest(draft), publish_at=then, accept=True, by=ann, at=AT)
    draft_rfo(draft.rfo.incident, body="Changed in the last minute.", by=ann, at=AT)
    assert release_due(at=then) == 0
    draft.refresh_from_db()
    assert (draft.state, draft.publish_at) == ("in_review", None)
    told = Event.objects.filter(kind="rfo.reviewed").latest("pk").data
    assert (told["what"], "changed" in told["why"]) == ("not published as scheduled", True)


@pytest.mark.parametrize("hours", [-1, 0, 24 * 400])
def test_a_time_that_is_past_or_years_away_is_refused(
    draft: RfoVersion, ann: Actor, bob: Actor, hours: int
) -> None:
    agree(draft, bob)
    with pytest.raises(Refused, match="still to come"):
        schedule(
            draft,
            digest=words_digest(draft),
            publish_at=AT + timedelta(hours=hours),
            accept=True,
            by=ann,
            at=AT,
        )


def test_nothing_can_be_done_to_a_published_version(draft: RfoVersion, ann: Actor, bob: Actor) -> None:
    agree(draft, bob)
    publish(draft, ann)
    for act in (
        lambda: ask_review(draft, by=ann, at=AT),
        lambda: agree(draft, bob),
        lambda: publish(draft, ann),
        lambda: set_content(draft, content=Content(), by=ann, at=AT),
        lambda: add_comment(draft, body="Late.", by=bob, at=AT),
    ):
        with pytest.raises(Refused):
            act()


def test_another_pages_signatory_is_refused(incident: Incident, ann: Actor, bob: Actor) -> None:
    assert bob.user
    other = create_page(name="2talk", zone_name="Pacific/Auckland", by=ann, at=T0)
    stranger = save_signatory(other, user=bob.user, name="B. Boss", title="", by=ann, at=AT)
    with pytest.raises(Refused, match="another page"):
        draft_rfo(incident, body="Words.", signatory=stranger, by=ann, at=AT)


def test_what_another_process_has_published_or_a_person_taken_back_is_not_released(
    draft: RfoVersion, ann: Actor, bob: Actor
) -> None:
    agree(draft, bob)
    then = AT + timedelta(hours=3)
    schedule(draft, digest=words_digest(draft), publish_at=then, accept=True, by=ann, at=AT)
    stale = RfoVersion.objects.select_related("rfo__page").get(pk=draft.pk)
    take_back(draft, by=ann, at=AT)
    assert reviews._release_scheduled(stale, at=then) is False
    ask_review(draft, by=ann, at=AT)
    schedule(draft, digest=words_digest(draft), publish_at=then, accept=True, by=ann, at=AT)
    assert release_due(at=then) == 1
    assert reviews._release_scheduled(stale, at=then) is False
    assert not Event.objects.filter(data__what="not published as scheduled").exists()


def test_words_that_others_wrote_meanwhile_are_not_replaced(
    draft: RfoVersion, ann: Actor, bob: Actor
) -> None:
    incident, read = draft.rfo.incident, words_digest(draft)
    draft_rfo(incident, body="Bob's hour of words.", by=bob, at=AT)
    with pytest.raises(Conflict):
        draft_rfo(incident, body="Mended.", expected=read, by=ann, at=AT)
    with pytest.raises(Refused, match="already"):
        draft_rfo(incident, body="From the record.", only_first=True, by=ann, at=AT)
    draft.refresh_from_db()
    assert draft.body == "Bob's hour of words."
