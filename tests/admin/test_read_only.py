"""Subscribers and the journal in the admin: to be found and read, never edited."""

import pytest
from django.test import Client
from django.utils.timezone import now

from incidents.models import Event, Page, Subscriber
from tests.factories import make_incident


@pytest.fixture
def subscriber(page: Page) -> Subscriber:
    return Subscriber.objects.create(
        page=page,
        channel="email",
        address="kim@example.net",
        secret="hidden-secret",
        nonce="hidden-nonce",
        created_at=now(),
    )


def test_a_subscriber_is_found_by_address(staff: Client, subscriber: Subscriber) -> None:
    content = staff.get("/admin/incidents/subscriber/?q=kim@").content.decode()
    assert "kim@example.net" in content
    assert "kim@example.net" not in staff.get("/admin/incidents/subscriber/?q=lee@").content.decode()


def test_signing_keys_and_nonces_are_shown_to_nobody(staff: Client, subscriber: Subscriber) -> None:
    content = staff.get(f"/admin/incidents/subscriber/{subscriber.pk}/change/").content.decode()
    assert "kim@example.net" in content
    assert "hidden-" not in content


@pytest.mark.parametrize("model", ["subscriber", "event"])
@pytest.mark.parametrize("action", ["add/", "{pk}/change/", "{pk}/delete/"])
def test_nothing_is_written(staff: Client, subscriber: Subscriber, model: str, action: str) -> None:
    make_incident(subscriber.page)
    pk = subscriber.pk if model == "subscriber" else Event.objects.last().pk
    before = (Event.objects.count(), Subscriber.objects.count())
    response = staff.post(
        f"/admin/incidents/{model}/{action.format(pk=pk)}", {"post": "yes", "state": "active"}
    )
    assert response.status_code == 403
    assert (Event.objects.count(), Subscriber.objects.count()) == before
    subscriber.refresh_from_db()
    assert subscriber.state == "pending"


def test_the_journal_is_read_newest_first(staff: Client, page: Page) -> None:
    incident = make_incident(page, "Calls fail")
    content = staff.get("/admin/incidents/event/").content.decode()
    assert content.index("incident.opened") < content.index("page.changed", content.index("result_list"))
    assert staff.get(f"/admin/incidents/event/{incident.events.get().pk}/change/").status_code == 200


def test_domain_rows_have_no_back_door(staff: Client) -> None:
    for model in (
        "incident",
        "incidentupdate",
        "rfo",
        "rfoversion",
        "attachment",
        "delivery",
        "statuschange",
    ):
        assert staff.get(f"/admin/incidents/{model}/").status_code == 404
