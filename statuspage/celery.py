"""The Celery application: a doorbell and a pulse; the truth is in the database (DESIGN 9 to 11)."""

import os
import sys
from importlib import import_module
from pathlib import Path

from celery import Celery
from celery.signals import task_postrun, task_prerun, worker_process_init

from statuspage.boot import read_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "statuspage.settings")
if "celery" in Path(sys.argv[0]).parts[-2:]:  # `celery` or `-m celery`, which would print a traceback
    read_settings()
app = Celery("statuspage")
app.config_from_object("statuspage.queues")
app.autodiscover_tasks()


@worker_process_init.connect
def warm_up(**_: object) -> None:
    """Load what the first notice would wait for."""
    for name in ("incidents.channels.posting", "incidents.channels.mailing", "statuspage.urls"):
        import_module(name)


@task_prerun.connect
@task_postrun.connect
def look_at_connections(**_: object) -> None:
    """Keep the database connection from one task to the next, unless it has died or is old: as for requests."""
    from django.db import close_old_connections  # noqa: PLC0415  (Django is set up only now)

    close_old_connections()
