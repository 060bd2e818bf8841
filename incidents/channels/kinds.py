"""The one table of channels: a kind is a file beside this one and a line here."""

from collections.abc import Mapping
from types import MappingProxyType

from incidents.channels.email import EMAIL
from incidents.channels.messages import Kind
from incidents.channels.slack import SLACK
from incidents.channels.teams import TEAMS
from incidents.channels.webhook import WEBHOOK

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in (EMAIL, WEBHOOK, SLACK, TEAMS)})


def choices() -> list[tuple[str, str]]:
    """Name and label of each channel, for callable model choices: a new kind makes no migration."""
    return [(kind.name, kind.label) for kind in KINDS.values()]
