"""A script that asks the management API, as a test writes it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from incidents.models import ApiKey, Page
from incidents.models.keys import Scope
from incidents.operations.actors import SHELL, Actor
from incidents.operations.keys import make_key


@dataclass
class Reply:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def errors(self) -> list[str]:
        """The sentences of a refusal."""
        said = self.body["error"]
        return said if isinstance(said, list) else [said]


class Script:
    """Holds a key, and asks about one page."""

    def __init__(
        self, page: Page, *scopes: Scope, everywhere: bool = False, user: User | None = None
    ) -> None:
        by = Actor(user.username, user) if user else SHELL
        self.page = page
        self.key, self.secret = make_key(
            name="NOC",
            page=None if everywhere else page,
            scopes=scopes or list(Scope),
            by=by,
            at=datetime.now(UTC),
        )
        self.client = Client()

    def ask(
        self,
        method: str,
        path: str = "",
        body: Any = None,
        *,
        form: str = "",
        page: Page | None = None,
        **headers: str,
    ) -> Reply:
        """One request to a path of the page; headers with underscores for hyphens."""
        sent, kind = b"", ""
        if form:
            sent, kind = form.encode(), "application/x-www-form-urlencoded"
        elif isinstance(body, bytes):
            sent, kind = body, "application/json"
        elif body is not None:
            sent, kind = json.dumps(body).encode(), "application/json"
        named = {"Authorization": f"OAuth {self.secret}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        answer = self.client.generic(
            method, f"/v1/pages/{(page or self.page).code}{path}", sent, content_type=kind, headers=named
        )
        said = json.loads(answer.content) if answer.content else None
        return Reply(answer.status_code, said, dict(answer.headers))

    def get(self, path: str = "", **more: Any) -> Any:
        """What is there; the test fails where it is not 200."""
        reply = self.ask("GET", path, **more)
        assert reply.status == 200, reply
        return reply.body

    def post(self, path: str, body: Any = None, **more: Any) -> Reply:
        """Make something."""
        return self.ask("POST", path, body, **more)

    def patch(self, path: str, body: Any = None, **more: Any) -> Reply:
        """Change something."""
        return self.ask("PATCH", path, body, **more)


def key_row(script: Script) -> ApiKey:
    """The key as it is in the database now."""
    return ApiKey.objects.get(pk=script.key.pk)
