"""Many rows in one statement that is prepared once: the ORM builds SQL for each, which costs more than writing it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

Row = Mapping[str, Any]


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert the rows; every column of the model but its key must be among `columns`."""
    fields = [_field(model, name) for name in columns]
    names = ", ".join(_quoted(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = _quoted(model._meta.db_table)
    sql = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608  (names of columns)
    _run(sql, [_values(fields, row) for row in rows])


def update(model: type[models.Model], columns: Sequence[str], rows: Mapping[int, Row]) -> None:
    """Write `columns` of the rows with these keys; a key that is gone changes nothing."""
    fields = [_field(model, name) for name in columns]
    names = ", ".join(f"{_quoted(str(field.column))} = %s" for field in fields)
    table, key = _quoted(model._meta.db_table), _quoted(str(model._meta.pk.column))
    sql = f"UPDATE {table} SET {names} WHERE {key} = %s"  # noqa: S608  (names of columns)
    _run(sql, [[*_values(fields, row), pk] for pk, row in rows.items()])


def _run(sql: str, values: list[list[Any]]) -> None:
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(sql, values)


def _values(fields: Sequence["models.Field[Any, Any]"], row: Row) -> list[Any]:
    return [_ADAPTED.get(type(field), _as_it_is)(row[field.name]) for field in fields]


def _as_it_is(value: Any) -> Any:
    """Texts, numbers, truths and keys go to the database as they are."""
    return value


def _instant(value: datetime | None) -> Any:
    return None if value is None else connection.ops.adapt_datetimefield_value(value)


def _json(value: Any) -> Any:
    return connection.ops.adapt_json_value(value, None)


# What `Field.get_db_prep_save` does for these, without its ceremony: it is called a hundred thousand times a slot.
_ADAPTED: Mapping[type, Callable[[Any], Any]] = {models.DateTimeField: _instant, models.JSONField: _json}


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    return next(field for field in model._meta.concrete_fields if field.name == name)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
