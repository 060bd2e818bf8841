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
MOST_ITEMS = 100
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
    LIST = "list"


class Names(StrEnum):
    """What of the prober's own surroundings a text names; both are for those with the right to probe there."""

    NOTHING = ""
    FILE = "file"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Field:
    """One option of a kind.

    `minimum` and `maximum` bound numbers, `maximum` also the length of a text or of each item of a list, `most` the
    number of items. A `secret` is sealed at rest and never shown; a `hidden` option is filled in by monitoring. What
    is `required` may not be left blank, whatever its default. `names` says of a text that it is the path of a file
    on the prober, or the address of a machine that is asked besides the target.
    """

    name: str
    type: FieldType
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    most: int = MOST_ITEMS
    secret: bool = False
    hidden: bool = False
    required: bool = False
    names: Names = Names.NOTHING

    @property
    def label(self) -> str:
        """The name as people read it."""
        return self.name.replace("_", " ").capitalize()


def described(
    words: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    most: int = MOST_ITEMS,
    secret: bool = False,
    hidden: bool = False,
    required: bool = False,
    names: Names = Names.NOTHING,
) -> dict[str, Any]:
    """The metadata of a Config's field: its help and the rest of what `Field` says of it."""
    return {
        "help": words,
        "minimum": minimum,
        "maximum": maximum,
        "most": most,
        "secret": secret,
        "hidden": hidden,
        "required": required,
        "names": names,
    }


_TYPES = MappingProxyType(
    {
        str: FieldType.TEXT,
        int: FieldType.INTEGER,
        float: FieldType.NUMBER,
        bool: FieldType.BOOLEAN,
        tuple[str, ...]: FieldType.LIST,
    }
)


_KNOWN: dict[type, tuple[Field, ...]] = {}
"""Worked out once: every run of every probe builds its Config."""


def fields(config_type: type) -> tuple[Field, ...]:
    """The options of a Config dataclass, in the order it declares them."""
    known = _KNOWN.get(config_type)
    if known is None:
        hints = get_type_hints(config_type)
        known = tuple(_describe(item, hints[item.name]) for item in dataclasses.fields(config_type))
        _KNOWN[config_type] = known
    return known


def _describe(item: "dataclasses.Field[Any]", hint: Any) -> Field:
    is_choice = get_origin(hint) is Literal
    return Field(
        name=item.name,
        type=FieldType.CHOICE if is_choice else _TYPES[hint],
        default=item.default,
        choices=tuple(get_args(hint)) if is_choice else (),
        **{"help": "", **item.metadata},
    )


def build(config_type: type[T], options: Mapping[str, object]) -> T:
    """A Config from `options`; a missing or null option, or a blank one that is no text, takes its default.

    Raises:
        ConfigError: the first option that is unknown, of the wrong type, out of range or required and missing.
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
    for name, field in described.items():
        if field.required and not values.get(name):
            raise ConfigError(name, "is required")
    return config_type(**values)


def _is_absent(field: Field, value: object) -> bool:
    return value is None or (field.type != FieldType.TEXT and isinstance(value, str) and not value.strip())


def _text(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise ConfigError(field.name, "must be text")
    text = value if field.secret else value.strip()
    longest = int(field.maximum or MAX_TEXT)
    if len(text) > longest:
        raise ConfigError(field.name, f"must be at most {longest} characters long")
    if not text.isprintable():
        raise ConfigError(field.name, "must not contain control characters")
    return text


def _list(field: Field, value: object) -> tuple[str, ...]:
    """Items as JSON has them, or as people type them: by lines or commas; each once."""
    items = value.replace(",", "\n").splitlines() if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise ConfigError(field.name, "must be a list, or text with one item a line")
    found = tuple(dict.fromkeys(text for text in (_text(field, item) for item in items) if text))
    if len(found) > field.most:
        raise ConfigError(field.name, f"must have at most {field.most} items, not {len(found)}")
    return found


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
        FieldType.LIST: _list,
    }
)
