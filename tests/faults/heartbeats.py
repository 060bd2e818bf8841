"""Rows: a job that calls us, late, failed or not at all."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.faults.table import Ask, Rows, see


async def heartbeats(_: Path) -> Rows:
    """Expected each minute, at most half a minute late."""
    calls = {
        "none": (_ago(10), 0),
        "called late, but in time": (_ago(80), 0),
        "no call for two minutes": (_ago(120), 0),
        "called that it failed": (_ago(10), 1),
        "has never called yet": ("", 0),
    }
    rows = {}
    for fault, (beaten_at, status) in calls.items():
        options = {"beaten_at": beaten_at, "beat_status": status}
        rows[fault] = await see([Ask("heartbeat", "backup.example", options)], ours=not beaten_at)
    return rows


def _ago(seconds: int) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()
