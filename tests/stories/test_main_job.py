"""The story that Dialtone exists for, with real processes and real peers, on both stacks.

A saved report becomes its page; people subscribe; staff post once and everybody hears once; a SIP server loses TLS,
then dies, then comes back, and the page, the mail and the webhook say so without a person.
"""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest
from standardwebhooks import Webhook

from incidents.publishing.store import Store
from tests.peers.installation import Installation, eventually
from tests.peers.kamailio import Kamailio, Tls
from tests.peers.mail import MailSink, mail_sink
from tests.peers.postgres import Postgres
from tests.peers.raw_http import Door
from tests.peers.redis import Redis
from tests.peers.sink import Hook, HookSink, hook_sink
from tests.peers.visitor import Screen, Visitor

pytestmark = pytest.mark.slow
SEED_FOLDER = Path(__file__).resolve().parents[3] / "shared" / "seed"
POSTED = [
    "Posted Oct 29, 2021 - 14:12 AEDT",
    "Posted Oct 10, 2021 - 12:49 AEDT",
    "Posted Oct 09, 2021 - 12:58 AEDT",
    "Posted Oct 09, 2021 - 11:11 AEDT",
    "Posted Oct 09, 2021 - 09:26 AEDT",
    "Posted Oct 09, 2021 - 08:22 AEDT",
]
FOOTER = "This incident affected: SIPcity Calling Platform (Network) and SIPcity Cloud PBX."
READER, HOOK_OWNER = "reader@customer.test", "ops@customer.test"
PROBES = """
from datetime import UTC, datetime
from incidents.models import Component
from incidents.operations.actors import DEMO
from incidents.operations.probes import create_probe
network = Component.objects.get(name="Network")
for transport, port in (("udp", {port}), ("tcp", {port}), ("tls", {tls_port})):
    create_probe(network, name=transport, kind="sip_options", target=f"sip:127.0.0.1:{{port}}",
        config={{"transport": transport, "deadline_seconds": 2,
            **({{"ca_file": "{ca}"}} if transport == "tls" else {{}})}},
        interval_seconds=5, settle_seconds=5, by=DEMO, at=datetime.now(UTC))
"""
STAFF = """
from django.contrib.auth.models import User
User.objects.create_user("dana", "dana@sipcity.test", "correct horse", is_staff=True, is_superuser=True)
"""


class Story:
    """One installation with everybody who takes part."""

    def __init__(self, home: Installation, mail: MailSink, hooks: HookSink, kamailio: Kamailio) -> None:
        self.home, self.mail, self.hooks, self.kamailio = home, mail, hooks, kamailio
        self.began = time.monotonic()
        self.secret = ""

    def tell(self, words: str) -> None:
        print(f"  {time.monotonic() - self.began:6.1f} s  {words}")

    def mails(self, *words: str) -> list[str]:
        bodies = [_plain(message.get_body(("plain",)).get_content()) for message in self.mail.to(READER)]  # type: ignore[union-attr]
        return [body for body in bodies if all(word in body for word in words)]

    def hooked(self, status: str, title: str) -> list[Hook]:
        return [
            hook
            for hook in self.hooks.hooks
            if "incident" in hook.json
            and hook.json["incident"]["status"] == status
            and title in hook.json["incident"]["name"]
        ]

    def public(self, path: str, *words: str, within: float = 5) -> str:
        def look() -> str:
            status, body = self.home.get(path)
            return body if status == 200 and all(word in body for word in words) else ""

        return eventually(look, within=within, what=f"{words} on {path}")


def _plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", text).split())


@pytest.fixture(params=["embedded", "postgresql and redis"])
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Story]:
    with ExitStack() as stack:
        mail = stack.enter_context(mail_sink())
        hooks = stack.enter_context(hook_sink())
        settings = {
            "EMAIL_URL": f"smtp://127.0.0.1:{mail.port}",
            "WEBHOOK_ALLOW_PRIVATE": "127.0.0.0/8",
            "NOTIFY_HOLD_SECONDS": "1",
        }
        if request.param != "embedded":
            settings["DATABASE_URL"] = stack.enter_context(Postgres()).url
            settings["CELERY_BROKER_URL"] = stack.enter_context(Redis(tmp_path)).url
        kamailio = stack.enter_context(Kamailio(tmp_path / "kamailio"))
        home = stack.enter_context(Installation(tmp_path, **settings))
        print(f"\nThe main job on {request.param}:")
        yield Story(home, mail, hooks, kamailio)


def test_the_main_job_end_to_end(story: Story) -> None:
    the_report_becomes_the_page_it_came_from(story)
    people_subscribe(story)
    staff_post_once_and_everybody_hears_once(story)
    the_probes_find_a_healthy_server(story)
    tls_dies_while_udp_lives(story)
    the_server_dies_and_comes_back(story)
    a_reader_leaves(story)
    the_page_survives_everything_else(story)


def the_report_becomes_the_page_it_came_from(story: Story) -> None:
    seed = next(iter(sorted(SEED_FOLDER.glob("*.txt"))))
    address = story.home.manage("import_incident", str(seed)).splitlines()[-1]
    story.home.start("web")
    page = _plain(story.public(address.removeprefix(story.home.url)))
    found = re.findall(r"Posted \w{3} \d\d, \d{4} - \d\d:\d\d \w+", page)
    assert found == POSTED
    assert FOOTER in page
    for line in [*found, FOOTER]:
        story.tell(line)
    story.home.shell(STAFF)


def people_subscribe(story: Story) -> None:
    story.home.start("worker", "beat")
    reader = Visitor(story.home.url)
    form = reader.open("/subscriptions/")
    assert reader.submit(form, having="address", channel="email", address=READER).status == 200
    mail = eventually(lambda: story.mail.to(READER), within=15, what=story.home.log("worker"))[0]
    assert (
        story.home.shell("from incidents.models import Subscriber; print(Subscriber.objects.get().state)")
        == "pending\n"
    )
    _follow(reader, _link(str(mail.get_body(("plain",)).get_content())))  # type: ignore[union-attr]
    owner = Visitor(story.home.url)
    owner.submit(
        owner.open("/subscriptions/"),
        having="address",
        channel="webhook",
        address=story.hooks.url(),
        contact_email=HOOK_OWNER,
    )
    mail = eventually(lambda: story.mail.to(HOOK_OWNER), within=15, what="the mail to the webhook's owner")[0]
    done = _follow(owner, _link(str(mail.get_body(("plain",)).get_content())))  # type: ignore[union-attr]
    story.secret = re.search(r"whsec_[A-Za-z0-9+/=]+", done.text)[0]  # type: ignore[index]
    story.tell("an e-mail reader and a webhook confirmed by POST")


def staff_post_once_and_everybody_hears_once(story: Story) -> None:
    dana = Visitor(story.home.url)
    welcome = dana.submit(
        dana.open("/accounts/login/"), having="password", login="dana", password="correct horse"
    )
    assert "/console/" in welcome.url
    form = dana.open("/console/incidents/new")
    select = re.search(r'name="(component-\w+)"', form.text)[1]  # type: ignore[index]
    before = len(story.mail.to(READER))
    dana.submit(
        form,
        having="title",
        title="Queues answer late",
        body="Call queues answer up to a minute late.",
        **{select: "degraded_performance"},
    )
    story.public("/", "Queues answer late", within=2)
    once = eventually(
        lambda: story.mails("Call queues answer up to a minute late."), within=20, what="the mail"
    )
    hook = eventually(lambda: story.hooked("investigating", "Queues"), within=20, what="the webhook")
    time.sleep(3)
    assert len(once) == len(story.mails("Call queues answer up to a minute late.")) == 1
    assert len(hook) == len(story.hooked("investigating", "Queues")) == 1
    assert len(story.mail.to(READER)) == before + 1
    Webhook(story.secret).verify(hook[0].body, dict(hook[0].headers))
    story.tell("one staff update: one mail, one signed webhook")
    address = re.search(r"/console/incidents/[a-z0-9]{12}", dana.open("/console/").text)[0]  # type: ignore[index]
    incident = dana.open(address)
    dana.submit(incident, having="body", status="resolved", body="Queues answer at once again.")
    eventually(lambda: story.hooked("resolved", "Queues"), within=20, what="the resolved webhook")
    story.public("/api/v2/status.json", "All Systems Operational")


def the_probes_find_a_healthy_server(story: Story) -> None:
    kamailio = story.kamailio
    story.home.shell(PROBES.format(port=kamailio.port, tls_port=kamailio.tls_port, ca=kamailio.ca_file))
    story.home.start("probes")
    verdicts = "from incidents.models import Probe; print(*Probe.objects.values_list('verdict', flat=True))"
    eventually(
        lambda: story.home.shell(verdicts) == "up up up\n", within=30, every=1, what=story.home.log("probes")
    )
    story.tell("Kamailio answers over UDP, TCP and TLS")


def tls_dies_while_udp_lives(story: Story) -> None:
    story.kamailio.restart(tls=Tls.ABSENT)
    began = time.monotonic()
    title = "Network: SIP over TLS is not answering"
    story.public("/", title, "SIP over UDP and TCP still answer", "Partial outage", within=40)
    story.tell(f"TLS dead, UDP alive: its own incident and words after {time.monotonic() - began:.1f} s")
    story.kamailio.restart(tls=Tls.WORKING)
    _recovered(story, title)


def the_server_dies_and_comes_back(story: Story) -> None:
    # As if a quarter of an hour had passed: two outages of TLS within it would be told as one that comes and goes.
    story.home.shell("from incidents.models import Probe; Probe.objects.update(turns=[])")
    story.kamailio.stop()
    began = time.monotonic()
    title = "Network: SIP is not answering"
    story.public("/", title, "Major outage", within=40)
    story.tell(
        f"Kamailio stopped: on the page after {time.monotonic() - began:.1f} s (interval 5 s, threshold 3)"
    )
    eventually(lambda: story.mails(title, "connection refused"), within=20, what="the automatic mail")
    eventually(lambda: story.hooked("investigating", title), within=20, what="the automatic webhook")
    count = "from incidents.models import Incident; print(Incident.objects.open().count())"
    assert story.home.shell(count) == "1\n"
    story.kamailio.start()
    _recovered(story, title)
    story.public("/api/v2/status.json", "All Systems Operational")


def a_reader_leaves(story: Story) -> None:
    leave = re.search(r"<(http[^>]+)>", str(story.mail.to(READER)[-1]["List-Unsubscribe"]))[1]  # type: ignore[index]
    Visitor(story.home.url).open(leave)
    states = "from incidents.models import Subscriber; print(Subscriber.objects.get(channel='email').state)"
    assert story.home.shell(states) == "active\n"  # a mail scanner's GET changes nothing
    assert Visitor(story.home.url).open(leave, [("List-Unsubscribe", "One-Click")]).status == 200
    assert story.home.shell(states) == "ended\n"
    story.tell("unsubscribed with one click; a GET alone changed nothing")


def the_page_survives_everything_else(story: Story) -> None:
    for name in ("worker", "probes", "beat", "web"):
        story.home.stop(name)
    nowhere = story.home.directory / "gone.sqlite3"
    story.home.environment.update(
        DATABASE_URL=f"sqlite:///{nowhere}", CELERY_BROKER_URL="redis://127.0.0.1:9/0"
    )
    story.home.start("web")
    store = Store(Path(story.home.environment["DATA_DIR"]) / "published")
    paths = [document.path for code in store.codes() for document in store.page(code).documents()]
    assert {"/", "/history.rss", "/api/v2/summary.json"} <= set(paths)
    for path in paths:
        assert Door(story.home.port).ask(quote(path)).status == 200, path
    story.tell(f"web alone, no database, no broker, no worker: all {len(paths)} documents answer 200")


def _recovered(story: Story, title: str) -> None:
    eventually(lambda: story.hooked("monitoring", title), within=60, what=f"monitoring of {title}")
    eventually(lambda: story.hooked("resolved", title), within=60, what=f"the end of {title}")
    statuses = [
        h.json["incident"]["status"]
        for h in story.hooks.hooks
        if "incident" in h.json and title in h.json["incident"]["name"]
    ]
    assert statuses == ["investigating", "monitoring", "resolved"]
    story.tell(f"{title}: investigating, monitoring, resolved, each told once")


def _link(text: str) -> str:
    return re.search(r"http\S+/subscriptions/confirm\S+", text)[0]  # type: ignore[index]


def _follow(visitor: Visitor, link: str) -> Screen:
    done = visitor.submit(visitor.open(link), having="csrfmiddlewaretoken")
    assert done.status == 200
    return done
