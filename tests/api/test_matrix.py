"""Who may ask for what: every route and method, by nobody, by other scopes, for another page, and by the owner."""

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from incidents.models import Page
from incidents.models.keys import Scope
from tests.api.asking import Script
from tests.factories import make_component, make_incident, make_page

pytestmark = pytest.mark.django_db
R, I, F, S, A = Scope.READ, Scope.INCIDENTS, Scope.RFO, Scope.SUBSCRIBERS, Scope.ADMIN  # noqa: E741
INCIDENT = "/incidents/{incident_id}"
TABLE: dict[str, tuple[set[Scope], set[Scope]]] = {
    "": ({R, I, F, S, A}, {A}),
    "/components": ({R, I}, {I}),
    "/components/{component_id}": ({R, I}, {I}),
    "/components/{component_id}/uptime": ({R, I}, set()),
    "/component-groups": ({R, I}, {A}),
    "/component-groups/{group_id}": ({R, I}, {A}),
    "/component-groups/{group_id}/uptime": ({R, I}, set()),
    "/incidents": ({R, I}, {I}),
    "/incidents/unresolved": ({R, I}, set()),
    "/incidents/scheduled": ({R, I}, set()),
    "/incidents/upcoming": ({R, I}, set()),
    "/incidents/active_maintenance": ({R, I}, set()),
    INCIDENT: ({R, I}, {I}),
    f"{INCIDENT}/incident_updates/{{update_id}}": (set(), {I}),
    f"{INCIDENT}/subscribers": ({S}, {S}),
    f"{INCIDENT}/subscribers/{{subscriber_id}}": ({S}, {S}),
    f"{INCIDENT}/subscribers/{{subscriber_id}}/resend_confirmation": (set(), {S}),
    f"{INCIDENT}/postmortem": ({R, F}, {F}),
    f"{INCIDENT}/postmortem/publish": (set(), {F}),
    f"{INCIDENT}/postmortem/revert": (set(), {F}),
    "/incident_templates": ({R, I}, {A}),
    "/subscribers": ({S}, {S}),
    "/subscribers/count": ({S}, set()),
    "/subscribers/histogram_by_state": ({S}, set()),
    "/subscribers/unsubscribed": ({S}, set()),
    "/subscribers/unsubscribe": (set(), {S}),
    "/subscribers/reactivate": (set(), {S}),
    "/subscribers/resend_confirmation": (set(), {S}),
    "/subscribers/{subscriber_id}": ({S}, {S}),
    "/subscribers/{subscriber_id}/resend_confirmation": (set(), {S}),
    "/subscribers/{subscriber_id}/secret": (set(), {S}),
    "/metrics": ({R, I}, {A}),
    "/metrics/data": (set(), {I}),
    "/metrics/{metric_id}": ({R, I}, {A}),
    "/metrics/{metric_id}/data": ({R, I}, {I}),
    "/rfos": ({F}, {F}),
    "/rfos/{rfo_id}": ({F}, set()),
    "/rfos/{rfo_id}/versions/{number}": ({F}, set()),
    "/rfos/{rfo_id}/standing": ({F}, set()),
    "/rfos/{rfo_id}/review": (set(), {F}),
    "/rfos/{rfo_id}/approve": (set(), {F}),
    "/rfos/{rfo_id}/publish": (set(), {F}),
    "/rfos/{rfo_id}/withdraw": (set(), {F}),
    "/rfos/{rfo_id}/attachments": (set(), {F}),
    "/probes": ({I}, {A}),
    "/probes/{probe_id}": ({I}, {A}),
    "/probes/{probe_id}/run": (set(), {I}),
    "/probes/{probe_id}/results": ({I}, set()),
    "/deliveries": ({S}, set()),
    "/deliveries/{delivery_id}/replay": (set(), {S}),
    "/maintenance_series": ({R, I}, {I}),
    "/maintenance_series/{series_id}": ({R, I}, {I}),
    "/journal": ({A}, set()),
    "/alerts/alertmanager": (set(), {I}),
    "/event_sources": ({A}, {A}),
    "/event_sources/{source_id}": (set(), {A}),
}
"""By path: the scopes of which one reads, and of which one writes; admin does everything."""
NEVER = {"/rfos/{rfo_id}/approve"}
"""What no key may do, whatever its scopes: only a person does, in the console."""
PAGE = "/v1/pages/{page_id}"


def routes() -> list[tuple[str, str]]:
    """Every path of a page and its methods, as they are described."""
    paths: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return [
        (path.removeprefix(PAGE), method.upper())
        for path, methods in paths.items()
        if path.startswith(PAGE)
        for method in methods
    ]


@pytest.fixture
def codes(page: Page) -> dict[str, Any]:
    """Things of the page that paths may name; the rest are names of nothing."""
    component = make_component(page)
    found = {"component_id": component.code, "incident_id": make_incident(page).code}
    nothing = ("group", "update", "subscriber", "metric", "rfo", "probe", "series", "source")
    return {**{f"{name}_id": "nosuchcode00" for name in nothing}, "number": 1, "delivery_id": 1, **found}


def test_every_route_is_in_the_table_and_no_other() -> None:
    assert {path for path, _ in routes()} == set(TABLE)
    for path, method in routes():
        assert TABLE[path][method != "GET"], (path, method)


def test_nobody_and_a_wrong_key_get_nowhere(page: Page, codes: dict[str, Any]) -> None:
    script = Script(page)
    script.secret = "dt_wrong"
    for path, method in routes():
        reply = script.ask(method, path.format(**codes), {})
        assert reply.status == 401, (path, method)
        assert reply.headers["WWW-Authenticate"] == "OAuth"
        assert "Could not authenticate" in reply.errors[0]


@pytest.mark.parametrize("scope", list(Scope))
def test_each_scope_opens_what_it_should_and_no_more(page: Page, codes: dict[str, Any], scope: Scope) -> None:
    script = Script(page, scope)
    for path, method in routes():
        reads, writes = TABLE[path]
        allowed = scope == A or scope in (reads if method == "GET" else writes)
        if (path, method) in {("/components/{component_id}", "DELETE"), ("/components", "POST")}:
            allowed = scope == A
        if allowed and method == "DELETE":
            continue  # what the owner may delete is tried with its noun
        reply = script.ask(method, path.format(**codes), {})
        if allowed and path in NEVER:
            assert (reply.status, "API key does not" in reply.errors[0]) == (403, True), (path, method, reply)
            continue
        assert (reply.status != 403) == allowed, (path, method, reply)
        if not allowed:
            assert "This key lacks the scope" in reply.errors[0]
        assert reply.status < 500, (path, method)


def test_a_key_of_another_page_finds_nothing_here(page: Page, codes: dict[str, Any]) -> None:
    other = Script(make_page("Other"))
    for path, method in routes():
        reply = other.ask(method, path.format(**codes), {}, page=page)
        assert (reply.status, reply.errors) == (404, ["There is no such page for this key."]), (path, method)


def test_things_of_another_page_are_unknown_on_this_one(page: Page, codes: dict[str, Any]) -> None:
    mine = Script(make_page("Mine"))
    for path, method in routes():
        named = {name for name in ("component_id", "incident_id") if f"{{{name}}}" in path}
        if named:
            reply = mine.ask(method, path.format(**codes), {})
            assert reply.status == 404, (path, method, reply)


def test_a_key_of_all_pages_sees_them_all_and_a_key_of_one_that_one(page: Page) -> None:
    make_page("Other")
    answer = Script(page, everywhere=True).client.get
    for script, names in ((Script(page), ["SIPcity"]), (Script(page, everywhere=True), ["SIPcity", "Other"])):
        reply = answer("/v1/pages.json", headers={"Authorization": f"OAuth {script.secret}"}).json()
        assert [each["name"] for each in reply] == names
