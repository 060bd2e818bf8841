"""`manage.py relay_once`: tell people what they are due to hear, once, without Celery."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from incidents.domain.pulses import Role
from incidents.management.publishing_command import PublishingCommand
from incidents.monitoring import heartbeat
from incidents.notifying.account_mails import send_account_mails
from incidents.notifying.late_replies import wait_for_late_replies
from incidents.notifying.relay import relay_due


class Command(PublishingCommand):
    """Prints how many notices were sent, will be tried again, or were refused."""

    help = "Expand and send every notification that is due, then stop."

    def handle(self, *_: Any, **__: Any) -> None:
        """Run the relay until nothing is ready; mails about accounts first."""
        send_account_mails(at=datetime.now(UTC))
        counts = relay_due(alive=partial(heartbeat.beat, Role.RELAY))
        wait_for_late_replies()
        again = counts["retry"] + counts["untried"] + counts["unknown"]
        late = f", confirmed late or not at all {counts['pending']}" if counts["pending"] else ""
        self.stdout.write(f"sent {counts['sent']}, to retry {again}, refused {counts['refused']}{late}")
