"""Publish the audit's heads: `manage.py publish_heads [--after-restore]`; beat does so by itself."""

import sys
from typing import Any

from django.core.management.base import CommandParser
from django.utils.timezone import now

from incidents.management.publishing_command import PublishingCommand
from incidents.notifying.head_mails import mail_heads
from incidents.notifying.late_replies import wait_for_late_replies
from incidents.publishing.integrity import publish_integrity


class Command(PublishingCommand):
    """What is due is published and mailed; with --after-restore although the database contradicts what was."""

    help = (
        "Publish where the audit ends and which RFO versions are published, if that is due, and mail admins."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The one exception."""
        parser.add_argument(
            "--after-restore",
            action="store_true",
            help="A backup was restored: publish the database's heads although they contradict what was published.",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Exits with 1 where the database contradicts what was published before."""
        made = publish_integrity(at=now(), after_restore=options["after_restore"])
        mail_heads(at=now())
        wait_for_late_replies()
        if made is None:
            self.stdout.write("nothing is due")
            return
        for head in made.heads:
            self.stdout.write(head)
        for fault in made.faults:
            self.stdout.write(f"WRONG {fault}")
        if made.faults:
            self.stdout.write("The published documents were left as they were.")
            sys.exit(1)
