"""A published page as plain files: `/incidents/<code>` becomes `incidents/<code>/index.html`, and so on."""

import shutil
from pathlib import Path

from django.contrib.staticfiles import finders

from incidents.publishing.store import PageFolder

ASSETS = ("page.css", "page.js", "favicons")


def export_page(folder: PageFolder, place: Path) -> int:
    """Write every document and what it links to; returns how many documents there were.

    Only what is published is exported, so nothing that is not public can get into it.
    """
    count = 0
    with folder.lock():
        for document in folder.documents():
            name = document.path.strip("/")
            if document.media_type.startswith("text/html"):
                name = f"{name}/index.html"
            file = place / name.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(document.fresh.bodies["identity"])
            count += 1
    for asset in ASSETS:
        found = finders.find(asset)
        if isinstance(found, str):
            _copy(Path(found), place / "static" / asset)
    return count


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)
