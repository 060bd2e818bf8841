"""Wiring: settings, URLs, the WSGI door and the Celery application."""

from statuspage.celery import app as celery_app

__all__ = ["celery_app"]
