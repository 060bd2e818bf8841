"""Clients that other makers wrote for Statuspage work against us with another address, and nothing else (slow)."""

from collections.abc import Iterator

import pytest
import statuspageio
from atlassian.statuspage import StatusPage

from tests.api.test_described import MAKE
from tests.peers.installation import Installation

pytestmark = pytest.mark.slow


class Server:
    """A running installation: where it is, which page, and a key."""

    def __init__(self, home: Installation) -> None:
        self.page, self.key = home.shell(MAKE).split()
        self.home, self.url = home, home.url

    def shown(self) -> str:
        """What customers see."""
        return self.home.get("/")[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Installation(tmp_path_factory.mktemp("api")) as home:
        made = Server(home)
        home.start("web")
        yield made


def test_atlassian_python_api_creates_updates_and_resolves_an_incident(server: Server) -> None:
    client = StatusPage(url=server.url, token=server.key)
    page = server.page
    assert [each["id"] for each in client.page_list_pages()] == [page]
    component = client.page_create_component(page, {"name": "Calls", "description": "In and out"})
    assert client.page_get_component(page, component["id"])["status"] == "operational"
    made = client.page_create_incident(
        page,
        {
            "name": "Calls fail",
            "status": "investigating",
            "body": "We are looking.",
            "components": {component["id"]: "major_outage"},
        },
    )
    assert "Calls fail" in server.shown()
    assert [each["id"] for each in client.page_list_unresolved_incidents(page)] == [made["id"]]
    client.page_update_incident(
        page, made["id"], {"status": "monitoring", "body": "A certificate was replaced."}
    )
    assert "A certificate was replaced." in server.shown()
    resolved = client.page_update_incident(
        page, made["id"], {"status": "resolved", "components": {component["id"]: "operational"}}
    )
    assert [each["status"] for each in resolved["incident_updates"]] == [
        "resolved",
        "monitoring",
        "investigating",
    ]
    assert client.page_list_unresolved_incidents(page) == []
    assert client.page_get_component(page, component["id"])["status"] == "operational"
    group = client.page_create_component_group(
        page, "All of SIP", {"name": "SIP", "components": [component["id"]]}
    )
    assert group["components"] == [component["id"]]
    subscriber = client.page_create_subscriber(page, {"email": "kim@example.com"})
    assert subscriber["state"] == "unconfirmed"
    assert client.page_count_subscribers_by_type(page, "email", "active")["email"] == 0
    client.page_create_postmortem(page, made["id"], "A certificate was malformed.")
    assert client.page_get_postmortem(page, made["id"])["body_draft"] == "A certificate was malformed."
    client.page_delete_incident(page, made["id"])
    client.page_delete_component(page, component["id"])
    assert client.page_get_components(page) == []


def test_statuspageio_creates_updates_and_resolves_an_incident(server: Server) -> None:
    client = statuspageio.Client(api_key=server.key, page_id=server.page)
    client.config.base_url = server.url  # its option of that name is documented, and read nowhere
    component = client.components.create(name="Portal", description="Self-service")
    assert [each["name"] for each in client.components.list()] == ["Portal"]
    client.components.update(component.id, status="partial_outage")
    made = client.incidents.create(
        name="The portal is slow",
        status="investigating",
        message="We are looking.",
        component_ids=[component.id],
    )
    assert made.incident_updates[0].body == "We are looking."
    client.incidents.update(made.id, status="identified", message="A database.")
    found = client.incidents.update(made.id, status="resolved", message="It is fast again.")
    assert found.status == "resolved"
    assert "It is fast again." in server.shown()
    assert [each.id for each in client.incidents.list()] == [made.id]
    assert client.components.delete(component.id) == 204
    client.incidents.delete(made.id)
    with pytest.raises(statuspageio.ResourceError):
        client.components.create(name="")
