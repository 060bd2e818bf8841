"""What all tests share: a test's rows can be taken away again, although the audit's triggers refuse it."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

MIGRATION = import_module("incidents.migrations.0006_audit")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """The database of the tests, in which an attacker has dropped the triggers already; one test brings them back."""
    with django_db_blocker.unblock(), connection.schema_editor() as editor:  # type: ignore[attr-defined]
        MIGRATION.allow_changes(apps, editor)
