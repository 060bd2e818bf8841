"""Who did it: a staff member, a subscriber, or one of our own engines."""

from dataclasses import dataclass

from django.contrib.auth.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """A name for the journal, and the user behind it where there is one."""

    name: str
    user: User | None = None
    is_script: bool = False
    """A key that somebody gave to a script: what it says is said for people, whoever made the key."""
    is_monitor: bool = False
    """What it says comes of measurements, so that it may tell of them until a person takes over."""

    quotes_people: bool = False
    """What it brings along was said by people elsewhere, so that no engine ends what they have not ended."""

    @property
    def is_person(self) -> bool:
        """Whether automation must step back after this one has spoken."""
        return self.user is not None or self.is_script or self.quotes_people


PROBES = Actor("probes", is_monitor=True)
SIGNALS = Actor("alerts", is_monitor=True)
CLOCK = Actor("clock")
IMPORT = Actor("import", quotes_people=True)
SUBSCRIBER = Actor("subscriber")
MAIL_SERVICE = Actor("mail service")
DEMO = Actor("demo")
SHELL = Actor("shell")


def staff(user: User) -> Actor:
    """A signed-in member of staff."""
    return Actor(user.get_username(), user)


def script(name: str, user: User | None) -> Actor:
    """An API key of that name, and who made it."""
    return Actor(f"key {name}"[:150], user, is_script=True)
