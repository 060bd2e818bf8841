"""A clock that was set: both times on the first screen, a button for whoever may, and one alert."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from incidents.domain.alerts import Cause
from incidents.domain.roles import Role
from incidents.models import Alert, AuditLine, Page, SystemClock
from incidents.monitoring.alerts import alert_due
from incidents.operations.system_clock import is_clock_doubted, watch_clock
from tests.console.conftest import signed_in
from tests.factories import make_incident, make_member, make_page

pytestmark = pytest.mark.django_db


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def set_forward(page: Page) -> None:
    """Two hours, just now."""
    watch_clock(at=now())
    row = SystemClock.objects.get()
    SystemClock.objects.update(wall=row.wall - timedelta(hours=2))
    watch_clock(at=now())


def home(client: Client) -> str:
    return " ".join(client.get("/console/").content.decode().split())


def test_nothing_is_asked_while_the_clock_is_right(staff: Client, page: Page) -> None:
    watch_clock(at=now())
    assert "clock" not in home(staff)


def test_both_times_are_shown_and_one_click_confirms(staff: Client, set_forward: None) -> None:
    words = home(staff)
    assert "The server" in words and "clock was set. Is it right?" in words
    assert f"{now() - timedelta(hours=2):%b %d, %Y - %H:}" in words
    assert is_clock_doubted(at=now())
    reply = staff.post("/console/clock/confirm", follow=True)
    assert "The clock is confirmed." in reply.content.decode()
    assert "Is it right?" not in home(staff)
    assert not is_clock_doubted(at=now())
    assert AuditLine.objects.get(kind="system_clock.confirmed").actor == "dana"


def test_looking_at_the_button_changes_nothing(staff: Client, set_forward: None) -> None:
    assert staff.get("/console/clock/confirm").status_code == 302
    assert is_clock_doubted(at=now())


def test_who_may_not_confirm_it_reads_who_may(set_forward: None, page: Page, frank: User) -> None:
    User.objects.filter(pk=frank.pk).update(is_staff=True)
    frank.refresh_from_db()
    client = signed_in(make_member(frank, Role.RESPONDER, page))
    assert "A responder of every page can confirm it." in home(client)
    assert client.post("/console/clock/confirm").status_code == 403
    assert is_clock_doubted(at=now())


def test_staff_are_alerted_once_and_of_nothing_else_that_time_alone_brings(
    set_forward: None, page: Page
) -> None:
    make_incident(page, at=now() - timedelta(hours=3))  # words would be overdue by the doubtful time
    alert_due(at=now())
    alert_due(at=now())
    assert list(Alert.objects.values_list("cause", flat=True)) == [Cause.CLOCK_SET]
    call_command("confirm_clock")
    alert_due(at=now())
    assert Alert.objects.filter(ended_at=None).exclude(cause=Cause.CLOCK_SET).exists()
    assert not Alert.objects.filter(ended_at=None, cause=Cause.CLOCK_SET).exists()


def test_the_command_says_when_there_is_nothing_to_confirm(capsys: pytest.CaptureFixture[str]) -> None:
    make_page("2talk")
    call_command("confirm_clock")
    assert "The clock is not in doubt" in capsys.readouterr().out
