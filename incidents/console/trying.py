"""A probe that is only being set up, run once from here and now: nothing is kept of it."""

from collections.abc import Mapping
from threading import BoundedSemaphore

from asgiref.sync import async_to_sync

from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.probes import PRIVATE, check_right, check_set_up
from incidents.probes.kind import Kind
from incidents.probes.results import Result
from incidents.probes.running import Job, run_batch

LONGEST = 10.0
"""Seconds: somebody waits for the page meanwhile."""
_DEADLINE = "deadline_seconds"
_places = BoundedSemaphore(2)
"""Each try holds a thread of this process for as long as the target is silent."""


def try_once(
    kind: Kind,
    target: str,
    options: Mapping[str, object],
    *,
    known: Mapping[str, object] | None = None,
    by: Actor,
) -> Result:
    """Run it as monitoring would, but for ten seconds at most; `known` are the options that are kept already.

    Raises:
        Refused: what cannot work, what `by` may not probe, or too many at once.
    """
    check_set_up(kind.name, target, options)
    check_right(kind.name, target, options, known=known, by=by)
    if not _places.acquire(blocking=False):
        raise Refused("", "Others are trying probes just now. Try again in a few seconds.")
    try:
        job = Job(
            "",
            kind.name,
            target,
            _hurried(kind, options),
            private=by.user is None or by.user.has_perm(PRIVATE),
        )
        return async_to_sync(run_batch)([job])[0]
    finally:
        _places.release()


def _hurried(kind: Kind, options: Mapping[str, object]) -> dict[str, object]:
    """The options with a deadline that a person would wait for."""
    wished = options.get(_DEADLINE, getattr(kind.config, _DEADLINE, None))
    if isinstance(wished, int | float) and wished > LONGEST:
        return {**options, _DEADLINE: LONGEST}
    return dict(options)
