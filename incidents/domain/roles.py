"""Who may do what: four roles on a ladder, and the rights that each step adds (DESIGN 13)."""

from enum import StrEnum


class Right(StrEnum):
    """What a screen or a button of the console asks for."""

    SEE = "see"
    RESPOND = "respond"
    """Speak to customers of incidents and maintenance, and look after the probes that are there."""
    PUBLISH = "publish"
    """Publish RFOs, keep templates, and look after subscribers and their data."""
    SET_UP = "set up"
    """Pages, components, probes, keys, alert addresses; on every page also the staff."""


class Role(StrEnum):
    """What somebody is on one page or on all of them; each may do what those before it may."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    PUBLISHER = "publisher"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for a viewer up to 3 for an admin."""
        return list(Role).index(self)

    def may(self, right: Right) -> bool:
        """Whether the role carries the right."""
        return self.rank >= list(Right).index(right)


def needed_for(right: Right) -> Role:
    """The lowest role that carries a right."""
    return next(role for role in Role if role.may(right))


def highest(*roles: Role | None) -> Role | None:
    """The highest of the roles that somebody has; None for nobody's."""
    return max((role for role in roles if role), key=lambda role: role.rank, default=None)
