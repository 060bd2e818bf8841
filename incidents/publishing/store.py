"""Where published bytes lie: bytes in, bytes out, and nothing of one page in another's folder (DESIGN 11).

    hosts.json                     which page answers which host
    heartbeat                      touched by monitoring
    site-url                       the SITE_URL that is in the documents' links
    lock, press, witness           held by who writes the hosts, makes PDFs, publishes heads of the audit
    pages/<code>/pointer.json      what is current; swapped last
    pages/<code>/documents/<path>  one bundle a document, the path percent-encoded
    pages/<code>/wanted/<incident> a note that an RFO of it still lacks its PDF, valid from the file's time on
    pages/<code>/unsigned/<path>   a note that an RFO version, below that path, is not to be signed any more
    pages/<code>/lock, drafts/     the writer's own

Every file is written beside its place and renamed into it. Readers need neither lock nor database. What is published
is readable by every account that may enter the folder, whatever the umask of the process.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from incidents.formatting.public_files import PUBLIC_FILE, public_folder
from incidents.operations.errors import is_disk_full
from incidents.publishing.bundles import MAGIC, BrokenBundle, Bundle, dump, load

LONGEST_PATH = 400
FORM = MAGIC.decode().strip()
MAX_REST_SECONDS = 3600.0
"""No note rests for longer."""
RETRY_SECONDS = 0.01
_LONGEST_NAME = 240
"""Bytes of a file's name that every file system takes; a longer one is cut and told apart by a digest."""


class DiskFull(OSError):
    """What is to be published finds no room; what was published before is still served."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """What is current of a page.

    `revision` is the newest journal event in the documents and `revision_at` its instant, which tells it from another
    event of that number in a database that was restored; `published_at` an ISO 8601 instant in UTC; `fresh_seconds`
    how old the heartbeat may become before the stale renderings hold, None for a page that nothing monitors;
    `unconfirmed` the codes of components that no probe vouches for, or that one contradicts; `months` those (yyyy-mm)
    that have a document; `checked_at` the instant of the newest check, empty before any; `confirmed` whether all of
    it was when it was published, None where nothing watches a part; `lacking_at` when all of the page was last
    published and some of it failed, empty where nothing did; `form` how the bundles are written, so that an upgrade
    publishes everything again.
    """

    revision: int
    published_at: str
    fresh_seconds: float | None = None
    unconfirmed: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    revision_at: str = ""
    checked_at: str = ""
    confirmed: bool | None = None
    lacking_at: str = ""
    form: str = FORM


@dataclass(frozen=True, slots=True)
class Hosts:
    """Page codes by host; `default` answers every allowed host that none claims."""

    default: str | None = None
    pages: Mapping[str, str] = field(default_factory=dict)

    def page_of(self, host: str) -> str | None:
        """The code of the page that answers `host` (lower case, no port)."""
        return self.pages.get(host, self.default)


class Store:
    """A folder of published pages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hosts_file = folder / "hosts.json"
        self.heartbeat = folder / "heartbeat"
        self._site_url_file = folder / "site-url"

    def page(self, code: str) -> "PageFolder":
        """The folder of one page; it need not exist yet."""
        return PageFolder(self.folder / "pages" / code)

    def codes(self) -> list[str]:
        """The codes of all pages that were ever published, in order."""
        return sorted(file.parent.name for file in self.folder.glob("pages/*/pointer.json"))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep others from writing the table of hosts."""
        public_folder(self.folder)
        with (self.folder / "lock").open("wb") as handle:
            _take(handle, 60.0)
            yield

    @contextmanager
    def press(self) -> Iterator[None]:
        """Be the only one who makes PDFs. Raises TimeoutError when another one does."""
        public_folder(self.folder)
        with (self.folder / "press").open("wb") as handle:
            _take(handle, 0.0)
            yield

    @contextmanager
    def witness(self, patience: float = 0.0) -> Iterator[None]:
        """Be the only one who publishes heads of the audit; `patience` is how many seconds to wait for another one.

        Raises TimeoutError when it still does.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "witness").open("wb") as handle:
            _take(handle, patience)
            yield

    def is_silent(self, fresh_seconds: float | None) -> bool:
        """Whether monitoring has been silent for longer than a page allows (its pointer's `fresh_seconds`).

        Then the stale renderings hold. A page that nothing monitors allows any silence. A heartbeat as far in the
        future is none either: the clock was set back, and whoever is alive soon writes it anew.
        """
        if fresh_seconds is None:
            return False
        try:
            return abs(time.time() - self.heartbeat.stat().st_mtime) > fresh_seconds
        except OSError:
            return True

    def hosts(self) -> Hosts:
        """Which page answers which host; nothing while nothing is published."""
        facts = _read_json(self.hosts_file)
        return Hosts(facts["default"], facts["pages"]) if facts.keys() == {"default", "pages"} else Hosts()

    def site_url(self) -> str | None:
        """The SITE_URL of all that is published; None while nothing is."""
        try:
            return self._site_url_file.read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError):
            return None

    def remember_site_url(self, site_url: str) -> None:
        """All is published under this address now."""
        if site_url != self.site_url():
            _replace(self._site_url_file, f"{site_url}\n".encode(), beside=self.folder)

    def write_hosts(self, hosts: Hosts) -> None:
        """Replace the table of hosts, where it has changed at all."""
        if hosts != self.hosts():
            _replace(self.hosts_file, _json(asdict(hosts)), beside=self.folder)


class PageFolder:
    """One page's documents."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pointer_file = folder / "pointer.json"
        self._documents = folder / "documents"
        self._drafts = folder / "drafts"
        self._wanted = folder / "wanted"
        self._unsigned = folder / "unsigned"

    @contextmanager
    def lock(self, patience: float = 60.0) -> Iterator[None]:
        """Keep every other publisher of this page out, in whatever process; what a dead one left is swept up.

        Raises TimeoutError when another one holds it for longer than `patience` seconds.
        """
        for each in (self._documents, self._drafts, self._wanted, self._unsigned):
            public_folder(each)
        with (self.folder / "lock").open("wb") as handle:
            _take(handle, patience)
            for draft in self._drafts.iterdir():
                draft.unlink()
            yield

    def file_of(self, path: str) -> Path:
        """The file of a public path; unambiguous, and no path leads out of the folder."""
        name = quote(path, safe="")
        if len(name) > _LONGEST_NAME:
            name = f"{name[:160]}~{hashlib.sha256(path.encode()).hexdigest()}"
        return self._documents / name

    def write(self, content: Bundle) -> None:
        """Put a document in place, whole."""
        if not content.path.startswith("/") or len(content.path) > LONGEST_PATH:
            raise ValueError(f"{content.path!r} cannot be the path of a document.")
        _replace(self.file_of(content.path), dump(content), beside=self._drafts)

    def read(self, path: str) -> Bundle | None:
        """The document at a path, or None where there is none or only a torn one."""
        if not path.startswith("/") or len(path) > LONGEST_PATH:
            return None
        try:
            return load(self.file_of(path).read_bytes())
        except (OSError, BrokenBundle):
            return None

    def remove(self, path: str) -> None:
        """Take a document away; harmless where there is none."""
        self.file_of(path).unlink(missing_ok=True)

    def files(self) -> Iterator[Path]:
        """The files of all documents, in no particular order."""
        yield from self._documents.iterdir()

    def documents(self) -> Iterator[Bundle]:
        """All documents, in no particular order."""
        for file in self.files():
            yield load(file.read_bytes())

    def keep_only(self, paths: Iterable[str], *, below: str = "") -> None:
        """Take away every document but those at the given paths, and at those that begin with `below`, if given."""
        kept, start = {self.file_of(path).name for path in paths}, quote(below, safe="")
        for file in self._documents.iterdir():
            if file.name not in kept and not (start and file.name.startswith(start)):
                file.unlink(missing_ok=True)

    def want(self, incident: int) -> None:
        """Note that an RFO of the incident lacks its PDF, which is to be made now."""
        (self._wanted / str(incident)).touch()

    def unwant(self, incident: int) -> None:
        """Take the note away; harmless where there is none."""
        (self._wanted / str(incident)).unlink(missing_ok=True)

    def postpone(self, incident: int, seconds: float) -> None:
        """Let the note rest for a while."""
        later = time.time() + min(seconds, MAX_REST_SECONDS)
        with contextlib.suppress(FileNotFoundError):
            os.utime(self._wanted / str(incident), (later, later))

    def rests(self, incident: int) -> bool:
        """Whether there is a note that is not valid yet: what it asks for could not be made a while ago."""
        try:
            return _rests((self._wanted / str(incident)).stat().st_mtime)
        except FileNotFoundError:
            return False

    def wanted(self) -> list[int]:
        """The incidents whose notes are valid now, the oldest note first."""
        found = []
        for note in self._wanted.iterdir() if self._wanted.exists() else ():
            with contextlib.suppress(FileNotFoundError):
                found.append((note.stat().st_mtime, int(note.name)))
        return [incident for since, incident in sorted(found) if not _rests(since)]

    def sign_no_more(self, path: str) -> None:
        """Note that the RFO version at the path gets no new signature, ever."""
        (self._unsigned / quote(path, safe="")).touch()

    def may_sign(self, path: str) -> bool:
        """Whether there is no such note."""
        return not (self._unsigned / quote(path, safe="")).exists()

    def pointer(self) -> Pointer | None:
        """What is current; None for a page that was never published."""
        facts = _read_json(self.pointer_file)
        if facts.keys() != {each.name for each in fields(Pointer)} or facts["form"] != FORM:
            return None
        return Pointer(
            **{**facts, "unconfirmed": tuple(facts["unconfirmed"]), "months": tuple(facts["months"])}
        )

    def point(self, pointer: Pointer) -> None:
        """Make what was written the current revision."""
        _replace(self.pointer_file, _json(asdict(pointer)), beside=self._drafts)


def _rests(until: float) -> bool:
    """Whether a note's time is still to come; one further ahead was written before the clock was set back."""
    return 0 < until - time.time() <= MAX_REST_SECONDS


def _take(handle: IO[bytes], patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{handle.name} is held by another publisher") from None
            time.sleep(RETRY_SECONDS)
        else:
            return


def _replace(file: Path, content: bytes, *, beside: Path) -> None:
    draft = beside / f".{os.getpid()}.{secrets.token_hex(6)}"
    try:
        draft.write_bytes(content)
        draft.chmod(PUBLIC_FILE)
        draft.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)  # on a full disk its remains would keep the next ones out
        if is_disk_full(error):
            raise DiskFull(f"no room on the disk of PUBLISH_DIR: {error}") from error
        raise


def _json(facts: object) -> bytes:
    return json.dumps(facts, sort_keys=True).encode()


def _read_json(file: Path) -> dict[str, Any]:
    """The object in the file; an empty one where there is none."""
    try:
        facts = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}
