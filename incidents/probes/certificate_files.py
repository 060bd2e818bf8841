"""The certificate files of a directory, looked at beside the loop, so that no other probe waits for them."""

import asyncio
import os
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from incidents.sip.errors import LocalFault
from incidents.sip.flaws import LADDER, Flaw
from incidents.sip.lint import Linted, lint_file, read_issuers
from incidents.sip.threads import in_thread

SUFFIXES = (".pem", ".crt", ".cer", ".cert")
MOST_FILES = 10_000
MOST_ENTRIES = 200_000
SLICE_SECONDS = 0.05
"""So long a thread works before it asks whether anybody still waits."""


@dataclass(frozen=True, slots=True)
class Look:
    """Which files to look at, and what to look for."""

    place: Path
    ca_file: str = ""
    suffixes: Sequence[str] = SUFFIXES
    warn_days: int = LADDER[0]
    keys: bool = True


@dataclass
class Store:
    """What was found, in the order of paths; `is_whole` unless time or the number of files ran out."""

    checked: list[Linted] = field(default_factory=list)
    closed: list[Path] = field(default_factory=list)
    is_whole: bool = True

    @property
    def bad(self) -> list[Linted]:
        """The files that would keep somebody out."""
        return [each for each in self.checked if each.is_bad]

    @property
    def odd(self) -> list[Linted]:
        """The files that somebody should look at, though they keep nobody out; what ends first comes first."""
        never = datetime.max.replace(tzinfo=UTC)
        found = (each for each in self.checked if each.findings and not each.is_bad)
        return sorted(found, key=lambda each: each.not_after or never)


async def lint_store(look: Look, *, deadline: float) -> Store:
    """Every certificate file of a directory and those below it, or one file, until `deadline` (loop time).

    Raises:
        LocalFault: the place or the trust file cannot be read.
    """
    store = Store()
    work = _work(look, store)
    try:
        async with asyncio.timeout_at(deadline):
            while await in_thread(lambda: _slice(work), name="certificates"):
                pass
    except TimeoutError:
        store = Store(list(store.checked), list(store.closed), is_whole=False)
    store.checked.sort(key=lambda each: each.file)
    return store


def _slice(work: Iterator[None]) -> bool:
    """Go on for a while; whether there is more to do."""
    ends = time.monotonic() + SLICE_SECONDS
    return any(time.monotonic() > ends for _ in work)


def _work(look: Look, store: Store) -> Iterator[None]:
    """Fill `store`, a pause after each entry of a directory."""
    issuers = _issuers(look.ca_file)
    suffixes = {suffix.lower() for suffix in look.suffixes}
    for count, file in enumerate(_entries(look.place, store)):
        if count >= MOST_ENTRIES or len(store.checked) >= MOST_FILES:
            store.is_whole = False
            return
        if file and (file == look.place or file.suffix.lower() in suffixes):
            found = _lint(file, issuers, look)
            store.checked += [found] if found else []
        yield


def _lint(file: Path, issuers: Sequence[x509.Certificate], look: Look) -> Linted | None:
    found = lint_file(file, at=datetime.now(UTC), issuers=issuers, warn_days=look.warn_days, keys=look.keys)
    if (
        found
        and found.findings[:1]
        and found.findings[0].flaw == Flaw.UNREADABLE
        and not os.path.lexists(file)
    ):
        return None  # it was taken away while we looked
    return found


def _issuers(ca_file: str) -> list[x509.Certificate]:
    if not ca_file:
        return []
    issuers = read_issuers(Path(ca_file))
    if not issuers:
        raise LocalFault(f"trust file holds no certificate: {ca_file}")
    return issuers


def _entries(place: Path, store: Store) -> Iterator[Path | None]:
    """The files of a directory and of those below it, None for these, or the one file; no links to directories."""
    folders: list[Path] = []
    try:
        if not stat.S_ISDIR(place.stat().st_mode):
            yield place
            return
        yield from _inside(place, folders)
    except OSError as error:
        words = (error.strerror or "no reason").lower()
        raise LocalFault(f"{place} cannot be read: {words}") from error
    while folders:
        folder = folders.pop()
        try:
            yield from _inside(folder, folders)
        except FileNotFoundError:
            continue
        except OSError:
            store.closed.append(folder)


def _inside(folder: Path, below: list[Path]) -> Iterator[Path | None]:
    """The files of one directory; the directories go to `below`, but for hidden ones."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield Path(entry.path)
                continue
            below += [] if entry.name.startswith(".") else [Path(entry.path)]
            yield None
