"""Options of a probe kind: from strings or JSON values to its frozen `Config`, and what each field is.

A kind declares a dataclass whose fields all have defaults and carry `metadata=described(...)`.
Console form, API field, command line and help page are derived from `fields`; only `build` makes a Config
from what people send.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

MAX_TEXT = 255
T = TypeVar("T")


class ConfigError(ValueError):
    """One option (or the target) is not usable: `field` names it, `message` says why in a sentence."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class FieldType(StrEnum):
    """What a field holds, for whoever draws it."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Field:
    """One option of a kind. `minimum` and `maximum` bound numbers, `maximum` also the length of a text."""

    name: str
    type: FieldType
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    @property
    def label(self) -> str:
        """The name as people read it."""
        return self.name.replace("_", " ").capitalize()


def described(
    words: str, *, minimum: float | None = None, maximum: float | None = None
) -> dict[str, str | float | None]:
    """The metadata of a Config's field: its help, and the bounds of a number or of a text's length."""
    return {"help": words, "minimum": minimum, "maximum": maximum}


_TYPES = MappingProxyType(
    {str: FieldType.TEXT, int: FieldType.INTEGER, float: FieldType.NUMBER, bool: FieldType.BOOLEAN}
)


def fields(config_type: type) -> tuple[Field, ...]:
    """The options of a Config dataclass, in the order it declares them."""
    hints = get_type_hints(config_type)
    return tuple(_describe(item, hints[item.name]) for item in dataclasses.fields(config_type))


def _describe(item: "dataclasses.Field[Any]", hint: Any) -> Field:
    is_choice = get_origin(hint) is Literal
    return Field(
        name=item.name,
        type=FieldType.CHOICE if is_choice else _TYPES[hint],
        default=item.default,
        help=item.metadata.get("help", ""),
        choices=tuple(get_args(hint)) if is_choice else (),
        minimum=item.metadata.get("minimum"),
        maximum=item.metadata.get("maximum"),
    )


def build(config_type: type[T], options: Mapping[str, object]) -> T:
    """A Config from `options`; a missing or null option, or a blank one that is no text, takes its default.

    Raises:
        ConfigError: the first option that is unknown, of the wrong type or out of range.
    """
    described = {field.name: field for field in fields(config_type)}
    for name in options:
        if name not in described:
            known = ", ".join(described)
            raise ConfigError(str(name)[:MAX_TEXT], f"no such option; the options are {known}")
    values = {
        name: _READERS[described[name].type](described[name], value)
        for name, value in options.items()
        if not _is_absent(described[name], value)
    }
    return config_type(**values)


def _is_absent(field: Field, value: object) -> bool:
    return value is None or (field.type != FieldType.TEXT and isinstance(value, str) and not value.strip())


def _text(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise ConfigError(field.name, "must be text")
    text = value.strip()
    longest = int(field.maximum or MAX_TEXT)
    if len(text) > longest:
        raise ConfigError(field.name, f"must be at most {longest} characters long")
    if not text.isprintable():
        raise ConfigError(field.name, "must not contain control characters")
    return text


def _integer(field: Field, value: object) -> int:
    if isinstance(value, str):
        digits = value.strip()
        if digits.removeprefix("-").isdecimal() and digits.isascii() and len(digits) < MAX_TEXT:
            value = int(digits)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(field.name, "must be a whole number")
    return int(_bounded(field, value))


def _number(field: Field, value: object) -> float:
    try:
        found = (
            math.nan if isinstance(value, bool) or not isinstance(value, str | int | float) else float(value)
        )
    except (ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise ConfigError(field.name, "must be a number")
    return float(_bounded(field, found))


def _bounded(field: Field, value: float) -> float:
    if field.minimum is not None and value < field.minimum:
        raise ConfigError(field.name, f"must be {field.minimum:g} or more")
    if field.maximum is not None and value > field.maximum:
        raise ConfigError(field.name, f"must be {field.maximum:g} or less")
    return value


_BOOLEANS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def _boolean(field: Field, value: object) -> bool:
    if isinstance(value, str):
        value = _BOOLEANS.get(value.strip().lower(), value)
    if not isinstance(value, bool):
        raise ConfigError(field.name, "must be true or false")
    return value


def _choice(field: Field, value: object) -> str:
    if isinstance(value, str) and value.strip().lower() in field.choices:
        return value.strip().lower()
    raise ConfigError(field.name, f"must be one of {', '.join(field.choices)}")


_READERS: Mapping[FieldType, Callable[[Field, object], Any]] = MappingProxyType(
    {
        FieldType.TEXT: _text,
        FieldType.INTEGER: _integer,
        FieldType.NUMBER: _number,
        FieldType.BOOLEAN: _boolean,
        FieldType.CHOICE: _choice,
    }
)
