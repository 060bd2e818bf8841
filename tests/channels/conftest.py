"""A notice and its readers, as the relay would hand them over."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from incidents.channels.messages import Earlier, Notice, Recipient
from tests.peers.island import is_possible
from tests.peers.mail import MailSink, mail_sink
from tests.peers.sink import HookSink, hook_sink

collect_ignore: list[str] = []
if not is_possible():
    collect_ignore += ["test_hostile_urls.py", "test_lookups_island.py"]
    warnings.warn("no network namespaces here: hostile addresses are tried in-process only", stacklevel=1)

SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="


@pytest.fixture
def notice() -> Notice:
    return Notice(
        kind="incident.updated",
        root="incident-kz3f9q1m2x7p",
        page_name="SIPcity",
        page_url="http://status.sipcity.test",
        subject="Identified: Degraded network [SIPcity]",
        state="Identified",
        title="Degraded network",
        heading="Identified",
        body="We found the cause.\n\nA <b>certificate</b> is malformed & the stack fails.",
        posted="Posted Oct 09, 2021 - 08:22 AEDT (2021-10-08 21:22 UTC)",
        affected="This incident affected: SIPcity Calling Platform (Network) and SIPcity Cloud PBX.",
        url="http://status.sipcity.test/incidents/kz3f9q1m2x7p",
        payload={"page": {"id": "p"}, "incident": {"id": "kz3f9q1m2x7p", "name": "Degradé"}},
        generated_at="2021-10-09T08:22:01.000+11:00",
        earlier=(Earlier("Investigating", "We are looking.", "Posted Oct 09, 2021 - 08:00 AEDT"),),
    )


@pytest.fixture
def reader() -> Callable[..., Recipient]:
    """`reader(7, address)`: the seventh recipient."""

    def make(number: int, address: str, **changes: Any) -> Recipient:
        base = "http://status.sipcity.test/subscriptions"
        facts = {
            "key": f"{number}-abcdefghijk{number % 10}",
            "address": address,
            "secrets": (SECRET,),
            "leave_url": f"{base}/leave/{number}?a=1&b=2",
            "manage_url": f"{base}/manage/{number}",
        }
        return Recipient(**{**facts, **changes})

    return make


@pytest.fixture
def mail(settings: Settings) -> Iterator[MailSink]:
    """A mail server that the settings point to."""
    with mail_sink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.EMAIL_TIMEOUT = 3
        yield sink


@pytest.fixture
def hooks(settings: Settings) -> Iterator[HookSink]:
    """A webhook receiver on loopback, which the settings allow."""
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    with hook_sink() as sink:
        yield sink
