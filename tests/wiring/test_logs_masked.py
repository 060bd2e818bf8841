"""No key, token, query string or URL that opens something reaches a log line, in either form."""

import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from incidents.operations.keys import PREFIX
from statuspage.masking import masked_text
from tests.wiring.log_lines import written

SECRETS = {
    "an API key": f"{PREFIX}nwXTq0c3vTJ8Gx2mYv5kQ1Zr7bLp9sWd4Ef6Hi8JkLm",
    "a signing secret": "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=",
    "a subscription's token": f"1791234567.jqfmjmxtsqx3.{'0123456789abcdef' * 2}.{'Zm9vYmFy' * 5}YmE",
    "a chat's URL": "https://hooks.slack.com/services/T0CANARY/B0CANARY/canarycanarycanary",
    "a password in a URL": "redis://:canarypassword@redis:6379/0",
    "a mailbox": "private.person@customer.example",
    "a session": "sessionid=canarysessionid0123456789abcdef",
}
WORDS = ("nwXTq0c3", "QUJDREVG", "0123456789abcdef", "Zm9vYmFy", "CANARY", "canary", "private.person")
FORMS = ("json", "text")


def routes(patterns: list[Any], before: str = "") -> Iterator[str]:
    """Every route of the installation, spelled as its pattern."""
    for each in patterns:
        route = before + str(each.pattern).lstrip("^").rstrip("$").replace("\\Z", "")
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, route)
        elif isinstance(each, URLPattern):
            yield route


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_secret_is_masked_wherever_it_stands_in_a_line(secret: str, form: str) -> None:
    log = logging.getLogger("incidents.x")
    with written(form) as lines:
        log.warning("it was %s, and then", secret)
        log.warning("beside", extra={"fact": secret, "facts": {"inner": [secret]}, "raw": secret.encode()})
        try:
            raise ValueError(secret)  # noqa: TRY301  (a traceback is what is looked at)
        except ValueError:
            log.exception("it failed")
        log.warning("stack", stack_info=True, extra={"object": ValueError(secret)})
    said = lines.getvalue()
    assert "it failed" in said
    for part in (secret, *WORDS):
        assert part not in said, said


@pytest.mark.parametrize("form", FORMS)
def test_an_error_of_the_web_names_its_path_and_neither_query_nor_request(form: str) -> None:
    request = RequestFactory().get("/v1/pages/zzzz", {"api_key": SECRETS["an API key"], "q": "canaryquery"})
    with written(form) as lines:
        logging.getLogger("django.request").warning(
            "Not Found: %s", request.path, extra={"status_code": 404, "request": request}
        )
        logging.getLogger("django.request").warning("Not Found: %s", request.get_full_path())
    said = lines.getvalue()
    assert "/v1/pages/zzzz" in said
    assert "WSGIRequest" not in said
    assert "canaryquery" not in said
    assert "api_key" not in said


def test_every_route_with_a_secret_in_its_path_is_masked() -> None:
    named = ("<str:token>", "<slug:edition>", "(?P<key>", "beats/<slug:code>")
    found = [route for route in routes(get_resolver().url_patterns) if any(each in route for each in named)]
    assert len(found) > 8, found
    for route in found:
        before = min((route.index(each) for each in named if each in route), default=0)
        path = route[:before].replace("(?P<uidb36>[0-9A-Za-z]+)-", "") + "canarysegment"
        if "beats" in route:
            path = "beats/canarysegment"
        assert "canarysegment" not in masked_text(f"Not Found: /{path}"), route
        assert "canarysegment" not in masked_text(f"Not Found: /{path}/fail"), route


def test_a_real_tour_of_links_that_open_something_leaves_none_of_them_in_the_log(db: None) -> None:
    token = SECRETS["a subscription's token"]
    for number, form in enumerate(FORMS):
        # A network of its own for each: refusals that repeat for one are logged once a minute.
        client = Client(REMOTE_ADDR=f"203.0.113.{number}")
        with written(form) as lines:
            for path in (
                f"/subscriptions/manage/{token}",
                f"/subscriptions/unsubscribe/{token}",
                "/accounts/password/reset/key/3-canaryreset-canary/",
                "/beats/canarybeat",
                "/customers/canaryedition",
                f"/v1/pages?api_key={SECRETS['an API key']}",
                "/nowhere?canaryquery=1",
            ):
                client.get(path, headers={"Cookie": SECRETS["a session"]})
        said = lines.getvalue()
        assert said.count("Not Found") >= 3
        for word in (token, token[:40], "canary", PREFIX + "nwXT"):
            assert word not in said, said


@pytest.mark.parametrize(
    "part", ["a", "/", "?", "a.", "a@", "=", "://", "dt_", "gAAAA", "0.", "cookie", "a-", "a://"]
)
def test_masking_takes_time_in_proportion_however_hostile_the_line_is(part: str) -> None:
    def took(size: int) -> float:
        text = part * (size // len(part))
        began = time.process_time()
        masked_text(text)
        return time.process_time() - began

    took(1000)
    assert took(400_000) < 40 * max(took(40_000), 0.005)


def test_a_line_in_json_stays_one_object_whatever_was_masked() -> None:
    with written("json") as lines:
        logging.getLogger("incidents.x").warning('"Cookie": "a\\"b" %s', "x\ny?z=1", extra={"Cookie": 'a"b'})
    (line,) = lines.getvalue().splitlines()
    assert json.loads(line)["level"] == "warning"
