"""What machines and files of strangers say is kept without what is hidden or turns its direction."""

from datetime import timedelta

import pytest
from django.template import Context, Template

from incidents.channels.messages import Answer, Verdict
from incidents.domain.texts import HIDDEN, shown
from incidents.models import Attempt, Delivery, Event, Page, Suppression
from incidents.operations.actors import DEMO
from incidents.operations.bounces import Bounce, note_bounce
from incidents.operations.deliveries import delivery_key, settle
from incidents.operations.errors import Refused
from incidents.operations.rosters import import_roster
from tests.factories import BEGAN, make_incident, make_page
from tests.notifying.people import mail_reader

pytestmark = pytest.mark.django_db
REPLY = "550 \u202egpj.31m\x1b[31m\r\n no\u200b such\x07 user"


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


@pytest.mark.parametrize("verdict", [Verdict.SENT, Verdict.REFUSED, Verdict.RETRY, Verdict.UNTRIED])
def test_a_reply_is_kept_as_one_line(page: Page, verdict: Verdict) -> None:
    reader, incident = mail_reader(page), make_incident(page)
    event = Event.objects.filter(incident=incident, notifies=True).latest("pk")
    row = Delivery.objects.create(
        event=event,
        subscriber=reader,
        channel="email",
        state="due",
        due_at=BEGAN,
        created_at=BEGAN,
        attempts=1,
    )
    settle([Answer(delivery_key(row), verdict, REPLY)], at=BEGAN)
    row.refresh_from_db()
    assert row.detail == "550 gpj.31m [31m no such user"
    assert not any(HIDDEN.search(each.detail) for each in Attempt.objects.all())


def test_a_bounce_s_reason_is_kept_as_one_line(page: Page) -> None:
    note_bounce(mail_reader(page).address, Bounce.HARD, why=REPLY, at=BEGAN + timedelta(days=1))
    kept = Suppression.objects.get()
    assert not HIDDEN.search(kept.why)


def test_a_file_of_subscribers_is_told_of_in_plain_letters_and_has_few_columns(page: Page) -> None:
    report = import_roster(page, "address\n\u202ex\x1b y\n", vouched=True, by=DEMO, at=BEGAN)
    assert not any(HIDDEN.search(words) for _, words in report.refused)
    with pytest.raises(Refused, match="100 columns"):
        import_roster(page, "address" + ",a" * 100 + "\nx@example.com\n", vouched=True, by=DEMO, at=BEGAN)


def test_the_name_of_a_browser_is_one_line() -> None:
    page = Template("{% load console %}{{ agent|one_line }}").render(
        Context({"agent": "Mozilla\u202e\x1b[0m <b>"})
    )
    assert page == "Mozilla [0m &lt;b&gt;"


def test_letters_of_any_script_stay() -> None:
    for words in ("Größe 1", "المقسم ١", "東京", "e\u0301", "👩\u200d🔧", "می\u200cخواهم"):
        assert shown(words) == words
