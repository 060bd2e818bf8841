"""Every screen, route, export, feed, document, mail and log line, for every role and scope, against the one table.

A value of each class stands in the installation. Whoever may read the class sees it somewhere, whoever may not sees not
one byte of it, in whatever encoding, and no log line holds any.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from incidents.domain.field_rights import READINGS, FieldClass, key_reads, role_reads
from incidents.domain.roles import Role
from incidents.domain.scopes import Scope
from incidents.models import Page
from incidents.notifying.relay import relay_due
from incidents.publishing.publisher import publish_page, the_store
from incidents.web.repeated_refusals import RepeatedRefusals
from tests.api.asking import Script
from tests.api.test_matrix import routes
from tests.channels.conftest import MailSink
from tests.console.addresses import undone
from tests.console.conftest import signed_in
from tests.factories import BEGAN, make_member, make_page
from tests.fields.world import CANARIES, PERSON, World, make_world, words_in
from tests.peers.sink import HookSink
from tests.wiring.log_lines import written

pytestmark = pytest.mark.django_db
ELSEWHERE, WAIVED = "admin of another page", "viewer without a second factor"
CASTS: dict[str, tuple[Role | None, bool]] = {
    "stranger": (None, False),
    **{role.value: (role, False) for role in Role},
    **{f"{role.value} of every page": (role, True) for role in (Role.VIEWER, Role.PUBLISHER, Role.ADMIN)},
    WAIVED: (Role.VIEWER, False),
    ELSEWHERE: (None, False),
}
"""Who walks: the role on the page, and whether it holds on every page."""
ASKED = r"canaryperson(@|%40|%2540)customer\.example|canaryattachment\.txt"
"""What some screens are asked for by name; a page that repeats it gives nothing away."""
MARKER = "canaryquerymarker"
"""Stands in the query string of every request; no log line may have it."""


def client_of(cast: str, page: Page) -> Client:
    role, everywhere = CASTS[cast]
    if cast == "stranger":
        return Client()
    user = User.objects.create_user("grace", "grace@sipcity.test", "a long password", is_staff=True)
    if cast == ELSEWHERE:
        return signed_in(make_member(user, Role.ADMIN, make_page("Another")))
    assert role
    return signed_in(make_member(user, role, None if everywhere else page))


def printed(answer: Any) -> str:
    """Everything that a client gets: each redirect, all headers, cookies and the body."""
    parts = [str(each) for each in getattr(answer, "redirect_chain", [])]
    parts += [f"{name}: {value}" for name, value in answer.headers.items()] + [str(answer.cookies)]
    body = b"".join(answer) if answer.streaming else answer.content
    return "\n".join([*parts, body.decode("utf-8", "replace")])


@contextmanager
def logged() -> Iterator[Callable[[], str]]:
    """What both forms of the log say of the block."""
    with every_refusal(), written("json") as as_json, written("text") as as_text:
        yield lambda: as_json.getvalue() + as_text.getvalue()


@contextmanager
def every_refusal() -> Iterator[None]:
    """Refusals that repeat are logged once a minute; here each of them is to be seen, whatever was walked before."""
    log = logging.getLogger("django.request")
    kept = [each for each in log.filters if isinstance(each, RepeatedRefusals)]
    for each in kept:
        log.removeFilter(each)
    try:
        yield
    finally:
        for each in kept:
            log.addFilter(each)


def assert_silent(said: str, *secrets: str) -> None:
    """A log of a walk: it says something, and none of what it may not."""
    assert "[django.request]" in said
    assert '"logger": "django.request"' in said
    assert words_in(said) == set()
    assert "WSGIRequest" not in said
    for secret in (MARKER, *secrets):
        assert secret not in said


def walk(client: Client, screens: dict[str, str]) -> dict[FieldClass, set[str]]:
    """Which classes are seen where, asking for every screen by both methods."""
    seen: dict[FieldClass, set[str]] = {field: set() for field in FieldClass}
    for name, address in screens.items():
        query = f"{address}{'&' if '?' in address else '?'}marker={MARKER}"
        for method in ("get", "post"):
            with undone():
                answer = getattr(client, method)(query, follow=method == "post")
                assert answer.status_code != 500, (name, method)
                said = printed(answer)
                if re.search(ASKED, address):
                    said = re.sub(ASKED, "", said)  # an echo of the question is no answer
                for field in words_in(said):
                    seen[field].add(f"{name} {method}")
    return seen


@pytest.mark.parametrize("cast", CASTS)
def test_each_role_is_shown_what_the_table_says_on_every_screen_and_nothing_else(
    world: World, cast: str, settings: Any, record_property: Callable[[str, object], None]
) -> None:
    screens = {**world.addresses, **world.further}
    if cast == WAIVED:
        settings.STAFF_MFA_REQUIRED = True
        Page.objects.update(viewers_without_second_factor=True)
    role, _ = CASTS[cast]
    with logged() as log:
        seen = walk(client_of(cast, world.page), screens)
    for field, places in seen.items():
        assert bool(places) == role_reads(role, field), (cast, field, sorted(places))
    assert_silent(log())
    record_property("screens and methods", len(screens) * 2)
    print(f"{cast}: {len(screens)} screens, 2 methods, {sum(map(len, seen.values()))} sights")


@pytest.mark.parametrize("scope", [None, *Scope])
def test_each_scope_is_shown_what_the_table_says_on_every_route_and_nothing_else(
    world: World, scope: Scope | None, settings: Any, record_property: Callable[[str, object], None]
) -> None:
    settings.API_KEY_IN_URL = True
    script = Script(world.page, scope or Scope.READ)
    secret = script.secret
    if scope is None:
        script.secret = "dt_wrong"
    seen: dict[FieldClass, set[str]] = {field: set() for field in FieldClass}
    asked = routes()
    more = [
        (f"/incidents/{world.published.code}{path}", "GET") for path in ("", "/postmortem", "/subscribers")
    ]
    more += [("/subscribers?state=all", "GET"), (f"/subscribers?q={PERSON}", "GET"), ("/nothing", "GET")]
    with logged() as log:
        for path, method in [*asked, *more]:
            with undone():
                script.ask(method, path.format(**world.codes), {})
                answer = script.client.generic(
                    method,
                    f"/v1/pages/{world.page.code}{path.format(**world.codes)}",
                    b"{}",
                    content_type="application/json",
                    query_params={"marker": MARKER, "state": "all"} if "?" not in path else None,
                    headers={"Authorization": f"OAuth {script.secret}"},
                )
                assert answer.status_code < 500, (path, method)
                for field in words_in(printed(answer)):
                    seen[field].add(f"{method} {path}")
        script.client.get(f"/v1/pages/zzzz?api_key={secret}&marker={MARKER}")
    for field, places in seen.items():
        allowed = scope is not None and key_reads([scope], field)
        assert bool(places) == allowed, (scope, field, sorted(places))
    assert_silent(log(), secret)
    record_property("routes", len(asked) + len(more))
    print(f"{scope or 'nobody'}: {len(asked) + len(more)} routes")


def test_no_published_document_feed_or_export_holds_any(world: World, tmp_path: Path, settings: Any) -> None:
    settings.PUBLISH_DIR = tmp_path / "published"
    publish_page(world.page.pk, everything=True)
    documents = the_store().page(world.page.code).documents()
    read = 0
    for document in documents:
        for variant in filter(None, (document.fresh, document.stale)):
            body = b"".join(variant.bodies[name] for name in variant.bodies if name == "identity")
            assert words_in(document.path + body.decode("utf-8", "replace")) == set(), document.path
            read += 1
    call_command("export", str(tmp_path / "export"))
    files = [file for file in (tmp_path / "export").rglob("*") if file.is_file()]
    for file in files:
        assert words_in(f"{file}{file.read_bytes().decode('utf-8', 'replace')}") == set(), file
    assert read > 40
    assert len(files) > 20
    print(f"{read} documents, {len(files)} exported files")


def test_mails_and_hooks_hold_nothing_but_what_is_their_receivers_own(
    incident: Any, erin: User, addresses: dict[str, str], mail: MailSink, hooks: HookSink
) -> None:
    make_world(incident, erin, addresses, base=hooks.url("").rstrip("/"))
    with logged() as log:
        relay_due(at=BEGAN)
    assert len(mail.messages) > 1
    assert len(hooks.hooks) > 2
    own = {FieldClass.SUBSCRIBER_ADDRESS, FieldClass.ALERT_ADDRESS, FieldClass.SECRET}
    for message in mail.messages:
        text = re.sub(r"canarysecretnonce", "", message.as_string(), flags=re.IGNORECASE)
        assert words_in(text) <= own - {FieldClass.SECRET}, message["To"]
    for hook in hooks.hooks:
        text = hook.body.decode().lower().replace("canarysecretnonce", "")
        assert words_in(text) == set(), hook.path
    assert words_in(log()) == set()


def test_a_search_answers_nobody_who_may_not_read_addresses(world: World) -> None:
    for cast in ("viewer", "responder"):
        client = client_of(cast, world.page)
        whole = client.get(world.further["post of told"]).content
        for question in (PERSON, "canaryperson", "nobody@nowhere.example", "hooks.example.net"):
            found = client.get(world.further["post of told"], {"q": question}).content
            assert found.count(b"state-failed") == whole.count(b"state-failed") > 0, (cast, question)
        User.objects.filter(username="grace").delete()
    client = client_of("publisher", world.page)
    rows = [
        client.get(world.further["post of told"], {"q": question}).content.count(b'class="state-failed"')
        for question in (PERSON, "nobody@nowhere.example", "hooks.example.net")
    ]
    assert rows == [1, 0, 2]


def test_a_masked_address_still_tells_two_apart(world: World) -> None:
    shown = client_of("viewer", world.page).get(world.further["post of told"]).content.decode()
    assert "c…@customer.example" in shown
    hints = set(re.findall(r"hooks\.example\.net/… \([0-9a-f]{6}\)", shown))
    assert len(hints) == 2


def test_every_class_has_a_row_in_the_table_and_a_canary() -> None:
    assert set(READINGS) == set(FieldClass) == set(CANARIES)
