"""Who did it: a staff member, a subscriber, or one of our own engines."""

from dataclasses import dataclass

from django.contrib.auth.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """A name for the journal, and the user behind it where there is one."""

    name: str
    user: User | None = None

    @property
    def is_person(self) -> bool:
        """Whether automation must step back after this one has spoken."""
        return self.user is not None


PROBES = Actor("probes")
CLOCK = Actor("clock")
IMPORT = Actor("import")
SUBSCRIBER = Actor("subscriber")
MAIL_SERVICE = Actor("mail service")
DEMO = Actor("demo")
SHELL = Actor("shell")


def staff(user: User) -> Actor:
    """A signed-in member of staff."""
    return Actor(user.get_username(), user)
