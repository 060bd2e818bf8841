"""Celery's door: each task is a knock that calls one engine. Names are fixed: beat and bells ring by name."""

from datetime import UTC, datetime
from functools import partial

from celery import shared_task

from incidents.domain.pulses import Role
from incidents.monitoring import alerts, batches, heartbeat, verdicts
from incidents.notifying import account_mails, head_mails, relay
from incidents.notifying.turn import my_turn
from incidents.operations import bells
from incidents.operations.account_mails import purge_account_mails
from incidents.operations.autodrafts import draft_due
from incidents.operations.clocks import keep_clocks
from incidents.operations.drafts import forget_drafts
from incidents.operations.heads import purge_publications
from incidents.operations.hours import forget_old, roll_up_hours
from incidents.operations.maintenances import advance_due
from incidents.operations.metrics import forget_points
from incidents.operations.own_times import bound_own_times
from incidents.operations.people import forget_subscriptions
from incidents.operations.quotas import purge_quotas
from incidents.operations.reminders import remind_due
from incidents.operations.replies import forget_replies
from incidents.operations.results import mend_schedule
from incidents.operations.reviews import release_due
from incidents.operations.second_factors import purge_networks
from incidents.operations.series import make_due
from incidents.operations.sessions import forget_sessions
from incidents.operations.signals import forget_notes
from incidents.operations.sweeps import forget_failures
from incidents.operations.system_clock import is_clock_doubted, watch_clock
from incidents.publishing import integrity, printing, publisher


@shared_task(name="clock_due")
def clock_due() -> None:
    """Notice that the wall clock was set, and bring back what waits for a time that it will not show again soon."""
    watch_clock(at=datetime.now(UTC))


@shared_task(name="probe_due")
def probe_due() -> None:
    """Run the probes that are due."""
    batches.probe_due()


@shared_task(name="settle_due")
def settle_due() -> None:
    """Resolve automatic incidents that have been watched long enough."""
    at = datetime.now(UTC)
    if not is_clock_doubted(at=at):
        verdicts.settle_due(at=at)


@shared_task(name="maintain_due")
def maintain_due() -> None:
    """Announce recurring maintenance, remind of it, begin and complete it at its instants."""
    at = datetime.now(UTC)
    if is_clock_doubted(at=at):
        return
    make_due(at=at)
    remind_due(at=at)
    advance_due(at=at)


@shared_task(name="relay_due")
def relay_due() -> None:
    """Tell people what they are due to hear; whoever is at it looks again until nothing is left, and calls for help."""
    with my_turn() as place:
        if place:
            relay.relay_due(alive=partial(heartbeat.beat, Role.RELAY), helper=bells.ring_due, holder=place)


@shared_task(name="send_account_mails")
def send_account_mails() -> None:
    """Send the mails about accounts that are due."""
    account_mails.send_account_mails(at=datetime.now(UTC))


@shared_task(name="alert_due")
def alert_due() -> None:
    """Call staff for what needs a person."""
    alerts.alert_due(at=datetime.now(UTC))


@shared_task(name="publish_due")
def publish_due() -> None:
    """Publish what a dead process left unpublished, and what the clock has changed."""
    publisher.publish_due(at=datetime.now(UTC), alive=partial(heartbeat.beat, Role.PUBLISHER))


@shared_task(name="print_due")
def print_due() -> None:
    """Make the PDFs of published RFOs, which nobody's click waits for."""
    printing.print_due(at=datetime.now(UTC))


@shared_task(name="integrity_due")
def integrity_due() -> None:
    """Publish the audit's heads once a day and with each RFO, and mail them to admins once a day."""
    at = datetime.now(UTC)
    if is_clock_doubted(at=at):
        return
    integrity.publish_integrity(at=at)
    head_mails.mail_heads(at=at)


@shared_task(name="rfo_due")
def rfo_due() -> None:
    """Keep the clocks, draft RFOs of what is over, and publish those whose time has come."""
    at = datetime.now(UTC)
    if is_clock_doubted(at=at):
        return
    keep_clocks(at=at)
    draft_due(at=at)
    release_due(at=at)


@shared_task(name="forget_due")
def forget_due() -> None:
    """Roll up the hours that are over, then delete what is past its keep."""
    at = datetime.now(UTC)
    if is_clock_doubted(at=at):
        return
    roll_up_hours(at=at)
    forget_old(at=at)
    forget_subscriptions(at=at)
    forget_drafts(at=at)
    forget_points(at=at)
    forget_replies(at=at)
    forget_notes(at=at)
    purge_quotas(at=at)
    purge_account_mails(at=at)
    purge_networks(at=at)
    forget_sessions(at=at)
    forget_failures(at=at)
    purge_publications(at=at)


@shared_task(name="mend_due")
def mend_due() -> None:
    """Bring back what a clock that was set back has put off."""
    at = datetime.now(UTC)
    mend_schedule(at=at)
    bound_own_times(at=at)
