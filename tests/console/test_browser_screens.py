"""Every screen of the console and of the account: axe, no sideways scrolling, small, phone and desk, light and dark."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.console.signing_in import sign_in
from tests.peers.browser import look

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}
SCHEMES = ("light", "dark")
NO_SCREEN = frozenset(
    {
        *("look-sample", "logo", "attachment", "download-person", "export-subscribers"),
        *("draft-update", "draft-opening", "presence", "words-preview"),
    }
)
ACCOUNT = (
    "2fa/",
    "2fa/totp/activate/",
    "2fa/webauthn/add/",
    "2fa/webauthn/",
    "sessions/",
    "password/change/",
)


@pytest.mark.parametrize(("size", "scheme"), [(size, scheme) for size in SIZES for scheme in SCHEMES])
@pytest.mark.usefixtures("dana")
def test_every_screen_is_free_of_violations(
    browser: Browser, live_server: Any, addresses: dict[str, str], size: str, scheme: Any
) -> None:
    page = browser.new_context(viewport=SIZES[size], color_scheme=scheme).new_page()  # type: ignore[arg-type]
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if "Content Security" in message.text else None,
    )
    sign_in(page, live_server.url)
    shown = [path for name, path in addresses.items() if name not in NO_SCREEN]
    found = []
    for path in [*shown, *(f"/accounts/{each}" for each in ACCOUNT)]:
        answer = page.goto(live_server.url + path)
        assert answer
        found += look(page)
        if len(answer.body()) > 60_000:
            found.append(f"{path}: {len(answer.body())} bytes")
    assert found == []
    assert complaints == []
