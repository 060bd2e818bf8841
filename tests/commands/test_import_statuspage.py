"""`import_statuspage`: another status page moves in with all its past, once, and wakes nobody."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from incidents.models import (
    Component,
    Delivery,
    Event,
    Incident,
    IncidentTemplate,
    IncidentUpdate,
    Page,
    RfoVersion,
    StatusChange,
    Subscriber,
)
from incidents.operations.actors import SHELL
from incidents.operations.corrections import delete_incident
from incidents.operations.endpoint_urls import destination
from incidents.publishing.publisher import the_store
from tests.factories import BEGAN, make_page
from tests.peers.old_statuspage import KEY, PAGE, code, incident, old_statuspage

pytestmark = pytest.mark.django_db
COUNT = 120


def run(*arguments: object, **options: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_statuspage", *map(str, arguments), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def v1(base: str, *more: object) -> tuple[str, str]:
    return run(f"{base}/v1", "--page-id", PAGE, "--pause", "0", *more)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_KEY", KEY)


def test_a_public_page_moves_in_past_its_limit_of_fifty_under_its_own_codes() -> None:
    with old_statuspage(COUNT) as base:
        printed, warned = run(base)
    page = Page.objects.get()
    assert (page.code, page.name, page.zone_name) == (PAGE, "Old SIPcity", "Australia/Sydney")
    assert Incident.objects.unplanned().count() == COUNT
    assert IncidentUpdate.objects.filter(incident__code=code("inc", 7)).count() == 3
    first = IncidentUpdate.objects.get(code=code("up0x", 7))
    assert first.body == "Calls fail.\nSee here (https://x.test/a) & wait."
    assert first.at.isoformat() == "2026-09-24T08:00:00+00:00"
    moved = first.affected.get()
    assert (moved.component.code, moved.group_name, moved.new_status) == (
        code("cmp", 1),
        "SIP",
        "major_outage",
    )
    assert {each.full_name: each.status for each in Component.objects.select_related("group")} == {
        "SIP - Calls": "operational",
        "Portal": "operational",
    }
    maintenance = Incident.objects.planned().get()
    assert (maintenance.status, maintenance.maintenance.scheduled_for.year) == ("scheduled", 2099)
    assert warned == ""
    assert f"{COUNT + 1} incidents" in printed


def test_what_the_updates_say_becomes_the_components_history() -> None:
    with old_statuspage(3) as base:
        run(base)
    changes = StatusChange.objects.filter(component__code=code("cmp", 1)).values_list("status", flat=True)
    assert list(changes) == ["operational", *["major_outage", "partial_outage", "operational"] * 3]


def test_the_same_again_changes_nothing_and_later_ones_add_what_is_new() -> None:
    with old_statuspage(5) as base:
        run(base)
        rows = IncidentUpdate.objects.count(), StatusChange.objects.count(), Event.objects.count()
        printed, _ = run(base)
    assert "are new: nothing" in printed
    assert (IncidentUpdate.objects.count(), StatusChange.objects.count(), Event.objects.count()) == rows
    with old_statuspage(6) as base:
        printed, _ = run(base)
    assert "are new: 1 incidents" in printed


def test_a_dry_run_says_what_would_be_new_and_writes_nothing() -> None:
    with old_statuspage(3) as base:
        printed, _ = run(base, "--dry-run")
    assert "+ group SIP" in printed
    assert "+ component SIP - Calls" in printed
    assert "+ 2026-10-01 Outage 0 (3 updates)" in printed
    assert printed.splitlines()[-1] == "would be new: 2 components, 1 groups, 4 incidents"
    assert not Page.objects.exists()
    assert not Event.objects.exists()


def test_nobody_is_told_and_the_past_is_on_the_page() -> None:
    page = make_page("Ours")
    with old_statuspage(3) as base:
        printed, _ = run(base, "--page", "Ours")
    assert not Event.objects.filter(notifies=True).exists()
    assert not Delivery.objects.exists()
    assert the_store().page(page.code).pointer() is not None
    assert printed.splitlines()[-1].startswith("http")


def test_an_api_with_a_key_brings_subscribers_templates_and_postmortems() -> None:
    with old_statuspage(3) as base:
        printed, warned = v1(base, "--accept-loss")
    found = [
        (each.channel, destination(each), each.state, each.contact_email)
        for each in Subscriber.objects.order_by("pk")
    ]
    assert found == [
        ("email", "Kim@example.com", "active", ""),
        ("webhook", "https://noc.example.com/h", "active", "noc@example.com"),
        ("email", "lee@example.com", "pending", ""),
        ("email", "gone@example.com", "disabled", ""),
    ]
    kim = Subscriber.objects.get(address="Kim@example.com")
    assert [each.code for each in kim.components.all()] == [code("cmp", 1)]
    assert kim.confirmed_at
    assert not Event.objects.filter(notifies=True).exists()
    template = IncidentTemplate.objects.get()
    assert (template.title, [each.code for each in template.components.all()]) == (
        "Calls fail",
        [code("cmp", 1)],
    )
    version = RfoVersion.objects.select_related("rfo__incident").get()
    assert (version.state, version.rfo.incident.status) == ("published", "postmortem")
    assert version.published_at and version.published_at.isoformat() == "2026-10-03T00:00:00+00:00"
    assert Page.objects.get().zone_name == "Australia/Sydney"
    assert "a subscriber by sms could not come along" in warned
    assert "template Odd: Nothing fills {{ what }}" in warned
    assert "1 RFOs" in printed
    with old_statuspage(3) as base:
        assert "are new: nothing" in v1(base, "--accept-loss")[0]


def test_what_cannot_come_along_stops_the_import_before_anything_is_written() -> None:
    with (
        old_statuspage(3) as base,
        pytest.raises(CommandError, match=r"(?s)subscriber by sms.*template Odd.*--accept-loss"),
    ):
        v1(base)
    assert not Page.objects.exists()
    assert not Event.objects.exists()


def test_what_somebody_has_deleted_here_does_not_come_back() -> None:
    with old_statuspage(3) as base:
        run(base)
        delete_incident(Incident.objects.get(code=code("inc", 1)), by=SHELL, at=BEGAN)
        run(base)
    assert Incident.objects.unplanned().count() == 2


def test_a_later_word_about_what_was_deleted_here_is_not_taken_in(tmp_path: Path) -> None:
    page, file = {"id": PAGE, "name": "Old SIPcity", "time_zone": "Etc/UTC"}, tmp_path / "saved.json"
    file.write_text(json.dumps({"page": page, "incidents": [incident(1)]}))
    run(file)
    delete_incident(Incident.objects.get(), by=SHELL, at=BEGAN)
    told = incident(1)
    told["incident_updates"].append(
        {"status": "resolved", "body": "More.", "created_at": "2026-10-02T00:00:00Z"}
    )
    file.write_text(json.dumps({"page": page, "incidents": [told]}))
    assert "are new: nothing" in run(file)[0]
    assert not IncidentUpdate.objects.filter(body="More.").exists()


def test_codes_that_are_taken_here_are_not_taken_away() -> None:
    with old_statuspage(2) as base:
        run(base)
        make_page("Second")
        run(base, "--page", "Second")
        again, _ = run(base, "--page", "Second")
    assert Incident.objects.unplanned().count() == 4
    assert Component.objects.filter(name="Calls").count() == 2
    assert "are new: nothing" in again


def test_saved_documents_are_read_from_a_folder(tmp_path: Path) -> None:
    page = {"id": PAGE, "name": "Old SIPcity", "time_zone": "Etc/UTC"}
    (tmp_path / "incidents.json").write_text(json.dumps({"page": page, "incidents": [incident(0)]}))
    (tmp_path / "one.json").write_text(json.dumps(incident(1)))
    run(tmp_path)
    assert Incident.objects.count() == 2
    assert Component.objects.get().code == code("cmp", 1), "known from the incident alone"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "Expecting value"),
        ("[1]", "JSON object"),
        ('{"hello": 1}', "none of Statuspage's documents"),
        ('{"incidents": [{"id": "x"}]}', "page"),
        ('{"a":' * 3000 + "1" + "}" * 3000, "recursion"),
    ],
    ids=range(5),
)
def test_what_is_no_archive_is_refused_by_name(tmp_path: Path, content: str, says: str) -> None:
    file = tmp_path / "saved.json"
    file.write_text(content)
    with pytest.raises(CommandError, match=says):
        run(file)
    assert not Page.objects.exists()


def test_hostile_values_are_left_out_and_said(tmp_path: Path) -> None:
    odd_updates = [
        {"status": "resolved", "body": "x" * 30_000, "created_at": "2026-01-01"},
        {"status": "gone"},
        7,
    ]
    bad = {
        "page": {"id": PAGE, "name": "Old\u202e page\x00", "time_zone": "Etc/UTC"},
        "components": [
            {"name": "no id"},
            {"id": "<script>", "name": "x"},
            {"id": code("cmp", 1), "name": "x" * 400},
        ],
        "incidents": [
            {**incident(0), "name": "\x00\u202e", "incident_updates": odd_updates},
            {**incident(1), "created_at": "yesterday"},
            {**incident(2), "status": "odd"},
            {"id": code("mnt", 9), "status": "completed", "created_at": "2026-01-01T00:00:00Z"},
        ],
    }
    file = tmp_path / "saved.json"
    file.write_text(json.dumps(bad))
    with pytest.raises(CommandError, match="a component without an id was left out"):
        run(file)
    assert not Page.objects.exists()
    _, warned = run(file, "--accept-loss")
    assert warned.count("could not come along") == 7
    assert Page.objects.get().name == "Old page"
    assert Incident.objects.get().title == "Unnamed"


def test_a_server_that_is_none_and_a_wrong_key_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="cannot be reached"):
        run("http://127.0.0.1:9")
    monkeypatch.setenv("STATUSPAGE_KEY", "wrong")
    with old_statuspage(1) as base, pytest.raises(CommandError, match="answers 401"):
        v1(base)
    monkeypatch.setenv("STATUSPAGE_KEY", "")
    with pytest.raises(CommandError, match="wants a key"):
        run("http://127.0.0.1:9/v1", "--page-id", PAGE)
