"""Whether this user may keep an installation's files; said before anything is written."""

import os
import pwd
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def require_owner(folder: Path) -> None:
    """Raises ImproperlyConfigured where this user cannot write there, or would leave files that its owner cannot use.

    A file system that is mounted read-only is no reason: what is published can still be served from it. So is a folder
    of another's that is open to us, such as a volume's; but root may write everywhere, and what root leaves behind
    stops the server, which runs as somebody else.
    """
    place = folder
    with suppress(OSError):
        while not os.path.lexists(place) and place != place.parent:
            place = place.parent
    us = os.geteuid()
    try:
        owner = place.stat().st_uid
        is_ours = owner == us or (us != 0 and os.access(place, os.W_OK | os.X_OK))
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATA_DIR: the user {user_name(us)} cannot enter {folder}: {error.strerror}; run this as its owner"
        ) from error
    if place == folder and not is_ours:
        raise ImproperlyConfigured(
            f"DATA_DIR: {folder} belongs to {user_name(owner)}, and this runs as {user_name(us)}; "
            f"run it as {user_name(owner)}, such as with sudo -u {user_name(owner)}"
        )
    if place != folder and not os.access(place, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(
            f"DATA_DIR: {folder} is not there, and the user {user_name(us)} cannot make it in {place}; "
            "make it for the user that Dialtone runs as, or set DATA_DIR"
        )
    if place == folder and not folder.is_dir():
        raise ImproperlyConfigured(f"DATA_DIR: {folder} is not a folder")


def user_name(uid: int) -> str:
    """As `sudo -u` takes it."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"
