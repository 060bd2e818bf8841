"""What a kind of probe is: each kind's file ends with one of these, `kinds.py` lists them (DESIGN 2 and 9)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from incidents.probes.config import fields
from incidents.probes.results import Result


class Cost(StrEnum):
    """What a run costs the target; what costs more is done less at once."""

    NOTHING = "nothing"
    DATAGRAM = "datagram"
    CONNECTION = "connection"
    HANDSHAKE = "handshake"


@dataclass(frozen=True)
class Kind:
    """One way to probe.

    `check_target` raises `ConfigError("target", …)` for a target the kind cannot use. `facet` is the short label
    that tells one probe of a component from its neighbours ("UDP", "TLS"), `service` what customers know it as ("SIP
    over TLS"). `endpoint` is the host and port that a run burdens, `cost` how much. What a kind that does not
    `announces` finds is for staff and opens no incident. A `passive` kind waits to be called: monitoring fills in its
    hidden options. `interval` is the seconds between two runs where nobody says otherwise.
    """

    name: str
    label: str
    config: type
    probe: Callable[[str, Any], Awaitable[Result]]
    check_target: Callable[[str], None]
    facet: Callable[[Any], str]
    service: Callable[[Any], str]
    endpoint: Callable[[str, Any], tuple[str, int]]
    cost: Callable[[Any], Cost]
    announces: bool = True
    passive: bool = False
    interval: int = 30

    @property
    def secret_fields(self) -> tuple[str, ...]:
        """The options that are encrypted at rest and never shown."""
        return tuple(field.name for field in fields(self.config) if field.secret)
