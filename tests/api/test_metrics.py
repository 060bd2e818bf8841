"""Metrics by the management API: one number, many at once, and what is none."""

from datetime import UTC, datetime

import pytest

from incidents.models import MetricPoint
from tests.api.asking import Script

pytestmark = pytest.mark.django_db


def now() -> int:
    return int(datetime.now(UTC).timestamp())


def test_numbers_are_added_one_by_one_and_a_second_one_replaces_the_first(script: Script) -> None:
    metric = script.post("/metrics", {"metric": {"name": "Calls in progress", "suffix": "calls"}}).body
    at = now()
    for value in (7, 9.5):
        reply = script.post(f"/metrics/{metric['id']}/data", {"data": {"timestamp": at, "value": value}})
        assert (reply.status, reply.body) == (201, {"data": {"timestamp": at, "value": value}})
    assert script.get(f"/metrics/{metric['id']}/data")["data"] == [{"timestamp": at, "value": 9.5}]
    assert script.ask("DELETE", f"/metrics/{metric['id']}/data").status == 200
    assert script.get(f"/metrics/{metric['id']}/data")["data"] == []
    assert script.ask("DELETE", f"/metrics/{metric['id']}").status == 200
    assert script.get("/metrics") == []


def test_ten_thousand_at_once_are_taken_and_one_more_is_refused(script: Script) -> None:
    codes = [script.post("/metrics", {"metric": {"name": name}}).body["id"] for name in ("A", "B")]
    at = now()
    series = [{"timestamp": at - each, "value": each} for each in range(5000)]
    reply = script.post("/metrics/data", {"data": dict.fromkeys(codes, series)})
    assert (reply.status, reply.body) == (202, {"added": 10_000})
    assert MetricPoint.objects.count() == 10_000
    more = {code: [*series, {"timestamp": at, "value": 1}] for code in codes}
    assert script.post("/metrics/data", {"data": more}).errors == [
        "data: Send 10,000 points at a time, no more."
    ]


@pytest.mark.parametrize(
    ("point", "says"),
    [
        ({"timestamp": 0, "value": 1}, "timestamp: A: 1970"),
        ({"timestamp": 9_999_999_999_999, "value": 1}, "data.timestamp: Ensure this value is less"),
        ({"timestamp": "x", "value": 1}, "data.timestamp: A valid integer is required."),
        ({"value": 1}, "data.timestamp: This field is required."),
        ({"timestamp": 1, "value": "inf"}, "data.value: A valid number is required."),
        ({"timestamp": 1, "value": "nan"}, "data.value: A valid number is required."),
    ],
)
def test_what_is_no_number_or_no_time_is_refused(script: Script, point: dict[str, object], says: str) -> None:
    metric = script.post("/metrics", {"metric": {"name": "A"}}).body["id"]
    reply = script.post(f"/metrics/{metric}/data", {"data": point})
    assert reply.status == 422
    assert reply.errors[0].startswith(says.replace("data.", "")) or reply.errors[0].startswith(says), (
        reply.errors
    )
    many = script.post("/metrics/data", {"data": {metric: [{"timestamp": now(), "value": 1}, point]}})
    assert many.status == 422
    assert not MetricPoint.objects.exists()


def test_an_unknown_metric_is_named_and_nothing_is_taken(script: Script) -> None:
    metric = script.post("/metrics", {"metric": {"name": "A"}}).body["id"]
    point = [{"timestamp": now(), "value": 1}]
    reply = script.post("/metrics/data", {"data": {metric: point, "nosuchcode00": point}})
    assert reply.errors == ["data: there is no metric nosuchcode00 on this page."]
    assert not MetricPoint.objects.exists()
