"""Incidents by the management API: what is wrong is named with its field, and nothing is written."""

import pytest

from incidents.models import Incident
from tests.api.asking import Script

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "name: This cannot be empty."),
        ({"name": "x" * 256}, "name: Ensure this field has no more than 255 characters."),
        ({"name": "A", "body": "x" * 25_001}, "body: Ensure this field has no more than 25000 characters."),
        ({"name": "A", "status": "broken"}, 'status: "broken" is not a valid choice.'),
        (
            {"name": "A", "component_ids": ["nosuchcode00"]},
            "components: there is no component nosuchcode00 on this page.",
        ),
        ({"name": "A", "components": {"x": "red"}}, 'components.x: "red" is not a valid choice.'),
        (
            {"name": "A", "scheduled_for": "2021-01-01T00:00:00Z", "scheduled_until": "2021-01-02T00:00:00Z"},
            "scheduled_until: This time has passed.",
        ),
        ({"name": "A", "scheduled_for": "2021-01-01T00:00:00Z"}, "scheduled_until: a maintenance needs both"),
        (
            {"name": "A", "scheduled_for": "2027-06-10T10:00:00", "scheduled_until": "2027-06-10T12:00:00"},
            "scheduled_for: Say the zone of the time: 2027-06-10T10:00:00Z",
        ),
        ({"name": "A", "next_update_by": "2027-06-10T10:00:00"}, "next_update_by: Say the zone of the time"),
        ({"name": "A", "metadata": {"a": 1}}, "metadata: Give an object of objects"),
        ({"name": "A\x00"}, "The body holds a NUL"),
        ({"name": "A\u202e"}, "name: Line 1 holds the control character"),
        ({"name": "A", "status": "postmortem"}, "status: An incident opens as investigating"),
        ({"name": "A", "status": "completed"}, "scheduled_for: a maintenance needs both"),
    ],
)
def test_what_is_wrong_is_named_with_its_field_and_nothing_is_written(
    script: Script, sent: dict[str, object], says: str
) -> None:
    reply = script.post("/incidents", {"incident": sent})
    assert reply.status in {400, 422}
    assert any(each.startswith(says) for each in reply.errors), reply.errors
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("sent", "status", "says"),
    [
        (b"{", 400, "The body is no JSON"),
        (b"[]", 400, "The body has to be a JSON object"),
        (b'{"incident": {"name": NaN}}', 400, "NaN is no number"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400, "nested"),
        (b'{"a":' * 30 + b"1" + b"}" * 30, 400, "nested deeper than 20"),
        (b"\xff\xfe", 400, "not UTF-8"),
        (b'{"incident": {"name": "\\ud800"}}', 400, "half of a surrogate pair"),
        (b'{"incident": "x"}', 422, "Invalid data"),
        (b'{"a": "' + b"x" * 1_100_000 + b'"}', 413, "longer than"),
        (b'{"incident": {"name": ' + b"9" * 5000 + b"}}", 400, "no JSON"),
    ],
    ids=range(10),
)
def test_what_cannot_be_read_is_said_so(script: Script, sent: bytes, status: int, says: str) -> None:
    reply = script.ask("POST", "/incidents", sent)
    assert reply.status == status, reply
    assert says in reply.errors[0]
    assert not Incident.objects.exists()


def test_a_form_that_contradicts_itself_is_refused(script: Script) -> None:
    assert script.post("/incidents", form="incident=1&incident[name]=A").status == 400
    assert script.post("/incidents", form="incident[name]=1&incident[name][]=A").status == 400


def test_wrong_moves_are_refused_with_the_reason(script: Script) -> None:
    made = script.post("/incidents", {"incident": {"name": "Calls fail"}}).body
    path = f"/incidents/{made['id']}"
    for status, says in (("postmortem", "publishing an RFO"), ("scheduled", "never becomes one")):
        reply = script.patch(path, {"incident": {"status": status}})
        assert reply.status == 422, reply
        assert says in reply.errors[0]
    window = script.patch(path, {"incident": {"scheduled_for": "2099-01-01T00:00:00Z"}})
    assert window.errors == ["scheduled_for: this is an incident. Only a maintenance has a plan."]
    assert len(script.get(path)["incident_updates"]) == 1
