"""The Celery application: a doorbell and a pulse; the truth is in the database (DESIGN 9 to 11)."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "statuspage.settings")

PULSE = 1.0
"""Seconds between two looks at what is due. The tasks are cheap when nothing is."""
SWEEP = 5.0
"""Seconds between two sweeps for what a lost bell left behind."""


def broker() -> dict[str, Any]:
    """Broker options for `CELERY_BROKER_URL`; for the filesystem one its folders are made."""
    url: str = settings.CELERY_BROKER_URL
    if not url.startswith("filesystem://"):
        return {
            "broker_url": url,
            "broker_transport_options": {
                "visibility_timeout": 600,
                "unacked_restore_interval": 1,
                "unacked_restore_throttle": 1,
                "socket_connect_timeout": 1,
                "socket_timeout": 5,
            },
        }
    folder = Path(url.removeprefix("filesystem://"))
    messages, control = folder / "messages", folder / "control"
    for place in (messages, control):
        place.mkdir(parents=True, exist_ok=True)
    return {
        "broker_url": "filesystem://",
        "broker_transport_options": {
            "data_folder_in": str(messages),
            "data_folder_out": str(messages),
            "control_folder": str(control),
            "store_processed": False,
            "polling_interval": 0.1,
        },
    }


app = Celery("statuspage")
app.conf.update(
    **broker(),
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_default_queue="celery",
    task_routes={"probe_due": {"queue": "probes"}},
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=2000,
    worker_hijack_root_logger=False,
    task_time_limit=300,
    timezone="UTC",
    beat_schedule={
        "probe what is due": {"task": "probe_due", "schedule": PULSE, "options": {"expires": 5}},
        "relay what is due": {"task": "relay_due", "schedule": SWEEP, "options": {"expires": 5}},
        "publish what was missed": {"task": "publish_due", "schedule": SWEEP, "options": {"expires": 5}},
        "settle recovered incidents": {"task": "settle_due", "schedule": SWEEP, "options": {"expires": 5}},
        "forget old evidence": {"task": "forget_due", "schedule": 3600.0, "options": {"expires": 600}},
    },
)
app.autodiscover_tasks()
