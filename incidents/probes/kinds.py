"""The one table of probe kinds: a kind is a file beside this one and a line here (DESIGN 2 and 9)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from incidents.probes import sip_options
from incidents.probes.results import Result


@dataclass(frozen=True)
class Kind:
    """One way to probe.

    `check_target` raises `ConfigError("target", …)` for a target the kind cannot use. `facet` is the short
    label that tells one probe of a component from its neighbours ("UDP", "TLS"). `endpoint` is the host and port
    that a run burdens; `connects` says whether it costs them a TCP connection and `handshakes` whether a TLS
    handshake. `secret_fields` are encrypted at rest and never shown.
    """

    name: str
    label: str
    config: type
    probe: Callable[[str, Any], Awaitable[Result]]
    check_target: Callable[[str], None]
    facet: Callable[[Any], str]
    endpoint: Callable[[str, Any], tuple[str, int]]
    connects: Callable[[Any], bool]
    handshakes: Callable[[Any], bool] = lambda config: False  # noqa: ARG005
    secret_fields: tuple[str, ...] = ()


_SIP_OPTIONS = Kind(
    "sip_options",
    "SIP OPTIONS",
    sip_options.Config,
    sip_options.probe,
    sip_options.check_target,
    sip_options.facet,
    sip_options.endpoint,
    sip_options.connects,
    handshakes=sip_options.handshakes,
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in (_SIP_OPTIONS,)})


def choices() -> list[tuple[str, str]]:
    """Name and label of each kind, for callable model choices: a new kind makes no migration."""
    return [(kind.name, kind.label) for kind in KINDS.values()]


def kind(name: str) -> Kind:
    """The kind called `name`.

    Raises:
        KeyError: there is none.
    """
    return KINDS[name]
