"""Every address of the console, for the tests that go through all of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse

from incidents.console.urls import urlpatterns
from incidents.domain.audiences import Audience
from incidents.domain.rfo_content import (
    Content,
    Decision,
    Entry,
    KeyTime,
    Moment,
    Section,
    SectionKind,
    Window,
)
from incidents.models import Delivery, Event, Incident, SweepFailure
from incidents.models.keys import Scope
from incidents.operations.actions import save_action
from incidents.operations.clocks import start_clock
from incidents.operations.keys import make_key
from incidents.operations.looks import set_look
from incidents.operations.reviews import add_comment
from incidents.operations.rfos import draft_rfo
from incidents.operations.series import save_series
from incidents.operations.templates import save_template
from tests.factories import (
    BEGAN,
    DEMO,
    make_component,
    make_group,
    make_maintenance,
    make_probe,
    make_rfo,
    resolve,
)
from tests.notifying.people import mail_reader
from tests.operations.test_looks import picture


def rich() -> Content:
    """Something of everything that stands beside a letter."""
    return Content(
        sections=(Section(SectionKind.ROOT_CAUSE, "One *bad* certificate.", Audience.CUSTOMER),),
        times=(KeyTime(Moment.DETECTED, BEGAN),),
        windows=(Window(BEGAN, BEGAN + timedelta(hours=1)),),
        decisions=(Decision("Abort?", "No", why="It would not help."),),
        timeline=(Entry(BEGAN, "TLS refuses."),),
    )


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside leaves nothing behind, so that one address does not change what the next one finds."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def names() -> list[str]:
    """What the addresses are called."""
    return [str(pattern.name) for pattern in urlpatterns]


@pytest.fixture
def addresses(incident: Incident, erin: User) -> dict[str, str]:
    """Every address of the console, by its name; those with arguments lead to one page."""
    resolve(incident)
    version = make_rfo(incident, files={"finding.pdf": b"%PDF-1.7 finding"})
    draft = draft_rfo(
        incident, body="It came on Monday. TBD", change_summary="More.", content=rich(), by=DEMO, at=BEGAN
    )
    add_comment(draft, body="Which Monday?", place="letter, line 1", by=DEMO, at=BEGAN)
    start_clock(incident, key="rfo-standard", by=DEMO, at=BEGAN)
    action = save_action(None, rfo=version.rfo, what="Check certificates", by=DEMO, at=BEGAN)
    told = mail_reader(incident.page)
    event = Event.objects.filter(incident=incident, notifies=True).latest("pk")
    delivery = Delivery.objects.create(
        event=event, subscriber=told, channel="email", state="sent", due_at=BEGAN, created_at=BEGAN
    )
    template = save_template(
        None, page=incident.page, name="First", title="", body="Words.", status=None, by=DEMO, at=BEGAN
    )
    kept = {"code": template.code}
    page, told_of = {"code": incident.page.code}, {"code": incident.code}
    set_look(incident.page, accent="#0b57d0", home_url="", support="", logo=picture(), by=DEMO, at=BEGAN)
    component = {"code": make_component(incident.page, "Voicemail").code}
    group = {"code": make_group(incident.page, "Extras").code}
    work = make_maintenance(incident.page, "Calls fail over")
    recurring = save_series(
        None,
        page=incident.page,
        title="Patches",
        body="Words.",
        begins=datetime(2027, 1, 3, 2),
        rule="FREQ=WEEKLY",
        minutes=60,
        by=DEMO,
        at=BEGAN,
    )
    series = {"code": recurring.code}
    person = {"pk": erin.pk}
    subscriber = {"code": told.code}
    key, _ = make_key(name="NOC", page=incident.page, scopes=[Scope.READ], by=DEMO, at=BEGAN)
    probe = {"code": make_probe(make_component(incident.page, "Registrations")).code}
    given: dict[str, dict[str, object]] = {
        **dict.fromkeys(("probe", "edit-probe", "run-probe", "mute-probe", "switch-probe"), probe),
        "add-probe": {"code": incident.page.code},
        "open": {"code": incident.page.code},
        "status": {"code": incident.page.code},
        "plan": {"code": incident.page.code},
        "maintenance": {"code": work.code},
        "incident": {"code": incident.code},
        "tell": {"code": incident.code, "page": incident.page.code},
        **dict.fromkeys(("rfo", "publish-rfo", "rfo-step", "rfo-actions", "clocks"), told_of),
        "rfo-part": {"code": incident.code, "part": "facts"},
        "change-action": {"code": action.code},
        **dict.fromkeys(("rfo-rules", "presets"), page),
        "edit-preset": {"code": incident.page.code, "key": "rfo-standard"},
        "detach": {"code": incident.code, "attachment": version.attachments.get().code},
        **dict.fromkeys(("subscriber", "end-subscriber", "resume-subscriber", "try-subscriber"), subscriber),
        "export-subscribers": {"code": incident.page.code},
        "import-subscribers": {"code": incident.page.code},
        "post": {"pk": event.pk},
        "send-again": {"pk": delivery.pk},
        "undo": {"pk": event.pk},
        "send-now": {"pk": event.pk},
        "revoke-key": {"code": key.code},
        **dict.fromkeys(
            ("edit-page", "look", "look-sample", "logo", "components", "add-component", "add-group"), page
        ),
        **dict.fromkeys(("edit-component", "retire-component", "revive-component"), component),
        **dict.fromkeys(("edit-group", "delete-group"), group),
        "add-series": page,
        **dict.fromkeys(("series", "end-series"), series),
        "caused": {"code": work.code},
        "alerts": {"code": incident.page.code},
        "draft-update": {"code": incident.code},
        "draft-opening": {"code": incident.page.code},
        "presence": {"code": incident.code},
        "edit-update": {"code": incident.updates.filter(rfo_version=None).latest("pk").code},
        **dict.fromkeys(("edit-template", "delete-template"), kept),
        **dict.fromkeys(
            (
                "person-of-staff",
                "switch-person",
                "reset-second-factor",
                "send-password-link",
                "change-address",
            ),
            person,
        ),
        "attachment": {"code": version.attachments.get().code, "name": "finding.pdf"},
    }
    failure = SweepFailure.objects.create(
        page=incident.page,
        sweep="series",
        row=1,
        title="Patches",
        path="/console/",
        failed_at=BEGAN,
        disabled_at=BEGAN,
    )
    given["switch-on"] = {"code": failure.code}
    return {name: reverse(f"console:{name}", kwargs=given.get(name)) for name in names()}
