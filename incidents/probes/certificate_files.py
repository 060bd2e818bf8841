"""The certificate files of a directory, looked at beside the loop, so that no other probe waits for them."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from cryptography import x509

from incidents.sip.errors import LocalFault
from incidents.sip.lint import Linted, lint_file, read_issuers

SUFFIXES = frozenset({".pem", ".crt", ".cer", ".cert"})
MOST_FILES = 20_000
_AT_ONCE = 10


@dataclass
class Store:
    """What was found; `is_whole` unless time or the number of files ran out."""

    checked: list[Linted] = field(default_factory=list)
    is_whole: bool = True

    @property
    def bad(self) -> list[Linted]:
        """The files that would keep somebody out."""
        return [each for each in self.checked if each.is_bad]

    @property
    def odd(self) -> list[Linted]:
        """The files that somebody should look at, though they keep nobody out."""
        return [each for each in self.checked if each.findings and not each.is_bad]


async def lint_store(place: Path, *, ca_file: str, warn_days: int, deadline: float) -> Store:
    """Every certificate file of `place`, a directory or a file, until `deadline` (loop time).

    Raises:
        LocalFault: the place or the trust file cannot be read.
    """
    loop, store = asyncio.get_running_loop(), Store()
    issuers = await asyncio.to_thread(_issuers, ca_file)
    files = await asyncio.to_thread(_list, place)
    if len(files) > MOST_FILES:
        store.is_whole, files = False, files[:MOST_FILES]
    for start in range(0, len(files), _AT_ONCE):
        if loop.time() > deadline:
            store.is_whole = False
            break
        store.checked += await asyncio.to_thread(_lint, files[start : start + _AT_ONCE], issuers, warn_days)
    return store


def _lint(files: Sequence[Path], issuers: Sequence[x509.Certificate], warn_days: int) -> list[Linted]:
    at = datetime.now(UTC)
    found = (lint_file(file, at=at, issuers=issuers, warn_days=warn_days) for file in files)
    return [each for each in found if each is not None]


def _issuers(ca_file: str) -> list[x509.Certificate]:
    if not ca_file:
        return []
    issuers = read_issuers(Path(ca_file))
    if not issuers:
        raise LocalFault(f"trust file holds no certificate: {ca_file}")
    return issuers


def _list(place: Path) -> list[Path]:
    try:
        if not place.is_dir():
            place.stat()
            return [place]
        return sorted(islice(_walk(place), MOST_FILES + 1))
    except OSError as error:
        raise LocalFault(f"{place} cannot be read: {(error.strerror or 'no reason').lower()}") from error


def _walk(place: Path) -> Iterator[Path]:
    def complain(error: OSError) -> None:
        raise error

    for folder, _, names in os.walk(place, onerror=complain):
        yield from (Path(folder, name) for name in names if Path(name).suffix.lower() in SUFFIXES)
