"""From a draft to its publication in the console: two people, a signature, remarks, checks with their mends, a time."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import now

from incidents.models import Event, Incident, RfoApproval, RfoComment, RfoPolicy, RfoVersion, Signatory
from incidents.operations.reviews import release_due
from tests.console.forms import fields, send
from tests.factories import make_rfo, resolve


@pytest.fixture
def url(incident: Incident) -> str:
    resolve(incident)
    return f"/console/incidents/{incident.code}/rfo"


def save(client: Client, url: str, body: str = "One bad certificate.", **changes: str) -> RfoVersion:
    answer = client.post(url, fields(client.get(url), "rfo-form") | {"body": body, **changes})
    assert answer.status_code == 302
    return RfoVersion.objects.latest("number")


def seen(client: Client, url: str) -> str:
    found = re.search(
        r'name="seen" value="([0-9a-f]{64})"', client.get(url).content.decode().split('id="standing"')[1]
    )
    return found[1] if found else ""


def step(client: Client, url: str, name: str, **more: str) -> str:
    answer = client.post(f"{url}/step", {"step": name, "seen": seen(client, url), **more}, follow=True)
    return answer.content.decode()


def publish(client: Client, url: str, **changes: str) -> str:
    answer = client.post(f"{url}/publish", {"seen": seen(client, url), **changes}, follow=True)
    return answer.content.decode()


def test_a_second_person_approves_and_then_it_may_be_published(
    staff: Client, colleague: Client, url: str
) -> None:
    save(staff, url)
    assert "It has to be approved by somebody who did not write it." in staff.get(url).content.decode()
    assert "somebody who did not write it" in publish(staff, url)
    step(staff, url, "ask")
    assert "Approve these words" not in staff.get(url).content.decode()
    assert "somebody else has to approve it" in step(staff, url, "approve")
    assert "You have approved" in step(colleague, url, "approve")
    assert "1 of 1 approval" in staff.get(url).content.decode()
    assert "is published" in publish(staff, url)
    assert RfoVersion.objects.get().state == "published"


def test_words_that_changed_since_they_were_read_are_not_approved(
    staff: Client, colleague: Client, url: str
) -> None:
    save(staff, url)
    step(staff, url, "ask")
    old = seen(colleague, url)
    save(staff, url, "Other words.")
    answer = colleague.post(f"{url}/step", {"step": "approve", "seen": old}, follow=True)
    assert b"have changed since you read them" in answer.content
    assert not RfoVersion.objects.get().approvals.exists()


def test_remarks_are_made_and_settled(staff: Client, colleague: Client, url: str) -> None:
    save(staff, url)
    step(colleague, url, "comment", comment="Which <b>one</b>?", place="letter, line 1")
    shown = staff.get(url).content.decode()
    assert "Which &lt;b&gt;one&lt;/b&gt;?" in shown
    step(staff, url, "settle", comment=str(RfoComment.objects.get().pk))
    assert RfoComment.objects.get().settled_at
    for wrong in ("", "x", "9" * 40, "-1"):
        assert staff.post(f"{url}/step", {"step": "settle", "comment": wrong}).status_code == 404


def test_a_check_offers_its_mend_and_a_button_writes_it(staff: Client, url: str, incident: Incident) -> None:
    RfoPolicy.objects.create(page=incident.page, approvals=0)
    save(staff, url, "It came with OpenSIPs.\n\nAnd with OpenSIPs again.")
    shown = staff.get(url).content.decode()
    assert "2 things that a reader would stumble over" in shown
    assert "letter, line 1; letter, line 3" in shown
    assert "warn of 2" in publish(staff, url)
    assert "in 2 places" in shown
    assert "2 times now" in step(staff, url, "mend", fault="OpenSIPs is written OpenSIPS.", new="OpenSIPS")
    assert RfoVersion.objects.get().body == "It came with OpenSIPS.\n\nAnd with OpenSIPS again."
    assert "mended already" in step(staff, url, "mend", fault="OpenSIPs is written OpenSIPS.", new="OpenSIPS")
    assert "is published" in publish(staff, url)


def test_a_signature_takes_a_fresh_factor_and_the_right_person(
    staff: Client, colleague: Client, url: str, incident: Incident, erin: User
) -> None:
    RfoPolicy.objects.create(page=incident.page, approvals=0)
    boss = Signatory.objects.create(page=incident.page, user=erin, name="E. Rin", title="CEO | SIPcity")
    version = save(staff, url, signatory=str(boss.pk))
    assert (version.signatory_name, version.signatory_title) == ("E. Rin", "CEO | SIPcity")
    assert "E. Rin has to sign it." in staff.get(url).content.decode()
    assert "Sign these words" not in staff.get(url).content.decode()
    digest = seen(colleague, url)
    asked = colleague.post(f"{url}/step", {"step": "sign", "seen": digest})
    assert "/accounts/2fa/" in asked.headers["Location"]
    session = colleague.session
    session["account_authentication_methods_user"] = str(erin.pk)
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time() - 400}]
    session.save()
    assert colleague.post(f"{url}/step", {"step": "sign", "seen": digest}).headers["Location"] != url
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
    session.save()
    assert "You have signed" in step(colleague, url, "sign")
    assert "is published" in publish(staff, url)
    assert RfoVersion.objects.get().signed_at


def test_it_is_scheduled_in_the_zone_of_the_page_and_comes_by_itself(
    staff: Client, url: str, incident: Incident
) -> None:
    RfoPolicy.objects.create(page=incident.page, approvals=0)
    save(staff, url)
    then = (now() + timedelta(hours=3)).astimezone(incident.page.zone)
    assert "will be published by itself" in step(staff, url, "schedule", publish_at=f"{then:%Y-%m-%dT%H:%M}")
    assert release_due(at=now()) == 0
    assert release_due(at=now() + timedelta(hours=3)) == 1
    assert Event.objects.get(kind="rfo.published").actor == "dana"


@pytest.mark.parametrize(
    "typed", ["", "soon", "2021-10-03T02:30", "2021-10-09T08:22", "2021-10-09T08:22+11:00"]
)
def test_a_time_that_cannot_be_is_refused_in_words(
    staff: Client, url: str, incident: Incident, typed: str
) -> None:
    RfoPolicy.objects.create(page=incident.page, approvals=0)
    save(staff, url)
    assert "will be published" not in step(staff, url, "schedule", publish_at=typed)
    assert RfoVersion.objects.get().publish_at is None


def test_it_is_drafted_from_the_record_by_a_button(staff: Client, url: str) -> None:
    assert "Draft it from the record" in staff.get(url).content.decode()
    staff.post(f"{url}/step", {"step": "draft"})
    version = RfoVersion.objects.get()
    assert (version.kind, version.body.count("TBD")) == ("preliminary", 3)
    assert version.whole.timeline
    assert "must be mended" in staff.get(url).content.decode()


def test_what_is_published_is_withdrawn_with_a_reason(staff: Client, url: str, incident: Incident) -> None:
    make_rfo(incident)
    assert (
        "at least a summary" in staff.post(f"{url}/step", {"step": "withdraw"}, follow=True).content.decode()
    )
    staff.post(f"{url}/step", {"step": "withdraw", "reason": "Another cause.", "notify": "on"})
    assert [each.state for each in RfoVersion.objects.all()] == ["withdrawn", "published"]
    assert Event.objects.get(kind="rfo.withdrawn").notifies
    assert "Withdraw RFO" not in staff.get(url).content.decode()


def test_a_draft_is_thrown_away(staff: Client, url: str) -> None:
    save(staff, url)
    step(staff, url, "discard")
    assert not RfoVersion.objects.exists()


@pytest.mark.parametrize("name", ["", "fly", "publish", "draft"])
def test_a_step_that_is_none_changes_nothing(staff: Client, url: str, name: str) -> None:
    save(staff, url)
    before = list(RfoVersion.objects.values())
    step(staff, url, name)
    assert list(RfoVersion.objects.values()) == before


def test_sending_the_form_twice_is_one_publication(staff: Client, url: str, incident: Incident) -> None:
    RfoPolicy.objects.create(page=incident.page, approvals=0)
    save(staff, url)
    digest = seen(staff, url)
    for _ in range(2):
        staff.post(f"{url}/publish", {"seen": digest})
    assert Event.objects.filter(kind="rfo.published").count() == 1


def test_send_is_what_a_browser_does(staff: Client, url: str, incident: Incident) -> None:
    RfoPolicy.objects.create(page=incident.page, approvals=0)
    save(staff, url)
    send(staff, f"{url}/publish", fields(staff.get(url), "/rfo/publish"))
    assert RfoVersion.objects.get().state == "published"


def show_factor(client: Client, user: User, *, ago: float) -> None:
    session = client.session
    session["account_authentication_methods_user"] = str(user.pk)
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time() - ago}]
    session.save()


@pytest.mark.parametrize("why", ["must", "has one"])
def test_an_approval_takes_a_fresh_factor_of_whoever_must_have_one_or_has_one(
    staff: Client, colleague: Client, url: str, settings: Any, why: str
) -> None:
    erin = User.objects.get(username="erin")
    save(staff, url)
    step(staff, url, "ask")
    if why == "must":
        settings.STAFF_MFA_REQUIRED = True
    Authenticator.objects.create(user=erin, type="totp", data={"secret": ""})
    show_factor(colleague, erin, ago=400)
    digest = seen(colleague, url)
    asked = colleague.post(f"{url}/step", {"step": "approve", "seen": digest})
    assert asked.headers["Location"].startswith("/accounts/2fa/reauthenticate/?next=")
    assert not RfoApproval.objects.exists()
    show_factor(colleague, erin, ago=10)
    assert "You have approved" in step(colleague, url, "approve")


def test_whose_approval_no_longer_counts_is_said(
    staff: Client, colleague: Client, url: str, erin: User
) -> None:
    save(staff, url)
    step(staff, url, "ask")
    step(colleague, url, "approve")
    User.objects.filter(pk=erin.pk).update(is_active=False)
    said = staff.get(url).content.decode()
    assert "An approval does not count: erin may no longer publish RFOs of SIPcity." in said
    assert "0 of 1 approval" in said
    assert "somebody who did not write it" in publish(staff, url)


def test_staff_read_who_approved_what_is_published(staff: Client, colleague: Client, url: str) -> None:
    save(staff, url)
    step(staff, url, "ask")
    step(colleague, url, "approve")
    publish(staff, url)
    assert "approvals required: 1, given by erin" in " ".join(staff.get(url).content.decode().split())
