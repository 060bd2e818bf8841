"""Whose account a name or a mail address leads to: exactly one, or none."""

from django.contrib.auth.models import User


def person_by_login(login: str) -> User | None:
    """The account of a name, else of a mail address. Names come first: they are unique."""
    return User.objects.filter(username__iexact=login).first() or person_by_mail(login)


def person_by_mail(address: str) -> User | None:
    """The one active account with this address. An address of two leads to none of them: no one is signed in or mailed
    in the place of somebody else."""
    address = address.strip()
    found = list(User.objects.filter(email__iexact=address, is_active=True)[:2]) if address else []
    return found[0] if len(found) == 1 else None
