"""Every column that holds sealed texts: those that `models.fields.holds_sealed` marks, and allauth's second factors.

A text that depends on CREDENTIALS_KEY in another way, such as a keyed digest beside a sealed address, belongs into
BESIDE: it is recomputed in the same UPDATE.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models

from incidents.models.fields import is_sealed
from incidents.operations.credentials import SEALED_PREFIX
from incidents.operations.endpoint_urls import name_of

Beside = Callable[[str], Mapping[str, Any]]
BESIDE: Mapping[tuple[str, str], Beside] = {
    ("incidents.Subscriber", "sealed_url"): lambda url: {"address": name_of(url)},
}
"""By model and column: from the secret to the other columns of its row that CREDENTIALS_KEY has a part in."""


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One column; in a JSON column any text of a value may be sealed."""

    model: type[models.Model]
    name: str
    is_json: bool = False

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.name}"

    def beside(self, secret: str) -> Mapping[str, Any]:
        """Columns of the same row that change with the key."""
        found = BESIDE.get((self.model._meta.label, self.name))
        return found(secret) if found else {}


def sealed_columns() -> Iterator[SealedColumn]:
    """All of them."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if is_sealed(field):
                yield SealedColumn(model, field.name)
    yield SealedColumn(Authenticator, "data", is_json=True)


def sealed_texts(value: Any) -> Iterator[str]:
    """The sealed texts in a value: itself, or those anywhere inside what JSON can hold."""
    if isinstance(value, str):
        if value.startswith(SEALED_PREFIX):
            yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from sealed_texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from sealed_texts(each)


def with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """The same value with each of its sealed texts changed."""
    if isinstance(value, str):
        return change(value) if value.startswith(SEALED_PREFIX) else value
    if isinstance(value, dict):
        return {key: with_texts(each, change) for key, each in value.items()}
    if isinstance(value, list):
        return [with_texts(each, change) for each in value]
    return value
