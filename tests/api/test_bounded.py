"""Hostile documents, rules and labels by the API: refused in words, outside any transaction; nothing stands still."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents.formatting import bounded
from incidents.models import Attachment, Incident, Page, Series, Signal
from incidents.operations.series import make_due
from tests.api.asking import Script
from tests.factories import make_incident, resolve, whole_pdf
from tests.formatting.hostile_pdfs import DEAD_STREAMS, pdf_with
from tests.formatting.test_documents import LINK, REFUSED, head, zipped

pytestmark = pytest.mark.django_db
YEAR = datetime.now(UTC).year + 1


@pytest.fixture
def rfo(script: Script, page: Page) -> str:
    incident = make_incident(page)
    resolve(incident)
    made: str = script.post("/rfos", {"rfo": {"incident_id": incident.code, "body": "Words."}}).body["id"]
    return made


def attach(script: Script, rfo: str, name: str, content: bytes, **headers: str) -> Any:
    path = f"/v1/pages/{script.page.code}/rfos/{rfo}/attachments"
    headers = {"Authorization": f"OAuth {script.secret}"} | headers
    return script.client.post(path, {"file": SimpleUploadedFile(name, content)}, headers=headers)


HOSTILE: dict[str, tuple[str, bytes, str]] = {
    "a zip bomb": ("letter.docx", zipped({"word/media/x": bytes(150 * 1024 * 1024)}), "unpacks to far more"),
    "a picture of 50,000 pixels a side": ("graph.png", head(50_000, 50_000), "pixels"),
    "a redirect to a file": ("a.pdf", pdf_with(LINK % b"file:///etc/passwd"), "links to something"),
    "streams that never end": ("a.pdf", DEAD_STREAMS(60_000), "damaged"),
    **{what: ("a.pdf", *REFUSED[what]) for what in list(REFUSED)[:4]},
    **{what: ("a.pdf", *REFUSED[what]) for what in ("another file to go to", "data to import")},
}


@pytest.mark.parametrize("what", list(HOSTILE))
def test_a_hostile_document_is_refused_and_costs_the_web_process_next_to_nothing(
    script: Script, rfo: str, what: str
) -> None:
    name, content, words = HOSTILE[what]
    used = time.process_time()
    reply = attach(script, rfo, name, content)
    assert reply.status_code == 422, reply.content
    assert words in reply.json()["error"][0]
    assert time.process_time() - used < 3
    assert not Attachment.objects.exists()


def test_the_same_document_under_the_same_key_starts_no_second_child(script: Script, rfo: str) -> None:
    started: list[str] = []
    bounded.call_before(started.append)
    try:
        replies = [
            attach(script, rfo, "a.pdf", whole_pdf(b"%PDF-1.7 finding"), **{"Idempotency-Key": "once"})
            for _ in range(2)
        ]
    finally:
        bounded._guards.remove(started.append)
    assert [reply.status_code for reply in replies] == [201, 201]
    assert replies[0].json() == replies[1].json()
    assert started == ["incidents.formatting.documents"]
    assert replies[0].json()["sha256"] == Attachment.objects.get().sha256


def series(**words: object) -> dict[str, object]:
    facts = {"name": "Patches", "body": "We patch.", "begins": f"{YEAR}-04-04T02:00", "minutes": 60}
    return {"series": facts | {"rule": "FREQ=WEEKLY"} | words}


@pytest.mark.parametrize(
    "words",
    [
        {"rule": "FREQ=DAILY;INTERVAL=0"},
        {"rule": "FREQ=DAILY;INTERVAL=0", "begins": "2020-01-01T02:00"},
        {"rule": "FREQ=WEEKLY;INTERVAL=-1"},
        {"rule": "FREQ=MONTHLY;INTERVAL=0"},
        {"rule": "FREQ=YEARLY;INTERVAL=0;BYMONTH=2;BYMONTHDAY=30"},
        {"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"},
        {"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1"},
        {"rule": "FREQ=DAILY;BYSETPOS=366;BYDAY=MO;COUNT=3"},
        {"rule": "FREQ=YEARLY;BYWEEKNO=60;COUNT=5"},
        {"rule": "FREQ=MONTHLY;BYDAY=+99MO"},
        {"begins": "9999-01-10T02:00"},
        {"begins": "9999-12-31T23:59"},
        {"begins": "0001-01-01T00:00"},
    ],
    ids=lambda each: "-".join(f"{key}={value}" for key, value in each.items()),
)
def test_a_rule_out_of_bounds_is_refused_and_an_incident_is_posted_after_it(
    script: Script, words: dict[str, object]
) -> None:
    used = time.process_time()
    assert script.post("/maintenance_series", series(**words)).status == 422
    assert time.process_time() - used < 3
    assert not Series.objects.exists()
    assert script.post("/incidents", {"incident": {"name": "Calls fail"}}).status == 201


def test_a_series_that_was_poisoned_by_sql_is_read_ended_and_changed(script: Script) -> None:
    made = script.post("/maintenance_series", series()).body["id"]
    Series.objects.update(rule="FREQ=DAILY;INTERVAL=0", begins="9999-12-31T23:59")
    make_due(at=datetime.now(UTC))
    path = f"/maintenance_series/{made}"
    assert script.get("/maintenance_series")[0]["rule"] == "FREQ=DAILY;INTERVAL=0"
    assert script.patch(path, {"series": {"minutes": 90}}).status == 422
    assert script.patch(path, series()).status == 200
    assert script.ask("DELETE", path).status == 200


@pytest.mark.parametrize("hidden", ["\u202e", "\x1b", "\u200f", "\u2066", "\x07", "\u200b", "\ufeff"])
def test_what_is_hidden_or_turned_in_a_label_is_not_kept(script: Script, page: Page, hidden: str) -> None:
    alert = {
        "status": "firing",
        "labels": {
            "alertname": f"SipDown{hidden}x",
            f"inst{hidden}ance": f"gpj{hidden}.31m",
            "severity": "critical",
        },
        "annotations": {},
        "startsAt": datetime.now(UTC).isoformat(),
        "fingerprint": "a",
    }
    body = {
        "version": "4",
        "groupKey": f"group{hidden}",
        "status": "firing",
        "receiver": "x",
        "alerts": [alert],
    }
    assert script.post("/alerts/alertmanager", body).status == 200
    kept = Signal.objects.get()
    assert kept.labels == {"alertname": "SipDown x", "inst ance": "gpj .31m", "severity": "critical"}
    assert kept.group == "group"
    assert Incident.objects.get().page == page


def test_a_label_of_another_script_stays_as_it_is(script: Script) -> None:
    alert = {
        "status": "firing",
        "labels": {"alertname": "المقسم", "place": "東京 1"},
        "startsAt": datetime.now(UTC).isoformat(),
        "fingerprint": "a",
    }
    script.post("/alerts/alertmanager", {"groupKey": "g", "alerts": [alert]})
    assert Signal.objects.get().labels == alert["labels"]


def alerts(count: int, word: str) -> dict[str, object]:
    """So many, each of a component that we do not know, all of one group."""
    began = datetime.now(UTC).isoformat()
    return {
        "groupKey": f"group {word}",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "SipDown", "instance": f"{word}-{number}", "component": "x" * 200},
                "annotations": {},
                "startsAt": began,
                "fingerprint": f"{word} {number}",
            }
            for number in range(count)
        ],
    }


def test_alerts_of_very_many_groups_are_refused_before_they_hold_up_every_writer(script: Script) -> None:
    sent = alerts(101, "many") | {"groupKey": ""}
    reply = script.post("/alerts/alertmanager", sent)
    assert (reply.status, "100 groups" in reply.errors[0]) == (422, True)
    assert not Incident.objects.exists()


def test_twice_as_many_alerts_take_twice_as_long(script: Script) -> None:
    def seconds(count: int, word: str) -> float:
        before = time.process_time()
        assert script.post("/alerts/alertmanager", alerts(count, word)).status == 200
        return time.process_time() - before

    script.post("/alerts/alertmanager", alerts(1, "warm"))
    found = float("inf")
    for turn in range(3):
        found = min(found, seconds(120, f"large {turn}") / seconds(60, f"small {turn}"))
        if found <= 2.5:
            break
    assert found <= 2.5
