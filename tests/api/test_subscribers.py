"""Subscribers by the management API, of a page and of one incident."""

from datetime import UTC, datetime

import pytest

from incidents.domain.subscribers import SubscriberState
from incidents.models import Delivery, Event, Page, Subscriber
from incidents.models.keys import Scope
from incidents.operations.endpoints import disable_subscription, suppress
from tests.api.asking import Script
from tests.factories import make_component, make_incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def script(page: Page) -> Script:
    return Script(page, Scope.SUBSCRIBERS)


def add(script: Script, path: str = "/subscribers", **sent: object) -> dict[str, object]:
    reply = script.post(path, {"subscriber": sent})
    assert reply.status == 201, reply
    found: dict[str, object] = reply.body
    return found


def test_somebody_new_is_asked_to_confirm_and_listed_as_unconfirmed(script: Script, page: Page) -> None:
    calls = make_component(page, "Calls")
    made = add(script, email="kim@example.com", component_ids=[calls.code])
    assert (made["state"], made["type"], made["components"]) == ("unconfirmed", "email", [calls.code])
    assert Event.objects.filter(kind="subscriber.requested", notifies=True).count() == 1
    assert script.get("/subscribers") == []
    assert [each["id"] for each in script.get("/subscribers?state=unconfirmed")] == [made["id"]]
    assert script.post(f"/subscribers/{made['id']}/resend_confirmation").status == 201


def test_whoever_is_vouched_for_is_active_at_once_and_mailed_nothing(script: Script) -> None:
    made = add(script, email="kim@example.com", skip_confirmation_notification=True)
    hook = add(
        script,
        endpoint="https://noc.example.com/hook",
        email="noc@example.com",
        skip_confirmation_notification=True,
    )
    assert (made["state"], hook["state"], hook["type"]) == ("active", "active", "webhook")
    assert (hook["endpoint"], hook["email"]) == ("https://noc.example.com/hook", "noc@example.com")
    assert not Event.objects.filter(notifies=True).exists()
    assert not Delivery.objects.exists()
    assert script.get("/subscribers/count") == {
        "email": 1, "sms": 0, "webhook": 1, "slack": 0, "teams": 0, "integration_partner": 0
    }  # fmt: skip
    assert script.get("/subscribers/histogram_by_state")["email"] == {
        "active": 1, "unconfirmed": 0, "quarantined": 0, "total": 1
    }  # fmt: skip
    secret = script.post(f"/subscribers/{hook['id']}/secret").body["secret"]
    assert secret.startswith("whsec_")
    assert script.post(f"/subscribers/{made['id']}/secret").status == 422


def test_pages_of_subscribers_count_from_nought(script: Script) -> None:
    codes = [
        add(script, email=f"k{number}@example.com", skip_confirmation_notification=True)["id"]
        for number in range(3)
    ][::-1]
    assert [each["id"] for each in script.get("/subscribers?limit=2&page=0")] == codes[:2]
    assert [each["id"] for each in script.get("/subscribers?limit=2&page=1")] == codes[2:]
    assert [each["id"] for each in script.get("/subscribers?q=k1&type=email")] == [codes[1]]


def test_one_is_changed_and_unsubscribed_and_only_its_owner_brings_it_back(
    script: Script, page: Page
) -> None:
    calls = make_component(page, "Calls")
    made = add(script, email="kim@example.com", skip_confirmation_notification=True)
    path = f"/subscribers/{made['id']}"
    assert script.patch(path, {"subscriber": {"component_ids": [calls.code]}}).body["components"] == [
        calls.code
    ]
    assert script.patch(path, {"subscriber": {"component_ids": []}}).body["components"] is None
    assert script.ask("DELETE", path).body["state"] == "unsubscribed"
    assert [each["id"] for each in script.get("/subscribers/unsubscribed")] == [made["id"]]
    assert script.post("/subscribers/reactivate", {"subscribers": [made["id"]]}).status == 422
    again = script.post(
        "/subscribers", {"subscriber": {"email": "kim@example.com", "skip_confirmation_notification": True}}
    )
    assert again.status == 422
    assert "Let them subscribe again" in again.errors[0]


def test_many_are_reactivated_asked_again_or_ended_all_or_none(script: Script) -> None:
    made = [
        add(script, email=f"k{n}@example.com", skip_confirmation_notification=True)["id"] for n in range(3)
    ]
    for each in Subscriber.objects.filter(code__in=made[:2]):
        disable_subscription(each, why="gone", at=datetime.now(UTC))
    assert [each["id"] for each in script.get("/subscribers?state=quarantined")] == made[:2][::-1]
    assert script.post("/subscribers/reactivate", {"subscribers": "all"}).status == 201
    assert len(script.get("/subscribers")) == 3
    refused = script.post("/subscribers/unsubscribe", {"subscribers": [*made, "nosuchcode00"]})
    assert refused.errors == ["subscribers: there is no subscriber nosuchcode00 on this page."]
    assert len(script.get("/subscribers")) == 3
    assert script.post("/subscribers/unsubscribe", {"subscribers": made}).status == 201
    assert script.get("/subscribers") == []
    assert script.post("/subscribers/resend_confirmation", {"subscribers": "all"}).status == 201
    assert script.post("/subscribers/resend_confirmation", {"subscribers": made}).status == 422


def test_an_incident_has_subscribers_of_its_own(script: Script, page: Page) -> None:
    incident = make_incident(page)
    path = f"/incidents/{incident.code}/subscribers"
    made = add(script, path, email="kim@example.com", skip_confirmation_notification=True)
    assert [each["id"] for each in script.get(path)] == [made["id"]]
    assert script.get("/subscribers") == []
    assert script.ask("GET", f"/subscribers/{made['id']}").status == 404
    assert script.ask("DELETE", f"{path}/{made['id']}").body["state"] == "unsubscribed"
    other = add(script, path, email="lee@example.com")
    assert other["state"] == "unconfirmed"
    assert script.post(f"{path}/{other['id']}/resend_confirmation").status == 201


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "email or endpoint: "),
        ({"email": "nobody"}, "email or endpoint: "),
        ({"phone_number": "5551234", "phone_country": "US"}, "type: we tell people by email"),
        ({"type": "sms"}, "type: we tell people by email"),
        ({"type": "webhook"}, "endpoint: say where to post to."),
        ({"endpoint": "http://169.254.169.254/", "email": "a@example.com"}, "email or endpoint: "),
        ({"email": "a@example.com", "component_ids": ["nosuchcode00"]}, "components: there is no component"),
        ({"email": "gone@example.com"}, "email: this mailbox gets no mail of ours"),
        (
            {"email": "gone@example.com", "skip_confirmation_notification": True},
            "email or endpoint: This mailbox",
        ),
    ],
)
def test_what_is_wrong_is_named_and_nobody_is_added(
    script: Script, sent: dict[str, object], says: str
) -> None:
    suppress("gone@example.com", why="550", at=datetime.now(UTC))
    reply = script.post("/subscribers", {"subscriber": sent})
    assert reply.status == 422
    assert reply.errors[0].startswith(says), reply.errors
    assert not Subscriber.objects.filter(state=SubscriberState.ACTIVE).exists()


def test_staff_are_no_subscribers(script: Script, page: Page) -> None:
    at = datetime.now(UTC)
    Subscriber.objects.create(
        page=page,
        channel="email",
        address="noc@example.com",
        is_staff=True,
        state="active",
        created_at=at,
        nonce="x",
    )
    assert script.get("/subscribers?state=all") == []
    assert script.get("/subscribers/count?state=all")["email"] == 0
