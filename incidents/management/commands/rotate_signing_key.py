"""Replace the key that signs RFOs: `manage.py rotate_signing_key`; the old public key stays published."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.timezone import now

from incidents.management.publishing_command import PublishingCommand
from incidents.operations.actors import SHELL
from incidents.operations.audit import note
from incidents.publishing.integrity import publish_integrity
from incidents.publishing.signing_keys import NoKey, rotate


class Command(PublishingCommand):
    """What was signed before keeps its signatures; what is published from now on is signed with the new key."""

    help = "Make a new key that signs RFOs, and publish it beside the old ones."

    def handle(self, *_: Any, **__: Any) -> None:
        """Raises CommandError where the environment names the key, and where no file can be written."""
        if settings.SIGNING_KEY:
            raise CommandError(
                "SIGNING_KEY is set in the environment. Put a new key there, such as `openssl genpkey -algorithm "
                "ed25519` prints, and restart every process: the old public key stays published."
            )
        try:
            old, new = rotate(at=now())
        except NoKey as error:
            raise CommandError(str(error)) from error
        note("signing_key.rotated", by=SHELL, at=now(), subject=f"signing key {new}", data={"old": old})
        publish_integrity(at=now())
        self.stdout.write(f"old key: {old or 'none'}")
        self.stdout.write(f"new key: {new}")
