"""What stands beside the letter, typed in the console: facts, sections, timeline, actions; nothing typed is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from incidents.models import ActionItem, Incident, RfoVersion
from incidents.operations.autodrafts import draft_from_record
from tests.console.forms import fields
from tests.factories import BEGAN, DEMO, make_rfo, resolve


@pytest.fixture
def url(incident: Incident) -> str:
    resolve(incident)
    incident.refresh_from_db()
    draft_from_record(incident, by=DEMO, at=BEGAN + timedelta(days=1))
    return f"/console/incidents/{incident.code}/rfo"


def values(client: Client, url: str) -> dict[str, str]:
    return fields(client.get(url), "narrow")


def version() -> RfoVersion:
    return RfoVersion.objects.latest("number")


@pytest.mark.parametrize("part", ["facts", "sections", "timeline"])
def test_sending_what_is_shown_changes_nothing(staff: Client, url: str, part: str) -> None:
    before = version().content
    assert staff.post(f"{url}/{part}", values(staff, f"{url}/{part}")).status_code == 302
    assert version().content == before


def test_times_windows_cohort_and_decisions_are_typed_in_the_zone_of_the_page(
    staff: Client, url: str
) -> None:
    sent = values(staff, f"{url}/facts") | {
        "times-2-at": "2021-10-09T08:30",
        "times-2-precision": "approximate",
        "windows-1-begins": "2021-10-09T13:00",
        "windows-1-ends": "2021-10-09T14:00",
        "windows-1-what": "features",
        "cohort-share": "less than 1 % of registered users",
        "cohort-emergency": "no",
        "decisions-0-question": "Abort?",
        "decisions-0-decided": "No",
        "decisions-0-why": "It would not help.\r\nTwice.",
        "decisions-0-audience": "internal",
    }
    assert staff.post(f"{url}/facts", sent).status_code == 302
    content = version().whole
    known = {each.what.value: each for each in content.times}
    assert known["acknowledged"].at == datetime(2021, 10, 8, 21, 30, tzinfo=UTC)
    assert (known["acknowledged"].precision, known["acknowledged"].source) == ("approximate", "")
    assert known["impact_start"].source
    assert [each.what for each in content.windows] == ["", "features"]
    assert content.cohort.share == "less than 1 % of registered users"
    (decision,) = content.decisions
    assert (decision.why, decision.audience) == ("It would not help.\nTwice.", "internal")


def test_a_row_is_taken_out(staff: Client, url: str) -> None:
    sent = values(staff, f"{url}/facts")
    staff.post(f"{url}/facts", sent | {"windows-0-DELETE": "on"})
    assert version().whole.windows == ()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("2021-10-03T02:30", "does not exist"),
        ("2022-04-03T02:30", "happened twice"),
        ("soon", "Write the time as"),
    ],
)
def test_a_local_time_that_is_none_or_two_is_asked_about(
    staff: Client, url: str, typed: str, words: str
) -> None:
    answer = staff.post(f"{url}/facts", values(staff, f"{url}/facts") | {"times-2-at": typed})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert ("Which one is meant?" in answer.content.decode()) is (typed != "soon")


def test_a_section_is_for_whom_it_says_and_its_markdown_is_tame(staff: Client, url: str) -> None:
    sent = values(staff, f"{url}/sections") | {
        "sections-0-kind": "root_cause",
        "sections-0-audience": "customer",
        "sections-0-body": "**One** <script>alert(1)</script> certificate.",
        "sections-1-kind": "summary",
        "sections-1-audience": "public",
        "sections-1-body": "Short.",
    }
    assert staff.post(f"{url}/sections", sent).status_code == 302
    row = version()
    assert [(each.kind, each.audience) for each in row.whole.sections] == [
        ("summary", "public"),
        ("root_cause", "customer"),
    ]
    assert "<strong>One</strong>" in row.rendered[1]
    assert "<script" not in row.rendered[1]
    assert "for customer readers" in staff.get(url).content.decode()


def test_a_row_of_the_timeline_is_written_and_the_generated_stay(staff: Client, url: str) -> None:
    before = len(version().whole.timeline)
    sent = values(staff, f"{url}/timeline") | {
        "timeline-0-at": "2021-10-09T09:00",
        "timeline-0-words": "We called the vendor.",
        "timeline-0-audience": "internal",
    }
    assert staff.post(f"{url}/timeline", sent).status_code == 302
    rows = version().whole.timeline
    assert len(rows) == before + 1
    assert [each.at for each in rows] == sorted(each.at for each in rows)


def test_a_window_that_ends_before_it_begins_is_refused_and_nothing_typed_is_lost(
    staff: Client, url: str
) -> None:
    sent = values(staff, f"{url}/facts") | {
        "windows-1-begins": "2021-10-09T14:00",
        "windows-1-ends": "2021-10-09T13:00",
        "windows-1-what": "An hour of typing.",
    }
    answer = staff.post(f"{url}/facts", sent)
    assert answer.status_code == 422
    assert "ends after it begins" in answer.content.decode()
    assert "An hour of typing." in answer.content.decode()


def test_two_who_write_at_once_do_not_overwrite_each_other_unseen(
    staff: Client, colleague: Client, url: str
) -> None:
    mine = values(staff, f"{url}/facts") | {"cohort-share": "Mine."}
    colleague.post(f"{url}/facts", values(colleague, f"{url}/facts") | {"cohort-share": "Theirs."})
    answer = staff.post(f"{url}/facts", mine)
    assert answer.status_code == 409
    assert "Mine." in answer.content.decode()
    assert version().whole.cohort.share == "Theirs."


def test_there_is_no_other_part_and_none_of_a_published_version(
    staff: Client, url: str, incident: Incident
) -> None:
    assert staff.get(f"{url}/gossip").status_code == 404
    make_rfo(incident, change_summary="x")
    for part in ("facts", "sections", "timeline"):
        assert staff.get(f"{url}/{part}").status_code == 302
        assert staff.post(f"{url}/{part}", {}).status_code == 302


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"times-TOTAL_FORMS": "9" * 30},
        {"times-TOTAL_FORMS": "-1"},
        {"times-TOTAL_FORMS": "7", "times-INITIAL_FORMS": "x"},
    ],
)
def test_a_torn_form_is_refused(staff: Client, url: str, sent: dict[str, str]) -> None:
    assert staff.post(f"{url}/facts", sent).status_code == 422


def test_actions_are_promised_done_dropped_with_a_reason_and_listed(
    staff: Client, url: str, incident: Incident
) -> None:
    staff.post(
        f"{url}/actions",
        {
            "what": "Check certificates",
            "owner": "Voice",
            "due": "2021-10-20",
            "kind": "preventive",
            "audience": "public",
        },
    )
    item = ActionItem.objects.get()
    assert "overdue" in staff.get("/console/actions").content.decode()
    change = f"/console/actions/{item.code}"
    assert b"Say why" in staff.post(change, {"state": "dropped"}, follow=True).content
    staff.post(change, {"state": "done", "evidence": "Change 17"})
    item.refresh_from_db()
    assert (item.state, item.evidence) == ("done", "Change 17")
    assert "Nothing is open." in staff.get("/console/actions").content.decode()
    assert staff.post(f"{url}/actions", {"what": ""}).status_code == 422
    staff.post(change, {"state": "gone"})
    assert not ActionItem.objects.exists()
