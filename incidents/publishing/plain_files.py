"""Published documents as plain files that any web server finds by their addresses.

An HTML document `x` is `x/index.html`, every other one a file of its own name, so a document may have others below it
as long as it is HTML. Each file has its compressed bodies beside it (`.gz`, `.br`), with the same time.
"""

import mimetypes
import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.contrib.staticfiles import finders

from incidents.publishing.bundles import Bundle, bundle, load
from incidents.publishing.earlier import Earlier
from incidents.publishing.store import PageFolder

LONGEST_NAME = 255
"""Bytes that file systems allow in a name."""
ENDINGS = {"identity": "", "gzip": ".gz", "br": ".br"}
_ASSET = re.compile(rf"{re.escape(settings.STATIC_URL)}((?:[\w-][\w.-]*/)*[\w-][\w.-]*)".encode())
_SECOND = 1_000_000_000

Mark = tuple[int, int]


class PlainFiles:
    """One page's documents below `place`, brought there and brought up to date.

    With `is_silent`, the stale renderings are written of what shows state. What has not changed since an `earlier`
    export is linked from there. `left_out` are the paths of attached documents whose names no file system takes.
    """

    def __init__(
        self, folder: PageFolder, place: Path, *, is_silent: bool, earlier: Earlier | None = None
    ) -> None:
        self.left_out: list[str] = []
        self._folder = folder
        self._place = place
        self._is_silent = is_silent
        self._earlier = None if is_silent else earlier
        self._brought: dict[str, tuple[Mark, Path]] = {}
        self._assets = set(earlier.below(settings.STATIC_URL.strip("/"))) if earlier else set()

    @property
    def count(self) -> int:
        """How many documents there are."""
        return len(self._brought)

    def bring(self) -> None:
        """Write each document that has changed since the last time, and take away those that are gone.

        Raises BrokenBundle for a document that is torn, OSError for a file that cannot be written.
        """
        present = set()
        for source in self._folder.files():
            try:
                stat = source.stat()
            except FileNotFoundError:
                continue
            mark = stat.st_mtime_ns, stat.st_ino
            known = self._brought.get(source.name)
            if known is None or known[0] != mark:
                file = self._linked(source, mark) or self._written(source, mark)
                if file is None:
                    continue
                self._brought[source.name] = mark, file
            present.add(source.name)
        for name in self._brought.keys() - present:
            _, file = self._brought.pop(name)
            for ending in ENDINGS.values():
                file.with_name(f"{file.name}{ending}").unlink(missing_ok=True)

    def bring_assets(self) -> None:
        """Copy the style sheets, scripts and pictures that the documents name, and what these name in turn."""
        done: set[str] = set()
        while wanted := self._assets - done:
            for name in wanted:
                found = finders.find(name)
                if isinstance(found, str) and Path(found).is_file():
                    self._write_asset(f"{settings.STATIC_URL}{name}", Path(found))
            done |= wanted

    def write_page(self, path: str, body: bytes) -> None:
        """Write an HTML document that only the copy has; a path that ends in `.html` is a file's own."""
        file = self._file_of(path, is_html=not path.endswith(".html"))
        self._put(file, bundle(path, "text/html", body).fresh.bodies)
        self._assets |= _named_in(body)

    def _linked(self, source: Path, mark: Mark) -> Path | None:
        return self._earlier.link(source.name, mark[0], self._place) if self._earlier else None

    def _written(self, source: Path, mark: Mark) -> Path | None:
        """The file; None for a document that was taken away while we looked."""
        try:
            raw = source.read_bytes()
        except FileNotFoundError:
            return None
        return self._write(load(raw), changed=mark[0])

    def _write(self, content: Bundle, *, changed: int) -> Path:
        """The file of a document; `changed` in nanoseconds since 1970.

        A server tells versions of a file apart by second and length, so the stale rendering gets a second of its own.
        """
        variant, since = content.fresh, changed
        if self._is_silent and content.stale:
            variant, since = content.stale, changed + _SECOND
        if not content.download:
            self._assets |= _named_in(variant.bodies["identity"])
        file = self._file_of(content.path, is_html=content.media_type.startswith("text/html"))
        if len(os.fsencode(file.name)) > LONGEST_NAME:
            self.left_out.append(content.path)
        else:
            self._put(file, variant.bodies, changed=since)
        return file

    def _write_asset(self, path: str, source: Path) -> None:
        body = source.read_bytes()
        media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
        content = bundle(path, media_type, body).fresh
        self._put(self._file_of(path, is_html=False), content.bodies, changed=source.stat().st_mtime_ns)
        if "gzip" in content.bodies:
            self._assets |= _named_in(body)

    def _file_of(self, path: str, *, is_html: bool) -> Path:
        inner = PurePosixPath(path.lstrip("/"))
        if ".." in inner.parts:
            raise ValueError(f"{path!r} leads out of the page.")
        return self._place / inner / "index.html" if is_html else self._place / inner

    def _put(self, file: Path, bodies: Mapping[str, bytes], *, changed: int | None = None) -> None:
        """Anew, since a file that is there may be the earlier export's, too."""
        file.parent.mkdir(parents=True, exist_ok=True)
        for encoding, ending in ENDINGS.items():
            beside = file.with_name(f"{file.name}{ending}")
            beside.unlink(missing_ok=True)
            if encoding in bodies:
                beside.write_bytes(bodies[encoding])
                if changed is not None:
                    os.utime(beside, ns=(changed, changed))


def _named_in(body: bytes) -> set[str]:
    return {name.decode() for name in _ASSET.findall(body)}
