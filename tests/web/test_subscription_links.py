"""What the owner of a subscription can do with the links in our mails: follow, choose, try, replace, resume, see."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.test import Client
from pytest_django import Settings
from standardwebhooks import Webhook

from incidents.domain.components import ComponentStatus
from incidents.models import Delivery, Event, Page, Subscriber
from incidents.notifying.relay import relay_due
from incidents.operations.actors import DEMO
from incidents.operations.credentials import unseal
from incidents.operations.endpoints import disable_subscription
from incidents.operations.retiring import retire_component
from incidents.operations.tokens import Purpose, make_token
from tests.channels.conftest import hooks, mail
from tests.factories import make_component, make_incident, make_page, make_update
from tests.notifying.people import SECRET, hook_reader, mail_reader
from tests.peers.sink import HookSink, Reply
from tests.web.test_subscriptions import FORM, HOST, page, post, quiet_cache, visitor

__all__ = ["hooks", "mail", "page", "quiet_cache", "visitor"]
pytestmark = pytest.mark.django_db


def manage(subscriber: Subscriber) -> str:
    return f"{FORM}manage/{make_token(subscriber, Purpose.MANAGE, at=datetime.now(UTC))}"


def press(visitor: Client, path: str, act: str, **facts: str) -> tuple[int, str]:
    """Press one of the buttons of the page."""
    visitor.get(path)
    token = visitor.cookies["csrftoken"].value
    answer = visitor.post(f"{path}/{act}", {"csrfmiddlewaretoken": token, **facts}, follow=True)
    return answer.status_code, unescape(answer.content.decode())


def test_one_incident_is_followed_alone(visitor: Client, page: Page) -> None:
    network = make_component(page, "Network")
    incident = make_incident(page, "Calls fail", components={network: ComponentStatus.DEGRADED_PERFORMANCE})
    other = make_incident(page, "Faxes fail")
    path = f"{FORM}?incident={incident.code}"
    form = visitor.get(path).content.decode()
    assert "Follow this incident" in form
    assert "Calls fail" in form
    status, _ = post(visitor, path, channel="email", address="ada@example.com", incident=incident.code)
    ada = Subscriber.objects.get()
    assert (status, ada.incident) == (200, incident)
    confirm = f"{FORM}confirm/{make_token(ada, Purpose.CONFIRM, at=datetime.now(UTC))}"
    assert "Calls fail" in visitor.get(confirm).content.decode()
    post(visitor, confirm)
    make_update(incident, at=datetime.now(UTC)), make_update(other, at=datetime.now(UTC))
    assert list(Subscriber.objects.told_of(incident)) == [ada]
    assert list(Subscriber.objects.told_of(other)) == []


def test_who_hears_of_all_and_follows_one_is_told_once(page: Page) -> None:
    incident = make_incident(page, "Calls fail")
    ada = mail_reader(page)
    Subscriber.objects.create(
        page=page,
        channel="email",
        address=ada.address,
        incident=incident,
        state="active",
        nonce="n",
        created_at=ada.created_at,
        confirmed_at=ada.created_at,
    )
    assert list(Subscriber.objects.told_of(incident)) == [ada]


def test_an_unknown_incident_or_one_of_another_page_is_the_plain_form(visitor: Client, page: Page) -> None:
    other = make_incident(make_page("2talk"))
    for code in ("nosuchcode12", other.code, "x" * 5000, "%00"):
        assert "Subscribe to updates" in visitor.get(f"{FORM}?incident={code}").content.decode()


def test_only_major_is_chosen_kept_and_changed(visitor: Client, page: Page) -> None:
    post(visitor, FORM, channel="email", address="ada@example.com", only_major="on")
    ada = Subscriber.objects.get()
    assert ada.only_major
    Subscriber.objects.update(state="active", confirmed_at=ada.created_at)
    assert re.search(r'name="only_major"\s+checked', visitor.get(manage(ada)).content.decode())
    post(visitor, manage(ada))
    ada.refresh_from_db()
    assert not ada.only_major


def test_only_major_hears_of_an_incident_once_it_is_major(page: Page) -> None:
    network = make_component(page, "Network")
    ada = mail_reader(page)
    Subscriber.objects.update(only_major=True)
    incident = make_incident(page, components={network: ComponentStatus.DEGRADED_PERFORMANCE})
    assert list(Subscriber.objects.told_of(incident)) == []
    make_update(incident, components={network: ComponentStatus.MAJOR_OUTAGE})
    incident.refresh_from_db()
    assert list(Subscriber.objects.told_of(incident)) == [ada]


def test_a_receiver_is_greeted_first_and_nothing_else_comes_before_it_takes_that(
    visitor: Client, page: Page, hooks: HookSink
) -> None:
    hooks.behave = lambda _: Reply(503 if len(hooks.hooks) < 2 else 204)
    post(
        visitor,
        f"{FORM}?channel=webhook",
        channel="webhook",
        address=hooks.url(),
        contact_email="o@example.com",
    )
    subscriber = Subscriber.objects.get()
    confirm = f"{FORM}confirm/{make_token(subscriber, Purpose.CONFIRM, at=datetime.now(UTC))}"
    _, text = post(visitor, confirm)
    secret = re.findall(r"whsec_[\w+/=]+", text)[0]
    make_incident(page, at=datetime.now(UTC))
    relay_due()
    assert [hook.json["type"] for hook in hooks.hooks] == ["ping"]
    assert Webhook(secret).verify(hooks.hooks[0].body, dict(hooks.hooks[0].headers))
    _, text = press(visitor, manage(subscriber), "try")
    assert "on its way" in text
    relay_due()
    assert ["incident" in hook.json for hook in hooks.hooks] == [False, False, True, False]
    assert len({hook.headers["webhook-id"] for hook in hooks.hooks[:2]}) == 1
    assert "failed" not in visitor.get(manage(subscriber)).content.decode()


def test_a_replaced_secret_is_shown_once_and_both_sign_for_a_day(
    visitor: Client, page: Page, hooks: HookSink
) -> None:
    subscriber = hook_reader(page, hooks.url())
    status, text = press(visitor, manage(subscriber), "secret")
    (secret,) = re.findall(r"whsec_[\w+/=]+", text)
    assert (status, secret != SECRET) == (200, True)
    subscriber.refresh_from_db()
    assert (unseal(subscriber.secret), unseal(subscriber.old_secret)) == (secret, SECRET)
    assert "whsec_" not in visitor.get(manage(subscriber)).content.decode()
    make_incident(page, at=datetime.now(UTC))
    relay_due()
    (hook,) = hooks.hooks
    for each in (secret, SECRET):
        Webhook(each).verify(hook.body, dict(hook.headers))
    Subscriber.objects.update(old_secret_until=datetime(2021, 10, 9, tzinfo=UTC))
    make_incident(page, "Again", at=datetime.now(UTC))
    relay_due()
    assert len(hooks.hooks[1].headers["webhook-signature"].split()) == 1


def test_a_disabled_receiver_is_resumed_by_its_owner(visitor: Client, page: Page, hooks: HookSink) -> None:
    subscriber = hook_reader(page, hooks.url())
    disable_subscription(subscriber, why="410 Gone", at=datetime.now(UTC))
    path = manage(subscriber)
    text = visitor.get(path).content.decode()
    assert "disabled" in text
    assert "410 Gone" not in text
    _, text = press(visitor, path, "resume")
    assert "active again" in text
    relay_due()
    assert [hook.json["type"] for hook in hooks.hooks] == ["ping"]


def test_the_owner_sees_how_it_went_and_never_what_a_receiver_said(
    visitor: Client, page: Page, hooks: HookSink
) -> None:
    subscriber = hook_reader(page, hooks.url())
    hooks.behave = lambda _: Reply(500, {}, b"root:x:0:0")
    make_incident(page, "Calls fail", at=datetime.now(UTC))
    relay_due()
    text = visitor.get(manage(subscriber)).content.decode()
    assert "failed (500)" in text
    assert "Calls fail" in text
    assert "root:x" not in text


def test_buttons_are_pressed_by_post_with_a_token_and_not_without_end(visitor: Client, page: Page) -> None:
    subscriber = hook_reader(page, "https://hooks.example.com/a")
    for act in ("try", "secret", "resume"):
        assert visitor.get(f"{manage(subscriber)}/{act}").status_code == 405
        assert visitor.post(f"{manage(subscriber)}/{act}").status_code == 403
    before = Event.objects.count()
    codes = [press(visitor, manage(subscriber), "try")[0] for _ in range(12)]
    assert codes == [200] * 10 + [409] * 2
    assert Event.objects.count() == before + 10
    assert not Delivery.objects.exists()


def test_a_person_has_no_buttons_for_machines(visitor: Client, page: Page) -> None:
    ada = mail_reader(page)
    text = visitor.get(manage(ada)).content.decode()
    assert "signing secret" not in text
    assert "try it" not in text
    assert press(visitor, manage(ada), "secret")[0] == 409
    assert press(visitor, manage(ada), "try")[0] == 409


def test_links_that_open_nothing_are_not_tried_without_end(visitor: Client, page: Page) -> None:
    codes = [visitor.get(f"{FORM}manage/{number}").status_code for number in range(125)]
    assert codes == [404] * 120 + [429] * 5


def test_one_link_is_not_posted_to_without_end(page: Page, settings: Settings) -> None:
    ada = mail_reader(page)
    path = f"{FORM}unsubscribe/{make_token(ada, Purpose.LEAVE, at=datetime.now(UTC))}"
    codes = [Client(HTTP_HOST=HOST).post(path).status_code for _ in range(62)]
    assert codes == [200] * 60 + [429] * 2


def test_a_choice_that_was_retired_is_kept_and_never_turns_into_all_services(
    visitor: Client, page: Page
) -> None:
    network = make_component(page, "Network")
    ada = mail_reader(page, components=[network])
    retire_component(network, by=DEMO, at=datetime.now(UTC))
    shown = visitor.get(manage(ada)).content.decode()
    assert "All services that you chose are retired, so you receive nothing." in " ".join(shown.split())
    assert "Network (retired)" in shown
    assert post(visitor, manage(ada), components=network.code, topics="incidents")[0] == 200
    ada.refresh_from_db()
    assert (list(ada.components.all()), ada.topics) == ([network], "incidents")


def test_a_form_that_says_nothing_of_topics_leaves_them(visitor: Client, page: Page) -> None:
    ada = mail_reader(page)
    Subscriber.objects.filter(pk=ada.pk).update(wants_incidents=False)
    assert post(visitor, manage(ada))[0] == 200
    ada.refresh_from_db()
    assert ada.topics == "rfos"
