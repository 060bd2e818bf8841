"""Codes of a second factor: how many may be guessed, without anybody locking an account for its owner.

Wrong codes count by account and network, so that somebody who knows the password only locks his own network. Over all
networks together an account takes a bounded number a day, of which those do not count that its owner has signed in from
before.
"""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from incidents.domain.account_mails import AccountMailKind
from incidents.models import SignInNetwork
from incidents.operations.account_mails import queue_account_mail
from incidents.operations.quotas import Limit, clear, digest_of, give_back, take

FROM_ONE_NETWORK = Limit("codes from one network", 5, timedelta(minutes=5))
FROM_ALL_NETWORKS = Limit("codes from unknown networks", 100, timedelta(days=1))
"""With three codes valid at a time this is one chance in 3,000 a day, for somebody who has the password."""
WARNING = Limit("warning of wrong codes", 1, timedelta(days=1))
KNOWN_FOR = timedelta(days=90)
"""A network counts as its owner's so long after the last second factor that was shown from it."""


def may_try_code(user: User, network: str, *, at: datetime) -> bool:
    """Count one try, before it is looked at; False where it must not be looked at."""
    is_allowed = take(FROM_ONE_NETWORK, f"{user.pk} {network}", at=at) and (
        _is_known(user, network, at=at) or take(FROM_ALL_NETWORKS, str(user.pk), at=at)
    )
    if not is_allowed:
        _warn(user, network, at=at)
    return is_allowed


def note_right_code(user: User, network: str, *, at: datetime) -> None:
    """The try that was counted last was its owner's."""
    clear(FROM_ONE_NETWORK, f"{user.pk} {network}")
    if not _is_known(user, network, at=at):
        give_back(FROM_ALL_NETWORKS, str(user.pk), at=at)
    note_network(user, network, at=at)


def note_network(user: User, network: str, *, at: datetime) -> None:
    """A second factor was shown from there."""
    SignInNetwork.objects.update_or_create(
        user=user, digest=digest_of("network", network), defaults={"seen_at": at}
    )


def purge_networks(*, at: datetime) -> int:
    """Delete networks that nobody has signed in from for long; how many."""
    return SignInNetwork.objects.filter(seen_at__lt=at - KNOWN_FOR).delete()[0]


def _is_known(user: User, network: str, *, at: datetime) -> bool:
    seen = SignInNetwork.objects.filter(user=user, digest=digest_of("network", network))
    return seen.filter(seen_at__gt=at - KNOWN_FOR).exists()


@transaction.atomic
def _warn(user: User, network: str, *, at: datetime) -> None:
    """The owner gets one mail a day: whoever enters codes knows the password."""
    if take(WARNING, str(user.pk), at=at):
        queue_account_mail(user, AccountMailKind.CODES_GUESSED, facts={"from": network}, at=at)
