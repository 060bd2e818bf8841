"""SITE_URL is part of every published document: a command that has another than the servers would change their links.

The folder of published documents remembers the address. It changes when all pages are published under another one with
somebody's consent; until then commands refuse to publish, and servers, which must not wait for anybody, say so.
"""

import logging
import time

from django.conf import settings

from incidents.publishing.store import Store

log = logging.getLogger(__name__)
LOG_SECONDS = 60.0


class OtherAddress(RuntimeError):
    """A command's SITE_URL is not the one that is published."""


class _State:
    """Of this process."""

    is_accepted = False
    next_log = 0.0


def accept_address() -> None:
    """Publish under SITE_URL in this process, whatever is published."""
    _State.is_accepted = True


def require_address(store: Store) -> None:
    """Called before anything is published. Raises OtherAddress in a command that nobody has told `--yes`."""
    published = store.site_url()
    if published in {None, settings.SITE_URL} or _State.is_accepted:
        return
    if settings.IS_MANAGE_COMMAND:
        raise OtherAddress(
            f"SITE_URL is {settings.SITE_URL} here, and the published pages have {published}; nothing was published. "
            "Set SITE_URL as the server has it, or name its environment file; to move all pages to another address: "
            "manage.py publish --all --yes"
        )
    if time.monotonic() >= _State.next_log:
        _State.next_log = time.monotonic() + LOG_SECONDS
        log.error(
            "SITE_URL is not the one that the published pages have; `manage.py publish --all --yes` moves all of them",
            extra={"site_url": settings.SITE_URL, "published": published},
        )
