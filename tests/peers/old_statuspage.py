"""A Statuspage of the other maker, as far as an import asks it: public documents, history pages, and v1 with a key."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

LATEST = datetime(2026, 10, 1, 8, tzinfo=UTC)
KEY = "old-key"
PAGE = "old0page0000"
ZONE = "Australia/Sydney"


def code(kind: str, number: int) -> str:
    """Twelve letters and digits."""
    return f"{kind}{number:0{12 - len(kind)}d}"


def stamp(at: datetime) -> str:
    """As Statuspage writes instants."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


COMPONENTS: list[dict[str, Any]] = [
    {"id": code("grp", 1), "name": "SIP", "group": True, "position": 1, "components": [code("cmp", 1)]},
    *(
        {
            "id": code("cmp", number),
            "name": name,
            "status": "operational",
            "created_at": "2019-01-01T00:00:00.000Z",
            "updated_at": "2026-10-01T00:00:00.000Z",
            "position": number,
            "description": "Calls &amp; more",
            "showcase": True,
            "start_date": None,
            "group_id": group,
            "group": False,
            "only_show_if_degraded": False,
        }
        for number, name, group in ((1, "Calls", code("grp", 1)), (2, "Portal", None))
    ),
]


def incident(number: int) -> dict[str, Any]:
    """Incident `number`, counted from the newest; each lasted two hours, and hit the calls."""
    began = LATEST - timedelta(days=number)
    steps = [
        (
            "investigating",
            "Calls fail.<br />See <a href='https://x.test/a'>here</a> &amp; wait.",
            "operational",
            "major_outage",
        ),
        ("identified", "A certificate.", "major_outage", "partial_outage"),
        ("resolved", "It is over.", "partial_outage", "operational"),
    ]
    updates = [
        {
            "id": code(f"up{step}x", number),
            "status": status,
            "body": body,
            "created_at": stamp(began + timedelta(hours=step)),
            "display_at": stamp(began + timedelta(hours=step)),
            "affected_components": [
                {"code": code("cmp", 1), "name": "SIP - Calls", "old_status": old, "new_status": new}
            ],
            "deliver_notifications": True,
        }
        for step, (status, body, old, new) in enumerate(steps)
    ]
    return {
        "id": code("inc", number),
        "name": f"Outage {number}",
        "status": "resolved",
        "impact": "major",
        "created_at": stamp(began),
        "started_at": stamp(began),
        "resolved_at": stamp(began + timedelta(hours=2)),
        "incident_updates": updates[::-1],
        "components": COMPONENTS[1:2],
    }


MAINTENANCE = {
    **incident(0),
    "id": code("mnt", 1),
    "name": "New core",
    "status": "scheduled",
    "impact": "maintenance",
    "resolved_at": None,
    "scheduled_for": "2099-01-01T00:00:00.000Z",
    "scheduled_until": "2099-01-01T04:00:00.000Z",
    "incident_updates": [
        {
            "id": code("mup", 1),
            "status": "scheduled",
            "body": "We move.",
            "created_at": "2026-10-01T00:00:00Z",
        }
    ],
}
SUBSCRIBERS = {
    "active": [
        {"id": code("sub", 1), "type": "email", "email": "Kim@Example.com", "components": [code("cmp", 1)],
         "created_at": "2020-01-01T00:00:00Z", "confirmed_at": "2020-01-01T00:00:00Z"},
        {"id": code("sub", 2), "type": "webhook", "endpoint": "https://noc.example.com/h", "email": "noc@example.com",
         "created_at": "2020-01-01T00:00:00Z"},
        {"id": code("sub", 3), "type": "sms", "phone_number": "5551234", "created_at": "2020-01-01T00:00:00Z"},
    ],
    "unconfirmed": [{"id": code("sub", 4), "type": "email", "email": "lee@example.com"}],
    "quarantined": [{"id": code("sub", 5), "type": "email", "email": "gone@example.com"}],
}  # fmt: skip
TEMPLATES = [
    {
        "id": code("tpl", 1),
        "name": "Calls",
        "title": "Calls fail",
        "body": "We look.",
        "update_status": "identified",
        "components": [{"id": code("cmp", 1)}],
    },
    {"id": code("tpl", 2), "name": "Odd", "title": "", "body": "{{ what }} is broken"},
]


class Handler(BaseHTTPRequestHandler):
    """Answers from the server's own number of incidents."""

    count: ClassVar[int] = 0
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """One document."""
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        type(self).asked.append(self.path)
        if url.path.startswith("/v1/") and self.headers.get("Authorization") != f"OAuth {KEY}":
            self._answer(401, {"error": "Could not authenticate"})
            return
        found = self._v1(url.path, query) if url.path.startswith("/v1/") else self._public(url.path, query)
        self._answer(200 if found is not None else 404, found or [])

    def _public(self, path: str, query: dict[str, str]) -> Any:
        page = {"id": PAGE, "name": "Old SIPcity", "url": "https://old.test", "time_zone": ZONE}
        if path == "/api/v2/summary.json":
            return {
                "page": page,
                "components": COMPONENTS,
                "incidents": [],
                "scheduled_maintenances": [MAINTENANCE],
            }
        if path == "/api/v2/incidents.json":
            return {"page": page, "incidents": [incident(number) for number in range(min(50, self.count))]}
        if path == "/api/v2/scheduled-maintenances.json":
            return {"page": page, "scheduled_maintenances": [MAINTENANCE]}
        if path == "/history.json":
            first = (int(query["page"]) - 1) * 90
            days = range(first, min(first + 90, self.count))
            months = [{"name": "October", "incidents": [{"code": code("inc", day)} for day in days]}]
            return {"months": months if first < self.count + 90 else []}
        if path.startswith("/incidents/inc"):
            return incident(int(path.removeprefix("/incidents/inc").removesuffix(".json")))
        return None

    def _v1(self, path: str, query: dict[str, str]) -> Any:
        rest = path.removeprefix(f"/v1/pages/{PAGE}")
        number, size = int(query.get("page", 1)), int(query.get("limit", query.get("per_page", 100)))
        if rest == "":
            return {"id": PAGE, "name": "Old SIPcity", "time_zone": "Sydney"}
        if rest == "/incidents":
            days = range((number - 1) * size, min(number * size, self.count))
            rows = [incident(day) for day in days]
            for row in rows[:1] if number == 1 else []:
                row |= {
                    "status": "postmortem",
                    "postmortem_body": "# Why\n\nA *certificate* was malformed.",
                    "postmortem_published_at": "2026-10-03T00:00:00Z",
                }
            return rows
        if rest == "/subscribers":
            return SUBSCRIBERS[query["state"]] if number == 0 else []
        lists: dict[str, list[Any]] = {
            "/components": COMPONENTS[1:],
            "/component-groups": [
                {"id": code("grp", 1), "name": "SIP", "components": [code("cmp", 1)], "position": 1}
            ],
            "/incident_templates": TEMPLATES,
        }
        return lists[rest] if number == 1 else []

    def _answer(self, status: int, body: Any) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@contextmanager
def old_statuspage(count: int) -> Iterator[str]:
    """A server with so many incidents; its address."""
    handler = type("Counted", (Handler,), {"count": count, "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
