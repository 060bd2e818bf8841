"""`/history.json` as Statuspage's own history page reads it."""

import json
from datetime import UTC, datetime
from typing import Any

from incidents.models import Incident, Page
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import text_of
from tests.publishing.pages import rendered

NOV = datetime(2021, 11, 5, tzinfo=UTC)


def history(page: Page, *, at: datetime = NOV) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(rendered(page, "/history.json", at=at))
    return found


def test_it_has_statuspages_keys_in_their_order(outage: Incident) -> None:
    found = history(outage.page)
    assert list(found) == [
        *("page_status", "components", "months", "show_component_filter", "show_uptime_calendar"),
        *("component_filter", "start_time", "end_time"),
    ]
    assert found["page_status"]["status"]["indicator"] == "none"
    assert [each["name"] for each in found["components"]] == ["Network", "SIPcity Cloud PBX"]
    assert (found["start_time"], found["end_time"]) == (
        "2021-09-01T00:00:00+10:00",
        "2021-11-30T23:59:59+11:00",
    )


def test_months_are_newest_first_with_their_first_weekday_and_length(outage: Incident) -> None:
    assert [
        (each["name"], each["year"], each["starts_on"], each["days"])
        for each in history(outage.page)["months"]
    ] == [("November", 2021, 1, 30), ("October", 2021, 5, 31), ("September", 2021, 3, 30)]


def test_an_incident_is_told_in_one_line(outage: Incident) -> None:
    (incident,) = history(outage.page)["months"][1]["incidents"]
    assert incident == {
        "code": outage.code,
        "name": "Degraded network, causing calling outage",
        "message": "This incident has been resolved.",
        "impact": "major",
        "timestamp": "Oct <var data-var='date'>09</var>, <var data-var='time'>08:22</var> - "
        "Oct <var data-var='date'>10</var>, <var data-var='time'>12:49</var> AEDT",
    }


def test_an_open_incident_has_no_end_and_one_of_a_day_names_it_once(page: Page) -> None:
    short = factories.make_incident(page)
    factories.resolve(short)
    factories.make_incident(page, at=datetime(2021, 11, 1, tzinfo=UTC))
    november, october, _ = history(page)["months"]
    assert november["incidents"][0]["timestamp"].endswith("<var data-var='time'>11:00</var> AEDT")
    assert october["incidents"][0]["timestamp"] == (
        "Oct <var data-var='date'>09</var>, <var data-var='time'>08:22</var> - <var data-var='time'>12:22</var> AEDT"
    )


def test_words_cannot_become_markup(page: Page) -> None:
    factories.make_incident(page, body="<img src=x onerror=alert(1)>\nsecond line")
    message = history(page)["months"][1]["incidents"][0]["message"]
    assert message == "&lt;img src=x onerror=alert(1)&gt;<br />second line"


def test_it_is_published_with_the_page(outage: Incident) -> None:
    publish_page(outage.page_id)
    assert len(json.loads(text_of(outage.page, "/history.json"))["months"]) == 3
    assert BEGAN < NOV
