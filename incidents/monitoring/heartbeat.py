"""The sign of life that lets a page say "not confirmed" when monitoring has died with everything else (DESIGN 11).

It is a file beside the public documents, because whoever serves those needs no database.
"""

from pathlib import Path

from django.conf import settings


def beat() -> None:
    """Touch the file; the web front compares its age with what each page allows."""
    file = Path(settings.PUBLISH_DIR) / "heartbeat"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
