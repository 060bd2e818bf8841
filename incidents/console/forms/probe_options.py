"""The options of a probe's kind as form fields, derived from what the kind says of each (probes/config.py)."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from incidents.models import Probe
from incidents.probes.config import MAX_TEXT, ConfigError, Field, FieldType, build, fields
from incidents.probes.kind import Kind

_PREFIX = "option_"
_SPELT: Mapping[str, str] = {
    each.lower(): each for each in ("CA", "DNS", "HTTP", "ID", "RTP", "SIP", "TLS", "URL")
}
_KEPT = "Left blank it stays as it was."


class OptionsForm(forms.Form):
    """One field an option; hidden ones are left out. What was typed is read by the kind's own reader."""

    kind: Kind
    stored: Mapping[str, Any]
    """The options that are set already, without secrets."""
    values: Mapping[str, Any]
    """The options on the form as the kind reads them, without secrets that are kept, after validation."""

    def add_options(self, kind: Kind, probe: Probe | None) -> None:
        """Declare the fields; call it at the end of `__init__`."""
        self.kind = kind
        self.described = tuple(field for field in fields(kind.config) if not field.hidden)
        self.stored = dict(probe.config) if probe else {}
        self.secrets: Mapping[str, str] = {}
        for field in self.described:
            made = _form_field(field, self.stored.get(field.name, field.default))
            made.show_hidden_initial = probe is not None and not field.secret
            if field.secret and probe and probe.sealed:
                made.help_text = f"{field.help} {_KEPT}"
            self.fields[self.field_of(field.name)] = made

    def field_of(self, option: str) -> str:
        """The name of an option's form field."""
        return f"{_PREFIX}{option}"

    @property
    def option_fields(self) -> list[BoundField]:
        """In the order in which the kind declares them."""
        return [self[self.field_of(field.name)] for field in self.described]

    def clean(self) -> dict[str, Any]:
        """Everything that is wrong, each beside its field."""
        cleaned = super().clean() or self.cleaned_data
        typed = {field.name: cleaned.get(self.field_of(field.name)) for field in self.described}
        for name, value in typed.items():
            try:
                build(self.kind.config, {name: value})
            except ConfigError as error:
                if error.field == name:
                    self._land(error)
        if not self.errors.keys() & {self.field_of(name) for name in typed}:
            self._read(typed)
        return cleaned

    def _read(self, typed: Mapping[str, Any]) -> None:
        """All together, with the secrets that are kept."""
        kept = {name: value for name, value in self.secrets.items() if not typed.get(name)}
        try:
            config: Any = build(self.kind.config, {**typed, **kept})
        except ConfigError as error:
            self._land(error)
        else:
            read = {name: _plain(getattr(config, name)) for name in typed}
            self.values = {name: value for name, value in read.items() if name not in kept}

    def _land(self, error: ConfigError) -> None:
        field = self.field_of(error.field)
        if field not in self.fields:
            self.add_error(None, str(error))
        elif field not in self.errors:
            self.add_error(field, f"{error.message[:1].upper()}{error.message[1:]}.")

    def config(self) -> dict[str, Any] | None:
        """The options to store, or None where none was changed, after validation."""
        changed = {
            field.name: self.values[field.name]
            for field in self.described
            if self.field_of(field.name) in self.changed_data
        }
        return {**self.stored, **changed} if changed else None


def _label(field: Field) -> str:
    """Its name as people write it: `CA file`, `Verify TLS`."""
    return " ".join(_SPELT.get(word.lower(), word) for word in field.label.split())


def _form_field(field: Field, value: Any) -> forms.Field:
    if field.type == FieldType.BOOLEAN:
        return forms.BooleanField(required=False, initial=value, label=_label(field), help_text=field.help)
    return forms.CharField(
        required=field.required,
        initial=_typed(field, value),
        label=_label(field),
        help_text=field.help,
        strip=not field.secret,
        widget=_widget(field),
    )


def _widget(field: Field) -> forms.Widget:
    longest = int(field.maximum or MAX_TEXT)
    if field.secret:
        return forms.PasswordInput(attrs={"autocomplete": "new-password", "maxlength": longest})
    match field.type:
        case FieldType.CHOICE:
            return forms.Select(choices=[(each, each) for each in field.choices])
        case FieldType.LIST:
            return forms.Textarea(attrs={"rows": 4})
        case FieldType.INTEGER | FieldType.NUMBER:
            bounds = {"min": field.minimum, "max": field.maximum}
            step = "1" if field.type == FieldType.INTEGER else "any"
            return forms.NumberInput(
                attrs={
                    "step": step,
                    **{name: f"{each:g}" for name, each in bounds.items() if each is not None},
                }
            )
    return forms.TextInput(attrs={"maxlength": longest})


def _typed(field: Field, value: Any) -> str:
    """A value as a person would type it; a secret is not shown."""
    if field.secret or value is None:
        return ""
    if isinstance(value, list | tuple):
        return "\n".join(str(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _plain(value: Any) -> Any:
    """As JSON has it."""
    return list(value) if isinstance(value, tuple) else value
