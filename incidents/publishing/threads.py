"""What was said in incidents that are over: read once a process, and again when anything was written to them.

A page shows dozens of these beside the one that a post changes. They are named by code and version, which every write
to an incident counts; one that told an RFO is always read, since that has a life of its own.
"""

from collections.abc import Iterable, Mapping

from incidents.models import Incident
from incidents.models.trees import Thread, thread_of, with_updates

MOST = 512
"""Threads kept; when there are more, all others go."""

_known: dict[tuple[str, int], Thread] = {}


def threads(rows: Iterable[Incident], *, anew: bool) -> Mapping[int, Thread]:
    """The threads of the incidents by primary key, in a fixed number of queries; `anew` reads all of them."""
    rows = list(rows)
    found: dict[int, Thread] = {}
    for row in () if anew else rows:
        thread = _known.get(_name(row))  # one look: another thread may be making room
        if thread is not None:
            found[row.pk] = thread
    missing = [row.pk for row in rows if row.pk not in found]
    for row in with_updates(Incident.objects.filter(pk__in=missing).order_by()) if missing else ():
        found[row.pk] = thread_of(row)
        if row.state.is_over and not found[row.pk].told_rfo:
            _keep(row, found[row.pk])
    return found


def _keep(row: Incident, thread: Thread) -> None:
    if len(_known) >= MOST:
        _known.clear()
    _known[_name(row)] = thread


def _name(row: Incident) -> tuple[str, int]:
    return row.code, row.version
