"""Frozen dataclasses as JSON and back: one spelling for one value, and nothing taken that was not meant."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

NOTHING: tuple[object, ...] = ((), "", None)


def to_json(value: Any) -> Any:
    """What is there and no more: empty texts, empty lists and None are left out, instants are in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [to_json(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        found = {each.name: getattr(value, each.name) for each in fields(value)}
        return {name: to_json(part) for name, part in found.items() if part not in NOTHING}
    return value


def from_json(wanted: Any, found: Any, place: str) -> Any:
    """`found`, which was JSON, as an instance of `wanted`. Raises ValueError naming the part; all of it is `place`."""
    if get_origin(wanted) is tuple:
        if not isinstance(found, list):
            raise ValueError(f"{place} is a list.")
        inner = get_args(wanted)[0]
        return tuple(
            from_json(inner, each, f"{place} {number}") for number, each in enumerate(found, start=1)
        )
    if isinstance(wanted, UnionType):
        return None if found is None else from_json(get_args(wanted)[0], found, place)
    if hasattr(wanted, "__dataclass_fields__"):
        return _instance(wanted, found, place)
    return _scalar(wanted, found, place)


def _instance(wanted: Any, found: Any, place: str) -> Any:
    hints = get_type_hints(wanted)
    if not isinstance(found, Mapping) or found.keys() - hints.keys():
        raise ValueError(f"{place} has only these parts: {', '.join(hints)}.")
    given = {name: from_json(hints[name], value, f"{place}: {name}") for name, value in found.items()}
    try:
        return wanted(**given)
    except TypeError as error:
        raise ValueError(f"{place} is not complete: {error}.") from error


def _scalar(wanted: Any, found: Any, place: str) -> Any:
    expected = wanted if wanted in {int, bool} else str
    if type(found) is not expected and not (expected is str and isinstance(found, str)):
        raise ValueError(
            f"{place} is {'text' if expected is str else 'a number' if wanted is int else 'true or false'}."
        )
    try:
        if wanted is datetime:
            return _instant(found)
        return (
            found
            if wanted in {int, bool, str}
            else date.fromisoformat(found)
            if wanted is date
            else wanted(found)
        )
    except ValueError as error:
        raise ValueError(f"{place}: {error}.") from error


def _instant(found: str) -> datetime:
    at = datetime.fromisoformat(found)
    if at.utcoffset() is None:
        raise ValueError("an instant has an offset")
    return at.astimezone(UTC)
