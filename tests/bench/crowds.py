"""An installation with a page, an open incident and as many subscribers as are wanted, each with secrets of its own."""

from tests.peers.installation import Installation

SECRET = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="
_GATHER = """
import secrets
from datetime import UTC, datetime, timedelta
from incidents.channels.kinds import KINDS
from incidents.models import Subscriber
from incidents.operations.actors import DEMO
from incidents.operations.credentials import seal
from incidents.operations.endpoint_urls import columns
from incidents.operations.incidents import open_incident
from incidents.operations.pages import create_page
now = datetime.now(UTC) - timedelta(minutes=10)
page = create_page(name="SIPcity", zone_name="Australia/Sydney", by=DEMO, at=now)
def row(channel, address):
    is_mail = channel == "email"
    return Subscriber(page=page, channel=channel, **columns(KINDS[channel], address), state="active",
        nonce=secrets.token_hex(16),
        contact_email="" if is_mail else "o@example.com", secret="" if is_mail else seal("{secret}"),
        created_at=now, confirmed_at=now)
rows = [row("webhook", f"http://127.0.0.1:{port}/{{n}}") for n in range({hooks})]
rows += [row("email", f"r{{n}}@example.com") for n in range({mails})]
Subscriber.objects.bulk_create(rows, batch_size=1000)
print(open_incident(page, title="Calls fail", body="We are looking into it.", by=DEMO, at=now, notify=False).code)
"""


def gather(home: Installation, *, hooks: int = 0, mails: int = 0, port: int = 1) -> str:
    """Make them; the incident's code. Webhooks go to `port` of loopback, each to a path of its own."""
    return home.shell(_GATHER.format(secret=SECRET, hooks=hooks, mails=mails, port=port)).strip()
