"""What all tests share: a test's rows can be taken away again, although the audit's triggers refuse it."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from tests.at_instant import counts_days

MIGRATION = import_module("incidents.migrations.0006_audit")

ELSEWHERE = ("slow", "bench", "alone")
"""What takes real peers or whole processes is run at the present time only."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is run at other instants too (`tests/at_instant.py`): found by what its module says, not listed."""
    for item in items:
        if counts_days(item.path) and not any(item.get_closest_marker(name) for name in ELSEWHERE):
            item.add_marker("clock")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """The database of the tests, in which an attacker has dropped the triggers already; one test brings them back."""
    with django_db_blocker.unblock(), connection.schema_editor() as editor:  # type: ignore[attr-defined]
        MIGRATION.allow_changes(apps, editor)
