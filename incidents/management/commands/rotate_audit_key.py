"""Hand the audit over to a new key: `manage.py rotate_audit_key`, while no other process of Dialtone runs."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from incidents.domain.audit import fingerprint
from incidents.management.commands._secrets import replace_secret
from incidents.models import AuditHead
from incidents.operations.audit import hand_over


class Command(BaseCommand):
    """The last line under the old key names the new one. A key in DATA_DIR is replaced here, else by its owner."""

    help = "Seal the last line of every chain of the audit under the old key, and go on under a new one."

    def handle(self, *_: Any, **__: Any) -> None:
        """Raises CommandError where the environment has no earlier key, and where no file can be written."""
        if settings.AUDIT_KEY_IS_KEPT:
            self._replace()
        elif not settings.AUDIT_KEY_PREVIOUS:
            raise CommandError(
                "AUDIT_KEY is set in the environment. Put the present key into AUDIT_KEY_PREVIOUS and a new one into "
                "AUDIT_KEY, then run this again."
            )
        chains = AuditHead.objects.exclude(number=0).order_by("chain").values_list("chain", flat=True)
        done = sum(hand_over(chain, at=now()) for chain in list(chains))
        self.stdout.write("1 chain was handed over" if done == 1 else f"{done} chains were handed over")
        self.stdout.write(
            f"to the key {fingerprint(settings.AUDIT_KEY)}. Keep the earlier keys: they verify what they sealed."
        )

    def _replace(self) -> None:
        try:
            new = replace_secret(settings.AUDIT_KEY_PLACE)
        except OSError as error:
            raise CommandError(f"{settings.AUDIT_KEY_PLACE} cannot be replaced: {error}") from error
        settings.AUDIT_KEY_PREVIOUS = [settings.AUDIT_KEY, *settings.AUDIT_KEY_PREVIOUS]
        settings.AUDIT_KEY = new
