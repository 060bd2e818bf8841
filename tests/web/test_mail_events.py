"""Bounces and complaints as a mail service reports them, through django-anymail's own doors."""

import base64
import json
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest

from incidents.models import Event, Page, Subscriber, Suppression
from incidents.operations.bounces import Bounce, note_bounce
from incidents.operations.endpoints import lift_suppression
from incidents.operations.subscribers import request_subscription
from tests.factories import BEGAN, make_page
from tests.notifying.people import hook_reader, mail_reader
from tests.peers.installation import Installation

DAY = timedelta(days=1)
SET_UP = """
from datetime import UTC, datetime
from incidents.models import Subscriber
from incidents.operations.actors import DEMO
from incidents.operations.pages import create_page
now = datetime.now(UTC)
page = create_page(name="SIPcity", zone_name="Australia/Sydney", by=DEMO, at=now)
for name in ("gone", "cross"):
    Subscriber.objects.create(page=page, channel="email", address=f"{name}@example.com", state="active", nonce="n",
        created_at=now, confirmed_at=now)
"""
STATES = """
from incidents.models import Subscriber
print(*Subscriber.objects.order_by("pk").values_list("state", flat=True))
"""


def states() -> list[str]:
    return list(Subscriber.objects.order_by("pk").values_list("state", flat=True))


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


@pytest.mark.django_db
def test_a_hard_bounce_ends_the_mails_to_an_address_from_every_page(page: Page) -> None:
    mail_reader(page, "Gone@example.com"), mail_reader(make_page("2talk"), "gone@example.com")
    mail_reader(page, "other@example.com"), hook_reader(page, "https://hooks.example.com/a")
    note_bounce("gone@example.com", Bounce.HARD, why="550 no such user", at=BEGAN)
    assert states() == ["disabled", "disabled", "active", "active"]
    assert "no such user" in Suppression.objects.get().why


@pytest.mark.django_db
def test_who_complains_is_unsubscribed_and_never_mailed_again(page: Page) -> None:
    mail_reader(page, "cross@example.com")
    note_bounce("cross@example.com", Bounce.COMPLAINT, why="abuse", at=BEGAN)
    assert states() == ["ended"]
    request_subscription(page, channel="email", address="Cross@example.com", at=BEGAN + DAY)
    assert not Event.objects.filter(kind="subscriber.requested").exists()
    assert lift_suppression("cross@example.com")
    request_subscription(page, channel="email", address="cross@example.com", at=BEGAN + DAY)
    assert Event.objects.filter(kind="subscriber.requested").count() == 1


@pytest.mark.django_db
def test_a_third_soft_bounce_within_a_week_disables(page: Page) -> None:
    mail_reader(page, "full@example.com")
    for day in (0, 8, 10):
        note_bounce("full@example.com", Bounce.SOFT, why="452 full", at=BEGAN + day * DAY)
    assert states() == ["active"]
    note_bounce("full@example.com", Bounce.SOFT, why="452 full", at=BEGAN + 14 * DAY)
    assert states() == ["disabled"]
    assert not Suppression.objects.exists()


@pytest.mark.django_db
def test_a_bounce_of_somebody_whom_we_do_not_mail_is_nothing(page: Page) -> None:
    for kind in Bounce:
        note_bounce("stranger@example.com", kind, why="x", at=BEGAN)
    assert not Suppression.objects.exists()
    assert not Event.objects.filter(subscriber__isnull=False).exists()


@pytest.mark.slow
def test_postmark_reports_a_bounce_and_a_complaint_and_strangers_report_nothing(tmp_path: Path) -> None:
    with Installation(
        tmp_path,
        EMAIL_SERVICE="postmark",
        EMAIL_SERVICE_OPTIONS="POSTMARK_SERVER_TOKEN=test",
        EMAIL_EVENTS_SECRET="open sesame".replace(" ", "-"),
    ) as home:
        home.shell(SET_UP)
        home.start("web")

        def tell(secret: str, **facts: object) -> int:
            words = base64.b64encode(f"dialtone:{secret}".encode()).decode()
            request = urllib.request.Request(
                f"{home.url}/mail-events/postmark/tracking/",
                json.dumps(facts).encode(),
                {"Content-Type": "application/json", "Authorization": f"Basic {words}"},
            )
            try:
                with urllib.request.urlopen(request, timeout=10) as reply:
                    return int(reply.status)
            except urllib.error.HTTPError as error:
                return error.code

        bounce = {
            "RecordType": "Bounce",
            "Type": "HardBounce",
            "TypeCode": 1,
            "Email": "gone@example.com",
            "Description": "no such user",
            "MessageID": "m",
            "BouncedAt": "2026-11-26T10:00:00Z",
            "ID": 1,
        }
        complaint = {
            **bounce,
            "RecordType": "SpamComplaint",
            "Type": "SpamComplaint",
            "Email": "cross@example.com",
        }
        assert tell("wrong", **bounce) == 400
        assert home.shell(STATES) == "active active\n"
        assert tell("open-sesame", **bounce) == 200
        assert tell("open-sesame", **complaint) == 200
        assert home.shell(STATES) == "disabled ended\n"
        assert home.get("/mail-events/postmark/inbound/")[0] == 404
