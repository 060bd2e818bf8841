"""CREDENTIALS_KEY is replaced: everything that the key before encrypted is encrypted with the new one.

1. Every sealed text is read. Where neither key opens one, nothing is changed at all.
2. Each row is written if it is still as it was read, so what others write meanwhile stays. Killed anywhere, each row is
   readable with one of the two keys, and the next run goes on with those that still need the key before.
3. It is looked through again until a whole pass finds nothing: a process that was not restarted yet may have written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from incidents.operations.actors import Actor
from incidents.operations.audit import note
from incidents.operations.credentials import LostKey, is_current, seal, unseal
from incidents.operations.sealed_columns import SealedColumn, sealed_columns, sealed_texts, with_texts

BATCH_ROWS = 500
MAX_PASSES = 5


class UnreadableSecrets(ValueError):
    """Rows that neither key opens; `names` says which, as Model.column and primary key."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            f"{len(names)} secrets cannot be read with CREDENTIALS_KEY or CREDENTIALS_KEY_PREVIOUS."
        )
        self.names = names


class StillWritten(RuntimeError):
    """After MAX_PASSES passes somebody still writes with the key before."""


@dataclass(slots=True)
class Rotation:
    """What was done: re-encrypted rows by column, those that needed nothing, those left unreadable."""

    changed: dict[str, int] = field(default_factory=dict)
    current: int = 0
    unreadable: list[str] = field(default_factory=list)


def rotate_credentials(*, leave_unreadable: bool = False, by: Actor, at: datetime) -> Rotation:
    """Encrypt with CREDENTIALS_KEY whatever needs CREDENTIALS_KEY_PREVIOUS.

    Raises:
        UnreadableSecrets: before anything is changed, unless `leave_unreadable`.
        StillWritten: a process still runs with the key before alone.
    """
    found = _look()
    if found.unreadable and not leave_unreadable:
        raise UnreadableSecrets(found.unreadable)
    rotation = Rotation(current=found.current, unreadable=found.unreadable)
    for _ in range(MAX_PASSES):
        found_stale = 0
        for column in sealed_columns():
            stale, written = _rotate(column)
            found_stale += stale
            rotation.changed[str(column)] = rotation.changed.get(str(column), 0) + written
        if not found_stale:
            break
    else:
        raise StillWritten(
            "A process still writes with the key before. Restart all of them, then run this again."
        )
    if total := sum(rotation.changed.values()):
        note("credentials_key.rotated", by=by, at=at, subject="installation", data={"rows": total})
    return rotation


def _look() -> Rotation:
    found = Rotation()
    for column in sealed_columns():
        for batch in _batches(column):
            for pk, value in batch.items():
                texts = list(_texts(column, value))
                if all(is_current(text) for text in texts):
                    found.current += bool(texts)
                elif not all(_is_readable(text) for text in texts):
                    found.unreadable.append(f"{column} of row {pk}")
    return found


def _rotate(column: SealedColumn) -> tuple[int, int]:
    """One pass over a column: how many rows needed the key before, and how many of those were written."""
    stale, written = 0, 0
    for batch in _batches(column):
        found = {pk: value for pk, value in batch.items() if _is_stale(list(_texts(column, value)))}
        stale += len(found)
        if column.is_json:
            written += sum(_rewrite_json(column, pk) for pk in found)
        else:
            written += _rewrite(column, found)
    return stale, written


def _is_stale(texts: list[str]) -> bool:
    """Whether the key before is needed, and enough."""
    return not all(map(is_current, texts)) and all(map(_is_readable, texts))


def _rewrite(column: SealedColumn, values: Mapping[int, str]) -> int:
    """Write a batch in one transaction, each row only where it still holds what was read."""
    made = {}
    for pk, old in values.items():
        secret = unseal(old)
        made[pk] = old, {column.name: seal(secret), **column.beside(secret)}
    with transaction.atomic():
        return sum(
            column.model._base_manager.filter(pk=pk, **{column.name: old}).update(**new)
            for pk, (old, new) in made.items()
        )


@transaction.atomic
def _rewrite_json(column: SealedColumn, pk: int) -> int:
    """Under the row's lock, since not every database compares JSON as it was written."""
    rows = column.model._base_manager.select_for_update().filter(pk=pk)
    value = rows.values_list(column.name, flat=True).first()
    if value is None or not all(_is_readable(text) for text in sealed_texts(value)):
        return 0
    new = with_texts(value, lambda text: text if is_current(text) else seal(unseal(text)))
    return column.model._base_manager.filter(pk=pk).update(**{column.name: new}) if new != value else 0


def _batches(column: SealedColumn) -> Iterator[Mapping[int, Any]]:
    """The values of a column by primary key, in steps, without holding a query open."""
    rows, last = column.model._base_manager.order_by("pk"), 0
    if not column.is_json:
        rows = rows.exclude(**{column.name: ""})
    while batch := dict(rows.filter(pk__gt=last).values_list("pk", column.name)[:BATCH_ROWS]):
        yield batch
        last = max(batch)


def _texts(column: SealedColumn, value: Any) -> Iterator[str]:
    """The sealed texts of a row; any text of a sealed column is one, whatever it looks like."""
    if column.is_json:
        yield from sealed_texts(value)
    elif value:
        yield value


def _is_readable(text: str) -> bool:
    try:
        unseal(text)
    except LostKey:
        return False
    return True
