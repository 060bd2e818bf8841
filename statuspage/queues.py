"""Celery's settings: queues, the doorbell's transport and the pulse. Read when the application first needs them."""

from pathlib import Path
from typing import Any

from django.conf import settings

PULSE = 1.0
"""Seconds between two looks at which probes are due. A look is cheap when none is."""
SWEEP = 5.0
"""Seconds between two sweeps for what a lost bell left behind."""


EXPIRES = 60.0
"""Seconds after which a message is not worth its run. Beat writes the time and a worker compares it with its own clock,
so this is also how far the clocks of two hosts may differ."""


def _sweep(task: str, every: float) -> dict[str, Any]:
    return {"task": task, "schedule": every, "options": {"expires": max(EXPIRES, every)}}


def _options(url: str) -> dict[str, Any]:
    """Transport options; the folder of the filesystem broker is made."""
    if not url.startswith("filesystem://"):
        return {
            "visibility_timeout": 600,
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 1,
            "socket_timeout": 5,
        }
    folder = Path(url.removeprefix("filesystem://"))
    folder.mkdir(parents=True, exist_ok=True)  # private, by the settings' umask
    return {"folder": str(folder), "polling_interval": 0.02}


_is_folder = settings.CELERY_BROKER_URL.startswith("filesystem://")
broker_url = "filesystem://localhost" if _is_folder else settings.CELERY_BROKER_URL
broker_transport = "statuspage.doorbell:Transport" if _is_folder else None
broker_transport_options = _options(settings.CELERY_BROKER_URL)
worker_enable_remote_control = not _is_folder
broker_connection_retry_on_startup = True
CELERY_DB_REUSE_MAX = 2**62
"""Celery would connect again for each task; `celery.look_at_connections` sees to dead connections instead."""
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = True
task_default_queue = "celery"
task_routes = {"probe_due": {"queue": "probes"}}
task_serializer = "json"
accept_content = ["json"]
task_time_limit = 300
worker_prefetch_multiplier = 1
worker_max_tasks_per_child = 2000
worker_hijack_root_logger = False
timezone = "UTC"
beat_scheduler = "statuspage.scheduler:IntervalScheduler"
beat_schedule = {
    "watch the system clock": _sweep("clock_due", SWEEP),
    "probe what is due": _sweep("probe_due", PULSE),
    "relay what is due": _sweep("relay_due", SWEEP),
    "mail the owners of accounts": _sweep("send_account_mails", SWEEP),
    "publish what was missed": _sweep("publish_due", SWEEP),
    "print what is missing": _sweep("print_due", SWEEP),
    "publish audit heads": _sweep("integrity_due", 10.0),
    "call staff": _sweep("alert_due", SWEEP),
    "settle recovered incidents": _sweep("settle_due", SWEEP),
    "begin and complete maintenance": _sweep("maintain_due", SWEEP),
    "keep clocks and publish RFOs": _sweep("rfo_due", SWEEP),
    "mend the schedule": _sweep("mend_due", 60.0),
    "forget old evidence": _sweep("forget_due", 3600.0),
}
