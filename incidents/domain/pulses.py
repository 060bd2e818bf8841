"""Which engines must be alive for the page to be believed (reliability.md 2.4)."""

from enum import StrEnum


class Role(StrEnum):
    """An engine that gives a sign of life whenever it has done its turn. Without beat none of them gets one."""

    PROBES = "probes"
    RELAY = "relay"
    PUBLISHER = "publisher"
