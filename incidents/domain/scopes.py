"""Scopes: what an API key opens."""

from enum import StrEnum


class Scope(StrEnum):
    """One thing that a key may be for; `admin` opens everything that any key opens."""

    READ = "read"
    INCIDENTS = "incidents"
    RFO = "rfo"
    SUBSCRIBERS = "subscribers"
    ADMIN = "admin"
