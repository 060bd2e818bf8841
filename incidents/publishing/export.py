"""A whole site as plain files, for a web server that shows it when everything else is down (DESIGN 11).

The published folder is all it reads: no database. A single page is the folder itself; of several pages each has a
folder named by its code, with a link for each host that it answers and `default` for all other hosts.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.template.loader import render_to_string

from incidents.publishing.assets import asset_url
from incidents.publishing.earlier import Earlier
from incidents.publishing.plain_files import ENDINGS, PlainFiles
from incidents.publishing.site import ATOM, CALENDAR, DOCUMENTS, RSS
from incidents.publishing.store import Store
from incidents.publishing.subjects import About
from incidents.publishing.swapping import whole_folder

MARK = ".dialtone-export"
"""The file by which we know a folder as an export, which may be replaced."""
DEFAULT = "default"
_HOST = re.compile(r"[a-z0-9_][a-z0-9._-]*|\[[0-9a-f:.]+\]")
"""Host names that are safe as names of links: they lead nowhere else."""
FOLLOWED = {ATOM: "Atom feed", RSS: "RSS feed", CALENDAR: "Calendar"}


class NothingPublished(RuntimeError):
    """There is nothing to export."""


@dataclass(frozen=True, slots=True)
class Exported:
    """One page in an export: its folder, the hosts that it answers, and what no file system takes."""

    code: str
    place: Path
    hosts: tuple[str, ...]
    documents: int
    left_out: tuple[str, ...]


def export_site(store: Store, place: Path, *, hosts: Iterable[str], replace: bool) -> list[Exported]:
    """Write every published page below `place`, whole or not at all; `hosts` are those of the installation.

    Raises NothingPublished, swapping.Occupied, BrokenBundle for a torn document, TimeoutError when a publisher keeps
    a page for too long, and OSError.
    """
    done = []
    with whole_folder(place, mark=MARK, replace=replace) as site:
        codes = store.codes()
        if not codes:
            raise NothingPublished("No page is published yet.")
        answered = dict(_answered(store, hosts, codes))
        facts = {"began": datetime.now(UTC).isoformat(), "hosts": answered}
        (site / MARK).write_text(json.dumps(facts, indent=2) + "\n")
        for code in codes:
            inner = code if len(codes) > 1 else ""
            files = _export_page(store, code, site / inner, earlier=_earlier(place, inner))
            names = tuple(host for host, answering in answered.items() if answering == code)
            done.append(Exported(code, place / inner, names, files.count, tuple(files.left_out)))
        if len(codes) > 1:
            for host, code in answered.items():
                if host not in codes:
                    (site / host).symlink_to(code, target_is_directory=True)
    return done


def _answered(store: Store, hosts: Iterable[str], codes: Collection[str]) -> Iterator[tuple[str, str]]:
    """Each host with the page that it shows, as the front would choose it."""
    table = store.hosts()
    for host in sorted({*table.pages, *hosts, DEFAULT}):
        code = table.page_of(host)
        if code and code in codes and _HOST.fullmatch(host):
            yield host, code


def _earlier(place: Path, inner: str) -> Earlier | None:
    """The page in the export that is to be replaced; its mark was written when it began."""
    mark = place / MARK
    if not mark.exists():
        return None
    return Earlier(place / inner, began=mark.stat().st_mtime_ns, endings=tuple(ENDINGS.values()))


def _export_page(store: Store, code: str, place: Path, *, earlier: Earlier | None) -> PlainFiles:
    """First all of it, while publishing goes on; then under the page's lock what has changed meanwhile."""
    folder = store.page(code)
    pointer = folder.pointer()
    is_silent = store.is_silent(pointer.fresh_seconds if pointer else None)
    files = PlainFiles(folder, place, is_silent=is_silent, earlier=earlier)
    files.bring()
    with folder.lock():
        files.bring()
    for path, template in (("/subscriptions", "pages/copy.html"), ("/404.html", "404.html")):
        context = {"follow": list(_followed()), "css": asset_url("page.css")}
        files.write_page(path, render_to_string(template, context).encode())
    files.bring_assets()
    return files


def _followed() -> Iterator[tuple[str, str]]:
    """What can be followed without leaving an address: path and words of the page's feeds and calendar."""
    for document in DOCUMENTS:
        if document.about == About.PAGE and document.media_type in FOLLOWED:
            yield document.pattern, FOLLOWED[document.media_type]
