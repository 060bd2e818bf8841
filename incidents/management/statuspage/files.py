"""Documents of a Statuspage that somebody has saved: one file, or a folder of them."""

import json
from pathlib import Path

from incidents.domain.archives import Archive, NoArchive

LARGEST = 200 * 1024 * 1024


def read_files(place: Path) -> Archive:
    """All `.json` files of a folder, or the one file. Raises NoArchive naming the file that is wrong."""
    files = sorted(place.rglob("*.json")) if place.is_dir() else [place]
    if not files:
        raise NoArchive(f"{place} holds no .json file")
    archive = Archive()
    for file in files:
        try:
            if file.stat().st_size > LARGEST:
                raise NoArchive(f"it is larger than {LARGEST:,} bytes")
            documents = json.loads(file.read_bytes())
            for each in documents if isinstance(documents, list) else [documents]:
                archive.take(each)
        except (OSError, ValueError, RecursionError) as error:
            raise NoArchive(f"{file}: {error}") from error
    return archive
