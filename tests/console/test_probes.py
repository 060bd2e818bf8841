"""The matrix: every probe of a page with its last sixty results, what needs a person first."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from incidents.console.matrix import PER_SCREEN
from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.models import Component, Page, Probe
from incidents.monitoring.batches import probe_due
from incidents.operations.actors import DEMO
from incidents.operations.probes import create_probe
from tests.console.answering import answering
from tests.console.measured import measure
from tests.factories import make_component, make_page, make_probe
from tests.peers.programs import free_port

URL = "/console/probes"


def seen(client: Client, **query: str) -> str:
    response = client.get(URL, query)
    assert response.status_code == 200
    return response.content.decode()


def words(content: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", content).split())


def names(content: str) -> list[str]:
    return re.findall(r'<a href="/console/probes/\w+">([^<]+)</a>', content)


def test_a_row_says_what_is_checked_and_what_was_found(staff: Client, network: Component) -> None:
    measure(network, "tls", "o" * 50 + "f" * 10, verdict=Verdict.DOWN)
    content = seen(staff)
    said = words(content)
    assert "Calling Platform - Network" in said
    assert "SIP OPTIONS · TLS · every 30 s" in said
    assert "not working since" in said
    assert "tls handshake: the server ended the handshake: alert 42, bad certificate" in said
    assert "s ago · next in" in said


def test_strip_and_line_are_one_picture_each_with_words(staff: Client, network: Component) -> None:
    measure(network, "tls", "o" * 50 + "f" * 10, verdict=Verdict.DOWN)
    content = seen(staff)
    assert 'aria-label="Network tls: last 60 results: 50 ok, 10 failed; newest failed"' in content
    assert "10 without an answer" in content
    assert content.count('role="img"') == 2
    assert content.count("tabindex") == 0


def test_what_needs_a_person_comes_first(
    staff: Client, page: Page, network: Component, pbx: Component
) -> None:
    measure(network, "udp")
    measure(pbx, "udp")
    measure(pbx, "tls", "f" * 9, verdict=Verdict.DOWN)
    assert names(seen(staff)) == ["Cloud PBX tls", "Cloud PBX udp", "Network udp"]


def test_what_is_muted_or_off_needs_nobody(staff: Client, network: Component, pbx: Component) -> None:
    at = now()
    measure(network, "udp")
    measure(pbx, "tls", "f" * 9, verdict=Verdict.DOWN, muted_until=at + timedelta(hours=1))
    measure(pbx, "udp", enabled=False)
    content = seen(staff)
    assert names(content) == ["Network udp", "Cloud PBX tls", "Cloud PBX udp"]
    assert "muted until" in words(content)
    assert "1 off" in words(content) or "off 1" in words(content)


def test_a_mute_that_is_over_is_none(staff: Client, network: Component) -> None:
    measure(network, "tls", "f" * 9, verdict=Verdict.DOWN, muted_until=now() - timedelta(seconds=1))
    assert "muted until" not in words(seen(staff))


def test_an_intermittent_probe_says_so_whatever_it_said_last(staff: Client, network: Component) -> None:
    measure(network, "tls", "of" * 20 + "ooo", flapping_since=now() - timedelta(minutes=9))
    content = seen(staff)
    assert "intermittent since" in words(content)
    assert 'class="mark degraded_performance"' in content


def test_a_result_past_its_time_is_not_believed(staff: Client, network: Component) -> None:
    measure(network, "udp", at=now() - timedelta(hours=1))
    said = words(seen(staff))
    assert "not confirmed since" in said
    assert "Every probe here is long overdue" in said
    assert "Is the worker running?" in said


def test_one_probe_that_runs_shows_that_the_worker_does(staff: Client, network: Component) -> None:
    measure(network, "udp", at=now() - timedelta(hours=1))
    measure(network, "tls")
    assert "Is the worker running?" not in words(seen(staff))


def test_a_probe_that_has_not_run_says_so(staff: Client, network: Component) -> None:
    Probe.objects.filter(pk=make_probe(network, verdict=Verdict.UNKNOWN).pk).update(next_due=now())
    said = words(seen(staff))
    assert "not run yet due now" in said
    assert "no results yet" in seen(staff)


def test_what_only_staff_see_is_marked(staff: Client, network: Component) -> None:
    measure(network, "udp", announces=False)
    assert "for staff only" in words(seen(staff))


def test_a_warning_is_looked_at_before_what_is_well(
    staff: Client, network: Component, pbx: Component
) -> None:
    measure(network, "udp")
    measure(pbx, "tls", "o" * 10 + "w")
    assert names(seen(staff)) == ["Cloud PBX tls", "Network udp"]


def test_a_page_without_probes_offers_to_add_one(staff: Client, page: Page) -> None:
    content = seen(staff)
    assert "Nothing is monitored yet." in content
    assert f"/console/pages/{page.code}/probes/new" in content


def test_without_any_page_it_says_so(staff: Client) -> None:
    assert "There is no page yet." in seen(staff)


def test_each_page_shows_its_own_probes_and_how_many_to_look_at_elsewhere(
    staff: Client, page: Page, network: Component
) -> None:
    other = make_page("Brand two")
    measure(make_component(other, "Trunks"), "tls", "f" * 9, verdict=Verdict.DOWN)
    measure(network, "udp")
    content = seen(staff, page=page.code)
    assert names(content) == ["Network udp"]
    assert "Brand two 1 to look at" in words(content)
    assert names(seen(staff, page=other.code)) == ["Trunks tls"]


def test_of_several_pages_the_one_that_needs_a_person_is_shown(
    staff: Client, page: Page, network: Component
) -> None:
    trunks = measure(make_component(make_page("Brand two"), "Trunks"), "tls")
    bad = measure(network, "udp", "f" * 9, verdict=Verdict.DOWN)
    assert names(seen(staff)) == [bad.name]
    Probe.objects.filter(pk__in=[trunks.pk, bad.pk]).update(verdict=Verdict.UP, confirmed_outcome="ok")
    assert names(seen(staff)) == [trunks.name]


def test_a_page_that_is_not_there_is_not_found(staff: Client, page: Page) -> None:
    assert staff.get(URL, {"page": "nowhere"}).status_code == 404


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("tls", ["Network tls"]),
        ("calling udp", ["Network udp"]),
        ("VOICE.example", ["Network tls", "Network udp"]),
        ("nothing of the kind", []),
        ("%", []),
        ("a\0b", []),
        ("'; drop table", []),
        ("x" * 5000, []),
    ],
)
def test_probes_are_found_by_name_target_and_component(
    staff: Client, network: Component, question: str, found: list[str]
) -> None:
    measure(network, "tls")
    measure(network, "udp")
    content = seen(staff, q=question)
    assert names(content) == found
    assert found or "No probe has that" in content


def test_more_probes_than_fit_come_a_screenful_at_a_time(staff: Client, network: Component) -> None:
    at = now()
    usual = make_probe(network, "udp", last_at=at)
    rest = [
        Probe(
            component=network,
            name=f"Probe {number:03}",
            kind="sip_options",
            target="sip:x.example",
            next_due=at,
        )
        for number in range(PER_SCREEN + 4)
    ]
    Probe.objects.bulk_create(rest)
    first = seen(staff)
    assert len(names(first)) == PER_SCREEN
    assert f"1 to {PER_SCREEN} of {PER_SCREEN + 5}" in words(first)
    second = seen(staff, **{"from": str(PER_SCREEN)})
    assert names(second)[-1] == usual.name
    assert len(names(second)) == 5


@pytest.mark.parametrize("start", ["-1", "x", "99999", "9" * 400, "٣", ""])
def test_a_place_that_is_none_is_the_beginning(staff: Client, network: Component, start: str) -> None:
    measure(network, "udp")
    assert names(seen(staff, **{"from": start})) == ["Network udp"]


def test_a_probe_that_is_set_up_wrongly_still_has_its_row(staff: Client, network: Component) -> None:
    measure(network, "udp", kind="sip_telepathy")
    measure(network, "tcp", config={"transport": "pigeon"})
    assert names(seen(staff)) == ["Network udp", "Network tcp"]


def test_hostile_words_of_a_server_stay_words(staff: Client, network: Component) -> None:
    measure(network, "udp", last_detail="<script>alert(1)</script>", last_outcome="error_code")
    content = seen(staff)
    assert "<script>alert" not in content
    assert "&lt;script&gt;alert(1)" in content


def test_the_state_of_the_component_stands_beside_its_name(staff: Client, page: Page) -> None:
    component = make_component(page, "Trunks", status=ComponentStatus.PARTIAL_OUTAGE)
    measure(component, "udp")
    assert "Trunks Partial outage" in words(seen(staff))


def test_probes_are_one_tap_from_every_screen(staff: Client, page: Page) -> None:
    assert (
        '<a class="wide" data-key="g p" href="/console/probes">Probes</a>'
        in staff.get("/console/").content.decode()
    )


def test_what_monitoring_writes_is_what_the_matrix_draws(staff: Client, network: Component) -> None:
    with answering() as server:
        for name, target in (("Alive", server.target), ("Dead", f"sip:127.0.0.1:{free_port()}")):
            create_probe(network, name=name, kind="sip_options", target=target, config={}, by=DEMO, at=now())
        assert probe_due() == 2
    content = seen(staff)
    assert 'aria-label="Alive: one result: ok"' in content
    assert 'aria-label="Alive: latency newest' in content
    assert 'aria-label="Dead: one result: failed"' in content
    assert 'aria-label="Dead: no latency measured"' in content
    assert "refused: connection refused" in words(content)
