"""Try once: the probe runs for real with what was typed, its result is shown, and nothing is kept."""

import threading
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils.timezone import now

from incidents.console import trying
from incidents.domain.outcomes import Outcome
from incidents.models import Component, Event, Page, Probe
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.probes import create_probe
from incidents.probes.kinds import KINDS
from tests.console.answering import Answering, answering
from tests.console.forms import fields, post
from tests.console.test_probes_one import words
from tests.peers.programs import free_port

DANA = Actor("dana")


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering() as running:
        yield running


def url(page: Page, kind: str = "sip_options") -> str:
    return f"/console/pages/{page.code}/probes/new?kind={kind}"


def test_a_try_shows_outcome_times_and_trace_and_keeps_nothing(
    staff: Client, page: Page, server: Answering
) -> None:
    events = Event.objects.count()
    response = post(staff, url(page), target=server.target, **{"try": "1"})
    said = words(response.content.decode())
    assert response.status_code == 200
    assert "ok 200" in said
    assert "peer/1.0" in said
    assert "Nothing was saved." in said
    assert "OPTIONS sip:127.0.0.1" in said
    assert fields(response)["target"] == server.target
    assert server.requests
    assert (Probe.objects.count(), Event.objects.count()) == (0, events)


def test_it_can_be_tried_before_it_has_a_name_or_a_component(
    staff: Client, page: Page, server: Answering
) -> None:
    response = post(staff, url(page), name="", component="", target=server.target, **{"try": "1"})
    assert response.context["tried"].outcome == Outcome.OK


def test_what_was_tried_can_then_be_saved(
    staff: Client, page: Page, network: Component, server: Answering
) -> None:
    tried = post(staff, url(page), name="UDP", component=network.code, target=server.target, **{"try": "1"})
    response = staff.post(url(page), fields(tried))
    assert response.status_code == 302
    assert Probe.objects.get().target == server.target


def test_a_closed_port_reads_refused(staff: Client, page: Page) -> None:
    response = post(staff, url(page), target=f"sip:127.0.0.1:{free_port()}", **{"try": "1"})
    assert response.context["tried"].outcome == Outcome.REFUSED


def test_bad_options_are_not_tried(staff: Client, page: Page, server: Answering) -> None:
    response = post(staff, url(page), target=server.target, option_deadline_seconds="x", **{"try": "1"})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["option_deadline_seconds"]
    assert not server.requests


def test_nobody_waits_longer_than_ten_seconds() -> None:
    kind = KINDS["sip_options"]
    assert trying._hurried(kind, {"deadline_seconds": 30.0})["deadline_seconds"] == 10
    assert trying._hurried(kind, {"deadline_seconds": 2.0})["deadline_seconds"] == 2
    assert "deadline_seconds" not in trying._hurried(kind, {})


def test_a_kept_password_is_tried_where_it_goes_already_and_nowhere_else(
    staff: Client, network: Component, server: Answering
) -> None:
    probe = create_probe(
        network,
        name="Register",
        kind="sip_register",
        target=server.target,
        config={"username": "probe", "password": "hunter2hunter2"},
        by=DANA,
        at=now(),
    )
    seen: list[dict[str, object]] = []
    edit = f"/console/probes/{probe.code}/edit"
    with answering() as other:
        response = post(staff, edit, target=other.target, **{"try": "1"})
        assert response.status_code in {200, 422}
        assert b"hunter2" not in b"".join(other.requests)
        seen.append(dict(response.context["form"].values))
    assert not seen[0].get("password")
    assert post(staff, edit, **{"try": "1"}).status_code == 200
    assert b"hunter2" not in b"".join(server.requests)


def test_two_at_a_time_are_tried_and_a_third_is_asked_to_wait(page: Page) -> None:
    held = [trying._places.acquire(blocking=False) for _ in range(2)]
    try:
        assert all(held)
        with pytest.raises(Refused, match="Others are trying"):
            trying.try_once(KINDS["sip_options"], "sip:127.0.0.1", {}, by=DANA)
    finally:
        for _ in held:
            trying._places.release()


def test_a_try_gives_its_place_back_whatever_happens(server: Answering) -> None:
    kind = KINDS["sip_options"]
    for target in (server.target, f"sip:127.0.0.1:{free_port()}", server.target, server.target):
        trying.try_once(kind, target, {}, by=DANA)
    with pytest.raises(Refused):
        trying.try_once(kind, "not a target", {}, by=DANA)
    results: list[object] = []
    threads = [
        threading.Thread(target=lambda: results.append(trying.try_once(kind, server.target, {}, by=DANA)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 2
