"""Probes as hours of running would have left them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import now

from incidents.domain.hysteresis import Verdict
from incidents.domain.outcomes import Health, Outcome
from incidents.formatting.strips import HEALTHS
from incidents.models import Component, Probe, ProbeHour, ProbeResult
from tests.factories import make_probe

OUTCOMES = {
    Health.OK: Outcome.OK,
    Health.WARNING: Outcome.WARNING,
    Health.DEGRADED: Outcome.DEGRADED,
    Health.FAILED: Outcome.TLS_HANDSHAKE,
    Health.INCONCLUSIVE: Outcome.INTERNAL,
}
DETAILS = {
    Health.OK: "200 OK",
    Health.WARNING: "the certificate expires in 12 days",
    Health.DEGRADED: "answered only when asked again",
    Health.FAILED: "the server ended the handshake: alert 42, bad certificate",
    Health.INCONCLUSIVE: "the resolver did not answer",
}
TRACE = [
    "> OPTIONS sip:voice.example.net SIP/2.0",
    "> Via: SIP/2.0/TLS 192.0.2.7:41234;rport;branch=z9hG4bK1f2e",
    "> Authorization: Digest ***",
    "< SIP/2.0 200 OK",
]


def measure(
    component: Component,
    transport: str = "udp",
    letters: str = "o" * 60,
    *,
    verdict: Verdict = Verdict.UP,
    at: datetime | None = None,
    **columns: Any,
) -> Probe:
    """A probe whose last results, 30 s apart and the newest 7 s before `at`, are `letters`."""
    newest = (at or now()) - timedelta(seconds=7)
    probe = make_probe(component, transport, verdict=verdict, last_at=newest)
    healths = [HEALTHS[letter] for letter in letters]
    first = newest - timedelta(seconds=30 * (len(letters) - 1))
    rows = [
        result(probe, health, at=first + timedelta(seconds=30 * place), place=place)
        for place, health in enumerate(healths)
    ]
    ProbeResult.objects.bulk_create(rows)
    last = rows[-1]
    spoilt = next((row for row in reversed(rows) if row.health in {"ok", "warning"}), rows[0])
    values = {
        "recent": letters[-60:],
        "latencies": [row.times.get("total") for row in rows][-60:],
        "last_outcome": last.outcome,
        "last_detail": last.detail,
        "confirmed_outcome": last.outcome,
        "next_due": newest + timedelta(seconds=30),
        "trouble_since": spoilt.at + timedelta(seconds=30) if last.health in {"failed", "degraded"} else None,
        "since": newest - timedelta(minutes=3),
    }
    Probe.objects.filter(pk=probe.pk).update(**{**values, **columns})
    probe.refresh_from_db()
    return probe


def result(probe: Probe, health: Health, *, at: datetime, place: int = 0) -> ProbeResult:
    """One result, not saved."""
    is_silent = health in (Health.FAILED, Health.INCONCLUSIVE)
    total = 11.0 + (place * 7 % 13) * 0.9 + (40 if health == Health.DEGRADED else 0)
    return ProbeResult(
        probe=probe,
        at=at,
        outcome=OUTCOMES[health],
        health=health,
        detail=DETAILS[health],
        reply_code=None if is_silent else 200,
        server="" if is_silent else "kamailio (5.6.3)",
        times={} if is_silent else {"dns": 0.4, "connect": 1.2, "tls": 6.1, "sip": 2.2, "total": total},
        trace=TRACE,
    )


def make_hours(probe: Probe, count: int, *, at: datetime | None = None) -> None:
    """The last `count` hours, rolled up, every fifth with a failure."""
    whole = (at or now()).replace(minute=0, second=0, microsecond=0)
    ProbeHour.objects.bulk_create(
        ProbeHour(
            probe=probe,
            hour=whole - timedelta(hours=back),
            ok=118 if back % 5 == 0 else 120,
            failed=2 if back % 5 == 0 else 0,
            fastest=9.5,
            median=12.25,
            slowest=48.0,
        )
        for back in range(count)
    )
