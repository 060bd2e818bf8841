"""Slow work comes before a transaction begins: whoever waits inside one keeps every other writer waiting.

On SQLite one open transaction stops all writes of the installation, on PostgreSQL it holds a page's lock and a pooled
connection.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from incidents.formatting.bounded import ChildBusy, ContentRefused
from incidents.operations.errors import Busy, Refused

log = logging.getLogger(__name__)
_HARMLESS = "_keeps_no_writer_waiting"


def uncontended_transaction() -> transaction.Atomic:
    """A transaction that keeps no writer waiting: it only reads, or nobody else writes yet, as in the demo."""
    block = transaction.atomic()
    setattr(block, _HARMLESS, True)
    return block


def is_inside_transaction() -> bool:
    """Whether a transaction that may write is open here, but for the one that a test case wraps around itself."""
    return any(
        not (getattr(each, "_from_testcase", False) or getattr(each, _HARMLESS, False))
        for each in connection.atomic_blocks
    )


def note_inside_transaction(work: str) -> None:
    """Log slow work that was begun inside a transaction; the tests fail for it."""
    if is_inside_transaction():
        log.error("slow work was begun inside a transaction", extra={"work": work}, stack_info=True)


@contextmanager
def when_busy(field: str) -> Iterator[None]:
    """Turn a child that found no place into Busy, so that what was typed is kept and may be sent again."""
    try:
        yield
    except ChildBusy as error:
        raise Busy(field, str(error)) from error


@contextmanager
def formatting(field: str) -> Iterator[None]:
    """As `when_busy`, and turn a text that is too complex to format into Refused."""
    try:
        with when_busy(field):
            yield
    except ContentRefused as error:
        raise Refused(field, str(error)) from error
