"""Health doors: this process answers; all of it works, or what does not is named; figures for Prometheus."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from wsgiref.validate import validator

import pytest
from celery import current_app
from django.conf import LazySettings
from django.db import connection
from django.test import Client

from incidents.domain.pulses import Role
from incidents.models import Pulse, SystemClock
from incidents.monitoring import heartbeat
from incidents.operations.actors import DEMO
from incidents.operations.probes import create_probe
from incidents.operations.system_clock import watch_clock
from incidents.publishing.publisher import the_store
from incidents.web.health import Health
from tests.factories import make_component, make_page
from tests.web.fronts import Visitor

pytestmark = pytest.mark.django_db


def all_alive(*, but: Role | None = None, ago: timedelta = timedelta(0)) -> None:
    now = datetime.now(UTC)
    for role in Role:
        Pulse.objects.update_or_create(role=role.value, defaults={"at": now - ago if role == but else now})


def ready(client: Client) -> tuple[int, dict[str, str]]:
    reply = client.get("/readyz")
    assert "no-store" in reply["Cache-Control"]
    return reply.status_code, json.loads(reply.content)["checks"]


def test_healthz_answers_for_any_host_and_without_anything_behind_it(tmp_path: Path) -> None:
    visitor = Visitor(tmp_path)
    visitor._door = validator(Health(visitor.front))
    for host in ("10.0.0.9:8000", "nobody.example", None):
        reply = visitor.ask("/healthz", host=host)
        assert (reply.status, reply.body) == (200, b"ok\n")
    assert visitor.ask("/healthz", method="HEAD").body == b""
    assert visitor.ask("/elsewhere").status != 200


def test_ready_when_every_engine_is_alive(client: Client) -> None:
    all_alive()
    status, checks = ready(client)
    assert status == 200
    assert checks == dict.fromkeys(("database", "broker", "probes", "relay", "publisher"), "ok")


@pytest.mark.parametrize("role", list(Role))
def test_an_engine_that_is_silent_is_named_with_since_when(client: Client, role: Role) -> None:
    all_alive(but=role, ago=timedelta(seconds=106))
    status, checks = ready(client)
    assert status == 503
    assert checks[role.value].startswith("silent since 20")
    assert [name for name, words in checks.items() if words != "ok"] == [role.value]


def test_the_shortest_interval_of_a_probe_says_how_long_silence_may_last(client: Client) -> None:
    component = make_component(make_page("SIPcity"), "Network")
    create_probe(
        component,
        name="UDP",
        kind="sip_options",
        target="sip:127.0.0.1",
        config={},
        interval_seconds=5,
        by=DEMO,
        at=datetime.now(UTC),
    )
    all_alive(but=Role.RELAY, ago=timedelta(seconds=29))
    assert ready(client)[0] == 200
    all_alive(but=Role.RELAY, ago=timedelta(seconds=31))
    assert ready(client)[0] == 503


def test_what_has_never_run_is_not_ready(client: Client) -> None:
    assert ready(client) == (503, {**ready(client)[1], "relay": "has never run"})


def test_a_broker_that_is_away_is_named(client: Client) -> None:
    all_alive()
    usual = {name: current_app.conf[name] for name in ("broker_write_url", "broker_transport")}
    current_app.conf.update(broker_write_url="redis://127.0.0.1:1/0", broker_transport=None)
    try:
        status, checks = ready(client)
    finally:
        current_app.conf.update(usual)
    assert status == 503
    assert checks["broker"].startswith("cannot be reached: ")
    assert checks["database"] == "ok"


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.post("/readyz").status_code == 405
    assert client.post("/metrics").status_code == 405


def test_the_file_beside_the_documents_is_as_old_as_the_engine_that_is_silent_longest() -> None:
    now = datetime.now(UTC)
    heartbeat.beat(Role.RELAY, at=now - timedelta(seconds=90))
    heartbeat.beat(Role.PROBES, at=now)
    assert the_store().heartbeat.stat().st_mtime == pytest.approx(now.timestamp() - 90, abs=0.01)
    heartbeat.beat(Role.RELAY, at=now)
    assert the_store().heartbeat.stat().st_mtime == pytest.approx(now.timestamp(), abs=0.01)


def test_a_pulse_is_written_once_a_second_at_most() -> None:
    now = datetime.now(UTC)
    heartbeat.beat(Role.PROBES, at=now)
    os.utime(the_store().heartbeat, (time.time() - 500, time.time() - 500))
    with connection.execute_wrapper(_no_writes):
        heartbeat.beat(Role.PROBES, at=now + timedelta(seconds=0.9))
    assert time.time() - the_store().heartbeat.stat().st_mtime < 60


def _no_writes(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
    assert not sql.startswith(("INSERT", "UPDATE")), sql
    return execute(sql, params, many, context)


def test_metrics_answer_to_this_machine_alone_unless_a_token_is_set(
    client: Client, settings: LazySettings
) -> None:
    all_alive()
    reply = client.get("/metrics")
    text = reply.content.decode()
    assert reply.status_code == 200
    assert reply["Content-Type"].startswith("text/plain; version=")
    assert 'dialtone_pulse_age_seconds{role="relay"}' in text
    assert "dialtone_incidents_open 0.0" in text
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 401
    assert client.get("/metrics", REMOTE_ADDR="nonsense").status_code == 401
    settings.METRICS_TOKEN = "t0ken"
    assert client.get("/metrics").status_code == 401
    for wrong in ("Bearer t0ke", "t0ken", "Bearer té0ken"):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer t0ken"}).status_code == 200


def test_the_figures_count_probes_by_what_they_found(client: Client) -> None:
    component = make_component(make_page("SIPcity"), 'Net"work\n{}')
    for number in range(3):
        create_probe(
            component,
            name=f'p"{number}',
            kind="sip_options",
            target="sip:127.0.0.1",
            config={},
            by=DEMO,
            at=datetime.now(UTC) - timedelta(hours=1),
        )
    text = client.get("/metrics").content.decode()
    assert 'dialtone_probes{verdict="unknown"} 3.0' in text
    assert "dialtone_probes_due 3.0" in text
    assert "Net" not in text


def test_a_sign_of_life_of_the_future_is_no_sign_of_life(client: Client) -> None:
    all_alive(but=Role.RELAY, ago=timedelta(hours=-2))
    status, checks = ready(client)
    assert status == 503
    assert checks["relay"] == "unknown: its last sign of life lies in the future, so the clock was set back"
    assert 'role="relay"' not in client.get("/metrics").content.decode()


def test_a_doubtful_clock_is_named_and_takes_no_host_out_of_service(client: Client) -> None:
    all_alive()
    watch_clock(at=datetime.now(UTC))
    assert "dialtone_clock_doubted 0.0" in client.get("/metrics").content.decode()
    SystemClock.objects.update(wall=datetime.now(UTC) - timedelta(hours=2))
    status, checks = ready(client)
    assert status == 200
    assert checks["clock"].startswith("was set by more than an hour")
    assert "dialtone_clock_doubted 1.0" in client.get("/metrics").content.decode()
