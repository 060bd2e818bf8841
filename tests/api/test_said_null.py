"""A key that is missing or null changes nothing; it never empties a field, and never breaks the request."""

from typing import Any

import pytest

from incidents.models import Component, Page
from tests.api.asking import Script
from tests.factories import make_component, make_group

pytestmark = pytest.mark.django_db
FIELDS = {
    "page": (
        *(
            "name",
            "url",
            "time_zone",
            "hosts",
            "uptime_weight",
            "page_description",
            "headline",
            "support_url",
        ),
        *("subdomain", "domain", "allow_page_subscribers", "hidden_from_search"),
    ),
    "component": (
        *("name", "description", "status", "showcase", "only_show_if_degraded", "start_date", "upstream_id"),
    ),
    "component_group": ("name", "description", "components"),
    "incident": (
        *("name", "status", "body", "message", "impact_override", "component_ids", "components", "metadata"),
        *("deliver_notifications", "backfilled", "backfill_date", "scheduled_for", "scheduled_until"),
        *("scheduled_remind_prior", "scheduled_auto_in_progress", "next_update_by"),
    ),
    "subscriber": ("email", "endpoint", "type", "component_ids", "skip_confirmation_notification"),
}


def without_times(found: Any) -> Any:
    return {
        name: value for name, value in found.items() if name not in {"updated_at", "version", "changed_at"}
    }


@pytest.mark.parametrize("name", [name for name in FIELDS if name != "page"])
@pytest.mark.parametrize("what", ["null", "missing"])
def test_it_changes_nothing(script: Script, page: Page, calls: Component, name: str, what: str) -> None:
    group = make_group(page, "Voice")
    make_component(page, "Fax", group=group)
    path = {
        "component": f"/components/{calls.code}",
        "component_group": f"/component-groups/{group.code}",
        "incident": "/incidents",
        "subscriber": "/subscribers",
    }[name]
    made = {
        "incident": {
            "name": "Calls fail",
            "components": {calls.code: "partial_outage"},
            "impact_override": "minor",
        },
        "subscriber": {
            "email": "ada@example.com",
            "component_ids": [calls.code],
            "skip_confirmation_notification": True,
        },
    }.get(name)
    if made:
        reply = script.post(path, {name: made})
        assert reply.status == 201, reply
        path = f"{path}/{reply.body['id']}"
    before = script.ask("GET", path).body
    fields = FIELDS[name] if what == "null" else ()
    for field in fields:
        reply = script.patch(path, {name: {field: None}})
        assert reply.status in {200, 422}, (field, reply)
        after = script.ask("GET", path).body
        if not (name == "incident" and field == "impact_override"):
            assert without_times(after) == without_times(before), field
        before = after
    if not fields:
        reply = script.patch(path, {name: {}})
        assert reply.status in {200, 422}, reply
        assert without_times(script.ask("GET", path).body) == without_times(before)


@pytest.mark.parametrize("field", FIELDS["page"])
def test_of_a_page_too(script: Script, field: str) -> None:
    before = script.get()
    reply = script.patch("", {"page": {field: None}})
    assert reply.status in {200, 422}, reply
    assert without_times(script.get()) == without_times(before)
