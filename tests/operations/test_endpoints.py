"""What answers say of an endpoint beyond one delivery: failing since, working again, given up, gone."""

from datetime import datetime

import pytest

from incidents.channels.messages import Answer, Verdict
from incidents.domain.deliveries import DISABLE_AFTER
from incidents.models import Delivery, Event, Page, Subscriber, Suppression
from incidents.operations.actors import DEMO
from incidents.operations.deliveries import claim, settle
from incidents.operations.endpoints import disable_subscription, note_answers, suppress
from incidents.operations.errors import Refused
from incidents.operations.people import erase_person
from incidents.operations.subscribers import confirm_subscription, request_subscription, resume_subscription
from tests.factories import BEGAN, make_incident, make_page, make_update
from tests.notifying.people import hook_reader, mail_reader
from tests.operations.queue import HOUR, MINUTE, SECOND, expand_all, told

pytestmark = pytest.mark.django_db
DAY = 24 * HOUR


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def answered(
    channel: str, verdict: Verdict, *, at: datetime, is_theirs: bool = True, is_gone: bool = False
) -> int:
    """Claim what is ready and answer all of it alike; how many there were."""
    rows = claim(channel, at=at, limit=100)
    answers = [
        Answer(row.key, verdict, "503 words", code=503, is_theirs=is_theirs, is_gone=is_gone) for row in rows
    ]
    settle(answers, at=at)
    note_answers(answers, failing={row.key for row in rows if row.failing_since}, at=at)
    return len(rows)


def state(subscriber: Subscriber) -> tuple[str, datetime | None]:
    subscriber.refresh_from_db()
    return subscriber.state, subscriber.failing_since


def test_a_failure_is_dated_and_a_success_clears_it(page: Page) -> None:
    hook = hook_reader(page, "https://hooks.example.com/a")
    make_incident(page)
    expand_all(BEGAN)
    answered("webhook", Verdict.RETRY, at=BEGAN)
    assert state(hook) == ("active", BEGAN)
    answered("webhook", Verdict.RETRY, at=BEGAN + HOUR)
    assert state(hook) == ("active", BEGAN)
    answered("webhook", Verdict.SENT, at=BEGAN + 8 * HOUR)
    assert state(hook) == ("active", None)


def test_five_days_of_nothing_but_failures_disable_and_the_owner_is_mailed(page: Page) -> None:
    hook = hook_reader(page, "https://hooks.example.com/a")
    incident = make_incident(page)
    expand_all(BEGAN)
    at = BEGAN
    for number in range(60):
        answered("webhook", Verdict.RETRY, at=at)
        if at - BEGAN < DISABLE_AFTER:
            assert state(hook) == ("active", BEGAN), at
        at += 4 * HOUR
        if number % 6 == 0:
            make_update(incident, at=at)
            expand_all(at)
    hook.refresh_from_db()
    assert (hook.state, hook.disabled_for) == ("disabled", "503 words")
    expand_all(at)
    (mail,) = claim("email", at=at, limit=9)
    assert (mail.kind, mail.contact_email, mail.is_wanted) == ("subscriber.disabled", "ops@example.com", True)
    assert not Delivery.objects.filter(channel="webhook", state__in=("due", "failed")).exists()


def test_what_was_silent_for_weeks_gets_a_few_tries_before_a_failure_counts(page: Page) -> None:
    hook = hook_reader(page, "https://hooks.example.com/a")
    Subscriber.objects.update(failing_since=BEGAN - 20 * DAY)
    make_incident(page)
    expand_all(BEGAN)
    for minute in (0, 1):
        answered("webhook", Verdict.RETRY, at=BEGAN + minute * MINUTE)
        assert state(hook)[0] == "active"
    answered("webhook", Verdict.RETRY, at=BEGAN + 5 * MINUTE)
    assert state(hook)[0] == "disabled"


def test_our_own_mail_server_is_nobodys_fault(page: Page) -> None:
    ada = mail_reader(page)
    make_incident(page)
    expand_all(BEGAN)
    answered("email", Verdict.UNTRIED, at=BEGAN, is_theirs=False)
    answered("email", Verdict.RETRY, at=BEGAN + HOUR, is_theirs=False)
    assert state(ada) == ("active", None)
    assert ada.deliveries.get().attempts == 1


def test_what_was_not_tried_for_three_days_is_given_up_with_its_reason(page: Page) -> None:
    ada = mail_reader(page)
    make_incident(page)
    expand_all(BEGAN)
    answered("email", Verdict.UNTRIED, at=BEGAN + 2 * DAY, is_theirs=False)
    assert ada.deliveries.get().state == "due"
    answered("email", Verdict.UNTRIED, at=BEGAN + 3 * DAY, is_theirs=False)
    assert (ada.deliveries.get().state, ada.deliveries.get().detail) == ("dead", "503 words")


def test_an_endpoint_that_is_gone_is_disabled_at_once(page: Page) -> None:
    hook = hook_reader(page, "https://hooks.example.com/a")
    make_incident(page)
    expand_all(BEGAN)
    answered("webhook", Verdict.REFUSED, at=BEGAN, is_gone=True)
    assert state(hook)[0] == "disabled"


def test_a_mailbox_that_is_gone_is_suppressed_on_every_page(page: Page) -> None:
    ada, other = mail_reader(page), mail_reader(make_page("2talk"), "Ada@example.com")
    make_incident(page)
    expand_all(BEGAN)
    answered("email", Verdict.REFUSED, at=BEGAN, is_gone=True)
    assert (state(ada)[0], state(other)[0]) == ("disabled", "disabled")
    assert Suppression.objects.get().address == "ada@example.com"
    assert not Event.objects.filter(kind="subscriber.disabled", notifies=True).exists()


def test_a_bounce_of_an_owners_mail_suppresses_the_owner_and_leaves_the_receiver(page: Page) -> None:
    request_subscription(
        page,
        channel="webhook",
        address="https://hooks.example.com/a",
        contact_email="ops@example.com",
        at=BEGAN,
    )
    expand_all(BEGAN)
    answered("email", Verdict.REFUSED, at=BEGAN, is_gone=True)
    assert Suppression.objects.get().address == "ops@example.com"
    assert state(Subscriber.objects.get())[0] == "pending"


def test_a_greeting_that_is_never_taken_ends_in_being_disabled(page: Page) -> None:
    request_subscription(
        page,
        channel="webhook",
        address="https://hooks.example.com/a",
        contact_email="ops@example.com",
        at=BEGAN,
    )
    hook = Subscriber.objects.get()
    expand_all(BEGAN)
    answered("email", Verdict.SENT, at=BEGAN)
    confirm_subscription(hook, at=BEGAN + SECOND)
    make_incident(page, at=BEGAN + MINUTE)
    expand_all(BEGAN + MINUTE)
    assert told(hook) == ["subscriber.requested", "subscriber.confirmed", "incident.opened"]
    at = BEGAN + MINUTE
    while state(hook)[0] == "active":
        assert answered("webhook", Verdict.RETRY, at=at) <= 1
        at += 5 * HOUR + HOUR
        assert at < BEGAN + 4 * DAY
    assert set(hook.deliveries.filter(channel="webhook").values_list("state", flat=True)) == {"dead"}


def test_disabling_and_resuming_twice_is_once(page: Page) -> None:
    hook = hook_reader(page, "https://hooks.example.com/a")
    for _ in range(2):
        disable_subscription(hook, why="410 Gone", at=BEGAN)
    assert Event.objects.filter(kind="subscriber.disabled").count() == 1
    resume_subscription(hook, at=BEGAN + HOUR)
    with pytest.raises(Refused, match="not disabled"):
        resume_subscription(hook, at=BEGAN + HOUR)


def test_the_owner_of_a_disabled_receiver_is_not_mailed_where_no_mail_may_go(page: Page) -> None:
    hook = hook_reader(page, "https://hooks.example.com/a")
    suppress("OPS@example.com", why="complained", at=BEGAN)
    disable_subscription(hook, why="410 Gone", at=BEGAN)
    assert not Event.objects.get(kind="subscriber.disabled").notifies


def test_an_answer_for_somebody_who_was_erased_meanwhile_is_nothing(page: Page) -> None:
    hook = hook_reader(page, "https://hooks.example.com/a")
    make_incident(page)
    expand_all(BEGAN)
    (row,) = claim("webhook", at=BEGAN, limit=9)
    kept = Subscriber.objects.get(pk=hook.pk)
    erase_person("ops@example.com", by=DEMO, at=BEGAN)
    gone = Answer(row.key, Verdict.REFUSED, "410 Gone", code=410, is_theirs=True, is_gone=True)
    settle([gone], at=BEGAN)
    note_answers([gone], failing=(), at=BEGAN)
    disable_subscription(kept, why="410 Gone", at=BEGAN)
    assert not Event.objects.filter(kind="subscriber.disabled").exists()
