"""Sessions of each kind for the tests of the account's screens, made without going through the screens."""

import time

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.test import Client

from incidents.operations.credentials import seal

SECRET = "JBSWY3DPEHPK3PXP"


def with_factor(user: User) -> User:
    """Somebody who has an authenticator app with SECRET."""
    Authenticator.objects.create(user=user, type="totp", data={"secret": seal(SECRET)})
    return user


def shown(client: Client, user: User) -> Client:
    """A session that has shown the second factor a moment ago."""
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def by_password(client: Client, user: User) -> Client:
    """A session that has shown a password alone, a moment ago."""
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client
