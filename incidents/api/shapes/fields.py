"""Fields as Statuspage's v1 writes and reads them (shared statuspage-api.md, section 3)."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incidents.domain.texts import UPDATE_LIMIT

NO_ZONE = "Say the zone of the time: 2027-06-10T10:00:00Z, or 2027-06-10T10:00:00+01:00."
BODY_HELP = (
    "Text for customers with a little Markdown: `**bold**`, `[links](https://example.com)`, lists with `-` or `1.`, "
    "`code` and blocks of it between lines of three backticks. A `\\\\` before a mark makes it a character. All else, "
    "HTML too, is text."
)


class Seconds(serializers.DateTimeField):
    """An instant in whole seconds of UTC: `2021-10-08T21:22:00Z`."""

    form = "%Y-%m-%dT%H:%M:%S"

    def to_representation(self, value: datetime) -> str:
        """As it is printed."""
        return f"{value.astimezone(UTC).strftime(self.form)}Z"

    def enforce_timezone(self, value: datetime) -> datetime:
        """A time without a zone is UTC, as Statuspage takes it."""
        try:
            return super().enforce_timezone(value).astimezone(UTC)
        except OverflowError:
            self.fail("overflow")


class Instant(Seconds):
    """An instant that a script says: with its zone, since nobody can tell whose clock it is on otherwise.

    Only alerts of other monitoring are taken without one, as UTC: an alert is not lost for its clock.
    """

    def __init__(self, *, help_text: str = "", **options: Any) -> None:
        told = f"{help_text} With its zone: 2027-06-10T10:00:00+01:00.".strip()
        super().__init__(**{"required": False, "allow_null": True, "help_text": told, **options})

    def enforce_timezone(self, value: datetime) -> datetime:
        """In UTC; one without a zone is refused."""
        if value.tzinfo is None:
            raise serializers.ValidationError(NO_ZONE, code="zone")
        return super().enforce_timezone(value)


class Millis(Seconds):
    """An instant in milliseconds of UTC, as of updates."""

    def to_representation(self, value: datetime) -> str:
        """As it is printed."""
        return f"{value.astimezone(UTC).isoformat(timespec='milliseconds')[:23]}Z"


class Yes(serializers.BooleanField):
    """True or false; null is what was not said."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **options})


class Words(serializers.CharField):
    """Text that may be missing, empty or null."""

    def __init__(self, *, most: int = 255, **options: Any) -> None:
        super().__init__(
            **{
                "required": False,
                "allow_blank": True,
                "allow_null": True,
                "max_length": most,
                "trim_whitespace": False,
                **options,
            }
        )


class Body(Words):
    """The words of an update."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"most": UPDATE_LIMIT, "help_text": BODY_HELP, **options})


class Code(serializers.CharField):
    """The code of a thing: 12 lowercase letters and digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 64, **options})


class Codes(serializers.ListField):
    """Codes of several things."""

    def __init__(self, **options: Any) -> None:
        options = {"required": False, "allow_null": True, "max_length": 10_000, **options}
        super().__init__(child=Code(), **options)


class Choice(serializers.ChoiceField):
    """One of an enumeration's words."""

    def __init__(self, enum: type[StrEnum], **options: Any) -> None:
        super().__init__(
            choices=[each.value for each in enum],
            **{"required": False, "allow_null": True, "allow_blank": True, **options},
        )


@extend_schema_field({"type": ["object", "null"], "additionalProperties": True})
class Anything(serializers.JSONField):
    """An object whose inside is its owner's."""


def given(checked: dict[str, Any], *names: str) -> dict[str, Any]:
    """Those of the fields that were said and are not null."""
    return {name: checked[name] for name in names if checked.get(name) is not None}
