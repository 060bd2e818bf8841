"""The Celery application: a doorbell and a pulse; the truth is in the database (DESIGN 9 to 11)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "statuspage.settings")

app = Celery("statuspage")
app.config_from_object("statuspage.queues")
app.autodiscover_tasks()
