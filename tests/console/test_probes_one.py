"""One probe's page: what it says, its results, its hours and its traces."""

import re
from datetime import timedelta

from django.test import Client
from django.utils.timezone import now

from incidents.domain.hysteresis import Verdict
from incidents.domain.outcomes import Health
from incidents.models import Component, Probe, ProbeHour, ProbeResult
from incidents.operations.actors import DEMO
from incidents.operations.probes import create_probe
from tests.console.measured import make_hours, measure, result
from tests.factories import make_probe


def seen(client: Client, probe: Probe) -> str:
    response = client.get(f"/console/probes/{probe.code}")
    assert response.status_code == 200
    return response.content.decode()


def words(content: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", content).split()).replace("\N{NO-BREAK SPACE}", " ")


def test_it_says_what_is_wrong_since_when_and_what_comes_next(staff: Client, network: Component) -> None:
    probe = measure(network, "tls", "o" * 9 + "f" * 6, verdict=Verdict.DOWN)
    said = words(seen(staff, probe))
    assert "Network tls" in said
    assert "not working since" in said
    assert "tls handshake: the server ended the handshake: alert 42" in said
    assert "Last run" in said
    assert "next in" in said


def test_results_show_outcome_code_and_times_by_layer(staff: Client, network: Component) -> None:
    probe = measure(network, "tls", "ood")
    said = words(seen(staff, probe))
    assert "degraded 200" in said
    assert "kamailio (5.6.3) · dns 0.4, connect 1.2, tls 6.1, sip 2.2 ms" in said


def test_facts_and_retransmissions_of_a_result_are_shown(staff: Client, network: Component) -> None:
    probe = measure(network, "tls")
    ProbeResult.objects.filter(probe=probe).update(
        facts={"days_left": 12.0, "loss_percent": 0.125}, retransmissions=2, subject="blf.example"
    )
    said = words(seen(staff, probe))
    assert "days left 12 · loss percent 0.125" in said
    assert "asked 3 times" in said
    assert "blf.example" in said


def test_only_the_newest_twenty_results_are_listed(staff: Client, network: Component) -> None:
    assert seen(staff, measure(network, "udp", "o" * 60)).count('class="result"') == 20


def test_the_last_trace_and_the_last_bad_one_are_shown_masked(staff: Client, network: Component) -> None:
    probe = measure(network, "tls", "of" + "o" * 40)
    bad = ProbeResult.objects.get(probe=probe, health=Health.FAILED)
    ProbeResult.objects.filter(pk=bad.pk).update(trace=["< alert 42", "<script>"])
    content = seen(staff, probe)
    assert "Last run that was not ok" in content
    assert "&lt; alert 42\n&lt;script&gt;</pre>" in content
    assert "Authorization: Digest ***" in content


def test_a_run_that_failed_just_now_is_shown_once(staff: Client, network: Component) -> None:
    content = seen(staff, measure(network, "tls", "of"))
    assert "Last run that was not ok" not in content
    assert content.count('class="trace"') == 1


def test_a_bad_trace_of_days_ago_is_found_by_its_hour(staff: Client, network: Component) -> None:
    probe = measure(network, "udp", "o" * 40)
    hour = (now() - timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    old = result(probe, Health.FAILED, at=hour + timedelta(minutes=5))
    old.trace = ["three days old"]
    old.save()
    filler = [
        result(probe, Health.OK, at=hour + timedelta(hours=1, seconds=second)) for second in range(2000)
    ]
    ProbeResult.objects.bulk_create(filler)
    assert "three days old" not in seen(staff, probe)
    ProbeHour.objects.create(probe=probe, hour=hour, ok=119, failed=1)
    assert "three days old" in seen(staff, probe)


def test_hours_are_told_in_the_pages_zone(staff: Client, network: Component) -> None:
    probe = measure(network, "udp")
    make_hours(probe, 30)
    content = seen(staff, probe)
    assert content.count('<th scope="row">') == 24
    assert "118 ok, 2 failed 12 ms 48 ms" in words(content)


def test_an_hour_without_any_answer_has_no_times(staff: Client, network: Component) -> None:
    probe = measure(network, "udp")
    ProbeHour.objects.create(probe=probe, hour=now(), failed=120)
    assert "0 ok, 120 failed – –" in words(seen(staff, probe))


def test_thresholds_and_options_are_told_and_secrets_are_not(staff: Client, network: Component) -> None:
    probe = create_probe(
        network,
        name="Register",
        kind="sip_register",
        target="sip:voice.example.net",
        config={"username": "probe", "password": "hunter2hunter2", "transport": "tls"},
        by=DEMO,
        at=now(),
    )
    content = seen(staff, probe)
    said = words(content)
    assert "Username probe" in said
    assert "Password encrypted" in said
    assert "3 in a row, down as well as up" in said
    assert "hunter2" not in content
    assert probe.sealed not in content


def test_how_often_it_turned_is_told(staff: Client, network: Component) -> None:
    probe = measure(network, "udp", turns=["2026-11-22T08:00:00+00:00", "2026-11-22T08:05:00+00:00"])
    assert "verdict changed 2 times lately" in words(seen(staff, probe))


def test_a_probe_that_has_never_run_shows_an_empty_page(staff: Client, network: Component) -> None:
    said = words(seen(staff, make_probe(network, verdict=Verdict.UNKNOWN)))
    assert "Nothing was measured yet." in said
    assert "None yet." in said


def test_a_probe_of_a_kind_that_is_gone_can_still_be_looked_at(staff: Client, network: Component) -> None:
    probe = measure(network, "udp", kind="sip_telepathy", config={"mind": "open"})
    assert "mind open" in words(seen(staff, probe))
    assert staff.get(f"/console/probes/{probe.code}/edit").status_code == 404


def test_an_unknown_code_is_not_found(staff: Client, network: Component) -> None:
    for path in ("", "/edit", "/run", "/mute", "/switch"):
        assert staff.get(f"/console/probes/abcdefgh{path}").status_code == 404
        assert staff.post(f"/console/probes/abcdefgh{path}").status_code in {404, 405} or not path
    assert staff.get("/console/pages/abcdefgh/probes/new").status_code == 404


def test_it_looks_again_soon_while_a_run_is_under_way(staff: Client, network: Component) -> None:
    probe = measure(network, "udp", next_due=now() - timedelta(seconds=1))
    assert 'data-refresh="5"' in seen(staff, probe)
    Probe.objects.filter(pk=probe.pk).update(next_due=now() + timedelta(seconds=20))
    assert "data-refresh" not in seen(staff, probe)
