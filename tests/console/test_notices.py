"""Undo and Send now, while the notifications of a post are held."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from incidents.models import Event, Incident, Page
from tests.console.forms import post


@pytest.fixture
def held(staff: Client, page: Page) -> Event:
    post(staff, f"/console/pages/{page.code}/incidents/new", title="Calls fail", body="We are looking.")
    return Event.objects.get(notifies=True)


def incident_url(event: Event) -> str:
    return f"/console/incidents/{event.incident.code}"


def test_a_held_post_offers_undo_and_send_now(staff: Client, held: Event) -> None:
    content = staff.get(incident_url(held)).content.decode()
    assert f"/console/events/{held.pk}/undo" in content
    assert f"/console/events/{held.pk}/send" in content


def test_undo_tells_nobody_and_leaves_the_words(staff: Client, held: Event) -> None:
    response = staff.post(f"/console/events/{held.pk}/undo", follow=True)
    held.refresh_from_db()
    assert held.cancelled_at
    assert not Event.objects.to_expand(now() + timedelta(hours=1)).exists()
    assert b"Notifications cancelled" in response.content
    assert b"We are looking." in response.content
    assert b"/undo" not in response.content


def test_send_now_ends_the_hold(staff: Client, held: Event) -> None:
    staff.post(f"/console/events/{held.pk}/send")
    assert list(Event.objects.to_expand(now())) == [held]


def test_undo_after_the_telling_has_begun_is_refused_in_words(staff: Client, held: Event) -> None:
    Event.objects.filter(pk=held.pk).update(expanded_at=now())
    response = staff.post(f"/console/events/{held.pk}/undo", follow=True)
    held.refresh_from_db()
    assert not held.cancelled_at
    assert b"can no longer be withdrawn" in response.content


def test_a_second_undo_changes_nothing(staff: Client, held: Event) -> None:
    for _ in range(2):
        staff.post(f"/console/events/{held.pk}/undo")
    assert Event.objects.filter(data__what="notification withdrawn").count() == 1


def test_send_now_after_undo_sends_nothing(staff: Client, held: Event) -> None:
    staff.post(f"/console/events/{held.pk}/undo")
    response = staff.post(f"/console/events/{held.pk}/send", follow=True)
    assert b"was withdrawn" in response.content
    assert not Event.objects.to_expand(now()).exists()


def test_opening_the_link_without_the_button_does_nothing(staff: Client, held: Event) -> None:
    for action in ("undo", "send"):
        response = staff.get(f"/console/events/{held.pk}/{action}")
        assert response.headers["Location"] == incident_url(held)
    held.refresh_from_db()
    assert (held.cancelled_at, held.hold_until > now()) == (None, True)


def test_an_event_that_is_about_no_incident_is_not_found(staff: Client, page: Page) -> None:
    assert staff.post(f"/console/events/{page.events.get().pk}/undo").status_code == 404


def test_an_automatic_post_is_not_held_and_offers_no_undo(staff: Client, incident: Incident) -> None:
    assert b"/undo" not in staff.get(f"/console/incidents/{incident.code}").content
