"""Columns that several tables share: public codes, enumerations, clean text, page zones."""

from enum import StrEnum
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from incidents.domain.codes import LENGTH, new_code
from incidents.domain.texts import UncleanText, clean
from incidents.domain.zones import UnknownZone, zone

AnyField = TypeVar("AnyField")
_SEALED = "holds_sealed_text"


def code_field() -> "models.CharField[str, str]":
    """A public code: unique, chosen at creation, never edited."""
    return models.CharField(max_length=LENGTH, unique=True, default=new_code, editable=False)


def holds_sealed(field: AnyField) -> AnyField:
    """Mark a column whose texts `operations.credentials.seal` writes: `rotate_credentials_key` re-encrypts it."""
    setattr(field, _SEALED, True)
    return field


def is_sealed(field: object) -> bool:
    """Whether `holds_sealed` marked the column."""
    return getattr(field, _SEALED, False) is True


def enum_field(enum: type[StrEnum], **options: Any) -> "models.CharField[str, str]":
    """The value of a domain enumeration, guarded by choices (and by a constraint where it matters)."""
    return models.CharField(
        max_length=24, choices=[(each.value, each.value.replace("_", " ")) for each in enum], **options
    )


def validate_zone(name: str) -> None:
    """A form's check that a page's zone is a known IANA name."""
    try:
        zone(name)
    except UnknownZone as error:
        raise ValidationError(str(error), code="unknown_zone") from error


def validate_clean(text: str) -> None:
    """A form's check that a text holds no control characters."""
    try:
        clean(text)
    except UncleanText as error:
        raise ValidationError(str(error), code="unclean_text") from error
