"""From a post to the inbox and the receiver, through real SMTP and real HTTP."""

import json
import socket
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from pytest_django import Settings
from standardwebhooks import Webhook

from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import IncidentStatus
from incidents.models import Component, Delivery, Event, Page, Subscriber
from incidents.notifying.relay import relay_due
from incidents.operations.deliveries import claim
from incidents.operations.fanout import FIRST, expand, expandable
from incidents.operations.subscribers import confirm_subscription, end_subscription, request_subscription
from incidents.operations.tokens import Purpose, read_token
from tests.factories import BEGAN, make_incident, make_page, make_rfo, make_update, resolve
from tests.notifying.people import SECRET, hook_reader, mail_reader
from tests.peers.mail import MailSink
from tests.peers.sink import Hook, HookSink, Reply, hook_sink
from tests.wiring.log_lines import json_log

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def statuses(hooks: list[Hook]) -> list[str]:
    return [hook.json["incident"]["status"] for hook in hooks]


def test_one_update_reaches_a_mailbox_and_a_receiver_once(
    page: Page, network: Component, mail: MailSink, hooks: HookSink
) -> None:
    mail_reader(page), hook_reader(page, hooks.url())
    make_incident(page, "Degraded network", components={network: S.MAJOR_OUTAGE})
    counts = relay_due(at=BEGAN)
    relay_due(at=BEGAN + HOUR)
    assert counts["sent"] == 3
    (message,) = mail.to("ada@example.com")
    assert message["Subject"] == "Investigating: Degraded network [SIPcity]"
    hook, move = hooks.hooks
    assert Webhook(SECRET).verify(hook.body, dict(hook.headers))["incident"]["name"] == "Degraded network"
    assert (
        Webhook(SECRET).verify(move.body, dict(move.headers))["component_update"]["new_status"]
        == "major_outage"
    )
    assert states() == ["sent"] * 3


def test_the_links_in_a_mail_are_the_readers_own_and_work(page: Page, mail: MailSink) -> None:
    ada = mail_reader(page)
    make_incident(page)
    relay_due(at=BEGAN)
    link = str(mail.messages[0]["List-Unsubscribe"]).strip("<>")
    base, _, token = link.rpartition("/")
    assert base == "http://status.sipcity.test/subscriptions/unsubscribe"
    assert read_token(token, Purpose.LEAVE, at=BEGAN + 1000 * HOUR) == ada


def test_a_request_to_subscribe_is_a_delivery_like_any_other(
    page: Page, mail: MailSink, hooks: HookSink
) -> None:
    request_subscription(
        page, channel="webhook", address=hooks.url(), contact_email="ops@example.com", at=BEGAN
    )
    relay_due(at=BEGAN)
    (message,) = mail.to("ops@example.com")
    body = message.get_body(("plain",))
    assert body is not None
    link = next(line for line in body.get_content().splitlines() if "/subscriptions/confirm/" in line)
    subscriber = read_token(link.rpartition("/")[2], Purpose.CONFIRM, at=BEGAN)
    assert confirm_subscription(subscriber, at=BEGAN + MINUTE)
    assert hooks.hooks == []
    assert states() == ["sent"]


def test_a_life_of_an_incident_arrives_in_its_order(page: Page, hooks: HookSink) -> None:
    hook_reader(page, hooks.url())
    incident = make_incident(page)
    make_update(incident)
    make_update(incident, status=IncidentStatus.MONITORING, at=BEGAN + 2 * HOUR)
    resolve(incident)
    make_rfo(incident)
    relay_due(at=BEGAN + 1000 * HOUR)
    assert statuses(hooks.hooks) == ["investigating", "identified", "monitoring", "resolved", "postmortem"]


def test_a_receiver_that_was_dead_gets_one_catch_up_with_the_whole_story(
    page: Page, settings: Settings
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    with hook_sink() as gone:
        port = gone.port
    hook_reader(page, f"http://127.0.0.1:{port}/hook")
    incident = make_incident(page)
    assert relay_due(at=BEGAN)["retry"] == 1
    for number in range(1, 4):
        make_update(incident, at=BEGAN + number * MINUTE)
        relay_due(at=BEGAN + number * MINUTE)
    resolve(incident, at=BEGAN + 4 * MINUTE)
    relay_due(at=BEGAN + 4 * MINUTE)
    with hook_sink(port=port) as back:
        relay_due(at=BEGAN + 6 * HOUR)
        relay_due(at=BEGAN + 12 * HOUR)
        assert statuses(back.hooks) == ["resolved"]
        assert len(back.hooks[0].json["incident"]["incident_updates"]) == 5
    assert states() == ["superseded"] * 4 + ["sent"]


def test_a_failing_receiver_is_tried_again_with_the_same_id(page: Page, hooks: HookSink) -> None:
    hook_reader(page, hooks.url())
    hooks.behave = lambda _: Reply(503 if len(hooks.hooks) < 3 else 204)
    make_incident(page)
    for minute in range(6):
        relay_due(at=BEGAN + minute * MINUTE)
    assert len(hooks.hooks) == 3
    assert len({hook.headers["webhook-id"] for hook in hooks.hooks}) == 1
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("sent", 3)


def test_a_receiver_that_is_gone_is_not_asked_again_and_its_owner_hears_of_it(
    page: Page, hooks: HookSink, mail: MailSink
) -> None:
    hook_reader(page, hooks.url())
    hooks.behave = lambda _: Reply(410, {}, b"gone fishing")
    make_incident(page)
    for hour in range(3):
        relay_due(at=BEGAN + hour * HOUR)
    row = Delivery.objects.get(channel="webhook")
    assert (len(hooks.hooks), row.state, row.code) == (1, "dead", 410)
    assert "gone fishing" in row.detail
    assert (Subscriber.objects.get().state, Subscriber.objects.get().disabled_for) == ("disabled", row.detail)
    (message,) = mail.to("ops@example.com")
    assert message["Subject"] == "Your Webhook subscription was disabled [SIPcity]"


def test_one_bad_address_harms_nobody_else(page: Page, mail: MailSink) -> None:
    mail.replies = {"r3@example.com": "550 No such user"}
    for number in range(6):
        mail_reader(page, f"r{number}@example.com")
    make_incident(page)
    counts = relay_due(at=BEGAN)
    assert (counts["sent"], counts["refused"]) == (5, 1)
    assert Delivery.objects.get(state="dead").detail == "550 No such user"


def test_a_mail_server_that_is_down_loses_nothing(page: Page, mail: MailSink, settings: Settings) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    for number in range(150):
        mail_reader(page, f"r{number}@example.com")
    make_incident(page)
    assert relay_due(at=BEGAN)["untried"] == 150
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {0}
    settings.EMAIL_PORT = port
    assert relay_due(at=BEGAN + HOUR)["sent"] == 150
    assert sorted(mail.recipients) == sorted(f"r{number}@example.com" for number in range(150))


def test_who_leaves_while_the_fan_out_runs_hears_nothing_more(
    page: Page, hooks: HookSink, mail: MailSink
) -> None:
    mail_reader(page, "bob@example.com")
    bob = Subscriber.objects.get()
    hook_reader(page, hooks.url())
    make_incident(page)
    event = next(iter(expandable(BEGAN)))
    expand(event, at=BEGAN)
    (claimed,) = claim("email", at=BEGAN, limit=1)
    assert claimed.code == bob.code
    end_subscription(bob, at=BEGAN + SECOND)
    relay_due(at=BEGAN + HOUR)
    assert mail.messages == []
    assert len(hooks.hooks) == 1


def test_who_leaves_between_the_rows_and_the_sending_hears_nothing_more(page: Page, mail: MailSink) -> None:
    bob = mail_reader(page, "bob@example.com")
    make_incident(page)
    Subscriber.objects.filter(pk=bob.pk).update(state="ended")
    Delivery.objects.create(
        event=next(iter(expandable(BEGAN))), subscriber=bob, channel="email", due_at=BEGAN, created_at=BEGAN
    )
    assert relay_due(at=BEGAN)["refused"] == 1
    assert (mail.messages, states()) == ([], ["dead"])


def test_a_secret_that_cannot_be_read_costs_nobody_else_a_message(page: Page, hooks: HookSink) -> None:
    readers = {name: hook_reader(page, hooks.url(f"/{name}")) for name in ("a", "b", "c", "d")}
    Subscriber.objects.filter(pk=readers["b"].pk).update(secret="sealed with another key")
    Subscriber.objects.filter(pk=readers["c"].pk).update(secret="gÄAAA")
    make_incident(page)
    counts = relay_due(at=BEGAN)
    assert (counts["sent"], counts["refused"], counts["retry"]) == (2, 2, 0)
    assert sorted(hook.path for hook in hooks.hooks) == ["/a", "/d"]
    for row in Delivery.objects.filter(state="dead"):
        assert "CREDENTIALS_KEY" in row.detail
        assert "subscribe again" in row.detail


def test_whose_secret_is_lost_still_gets_the_link_to_end_it(
    page: Page, hooks: HookSink, mail: MailSink
) -> None:
    hook_reader(page, hooks.url())
    Subscriber.objects.update(secret="sealed with another key")
    request_subscription(
        page, channel="webhook", address=hooks.url(), contact_email="ops@example.com", at=BEGAN
    )
    relay_due(at=BEGAN)
    assert len(mail.to("ops@example.com")) == 1


def test_our_own_fault_in_one_batch_stops_no_other(page: Page, hooks: HookSink, mail: MailSink) -> None:
    hook_reader(page, hooks.url())
    other = make_page("2talk")
    mail_reader(other)
    make_incident(page), make_incident(other)
    Page.objects.filter(pk=page.pk).update(zone_name="Mars/Base")
    counts = relay_due(at=BEGAN)
    assert (counts["sent"], counts["retry"]) == (1, 1)
    assert "our own fault" in Delivery.objects.get(state="failed").detail
    assert len(mail.messages) == 1


def test_the_log_of_a_fault_says_in_words_what_went_wrong(page: Page, hooks: HookSink) -> None:
    hook_reader(page, hooks.url())
    incident = make_incident(page)
    Page.objects.filter(pk=page.pk).update(zone_name="Mars/Base")
    with json_log() as lines:
        relay_due(at=BEGAN)
    line = json.loads(lines.getvalue())
    assert line["event"] == "a batch could not be sent"
    assert line["event_pk"] == Event.objects.get(incident=incident).pk
    assert "Mars/Base" in line["exception"]


def test_the_command_says_what_it_did(page: Page, mail: MailSink, capsys: pytest.CaptureFixture[str]) -> None:
    mail_reader(page)
    make_incident(page)
    call_command("relay_once")
    assert capsys.readouterr().out == "sent 1, to retry 0, refused 0\n"


def test_publishing_writes_one_row_however_many_are_told(page: Page) -> None:
    before = Event.objects.count()
    for number in range(200):
        mail_reader(page, f"r{number}@example.com")
    make_incident(page)
    assert (Event.objects.count() - before, Delivery.objects.count()) == (1, 0)


def test_a_mail_server_that_answers_nothing_holds_up_no_receiver(
    page: Page, hooks: HookSink, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 6
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings.EMAIL_HOST, settings.EMAIL_PORT = mute.getsockname()
        mail_reader(page)
        for number in range(300):
            hook_reader(page, hooks.url(f"/{number}"))
        make_incident(page)
        arrived: list[float] = []
        hooks.behave = lambda _: Reply(before=lambda: arrived.append(time.monotonic()))
        began = time.monotonic()
        counts = relay_due(at=BEGAN)
        assert time.monotonic() - began >= 6
    assert (counts["sent"], counts["untried"]) == (300, 1)
    assert max(arrived) - began < 5.5


def test_help_is_called_for_many_readers_and_not_for_few(page: Page, mail: MailSink) -> None:
    calls: list[int] = []
    for number in range(FIRST):
        mail_reader(page, f"r{number}@example.com")
    make_incident(page)
    relay_due(at=BEGAN, helper=lambda: calls.append(1))
    assert calls == [1]
    for reader in Subscriber.objects.all()[:10]:
        reader.delete()
    make_incident(page, "Again")
    relay_due(at=BEGAN, helper=lambda: calls.append(2))
    assert calls == [1]


def test_a_component_update_has_statuspages_keys_in_their_order(
    page: Page, network: Component, hooks: HookSink
) -> None:
    hook_reader(page, hooks.url())
    make_incident(page, components={network: S.PARTIAL_OUTAGE})
    relay_due(at=BEGAN)
    told = hooks.hooks[1].json
    assert list(told) == ["meta", "page", "component", "component_update"]
    assert list(told["meta"]) == ["unsubscribe", "documentation", "generated_at"]
    assert list(told["page"]) == ["id", "status_indicator", "status_description"]
    component = ["status", "name", "created_at", "updated_at", "position", "description", "showcase", "id"]
    assert list(told["component"]) == [*component, "page_id", "group_id"]
    update = ["old_status", "new_status", "created_at", "component_type", "id", "component_id"]
    assert list(told["component_update"]) == update
    assert told["component_update"]["old_status"] == "operational"
    assert told["component"]["status"] == told["component_update"]["new_status"] == "partial_outage"
    assert told["component_update"]["component_type"] == "Component"
    assert told["component"]["id"] == told["component_update"]["component_id"] == network.code
    assert told["page"]["status_indicator"] == "major"
    assert len(told["component_update"]["id"]) == 12
