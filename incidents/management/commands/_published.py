"""What verification compares with: the published documents, and files that somebody kept."""

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import CommandError

from incidents.domain.published import Published, read_publication
from incidents.publishing.integrity import read_published
from incidents.publishing.integrity_documents import INTEGRITY
from incidents.publishing.publisher import the_store
from incidents.publishing.store import Store

UNUSABLE = 2
"""The exit status for a file that says nothing, as for a command line that cannot be read: nothing was found wrong."""
UNREADABLE = 3
"""The exit status where something could not be checked."""
LARGEST = 64 * 1024 * 1024


def add_against(parser: ArgumentParser) -> None:
    """`--against FILE`, which may be repeated."""
    parser.add_argument(
        "--against",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a saved daily mail, or a saved copy of /.well-known/dialtone-integrity.json; may be repeated",
    )


def known_publications(files: Iterable[Path]) -> Published:
    """The published documents and the files. Raises CommandError for a file that cannot be read or says nothing."""
    store = the_store()
    found = read_published(store)
    _check_readable(store)
    for file in files:
        try:
            with file.open("rb") as content:
                text = content.read(LARGEST).decode("utf-8", "replace")
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error}", returncode=UNUSABLE) from error
        publication = read_publication(text, source=file.name)
        if not publication.heads and not publication.versions:
            raise CommandError(
                f"{file} names neither a head of the audit nor an RFO version.", returncode=UNUSABLE
            )
        found.publications.append(publication)
    return found


def _check_readable(store: Store) -> None:
    """A witness that cannot be read is not one that says nothing. Raises CommandError."""
    for code in store.codes():
        folder = store.page(code)
        try:
            is_torn = folder.file_of(INTEGRITY).exists() and folder.read(INTEGRITY) is None
        except OSError as error:
            raise CommandError(
                f"The published heads cannot be read: {error}", returncode=UNREADABLE
            ) from error
        if is_torn:
            words = f"The published heads of page {code} cannot be read. Run as the user of the server, or publish."
            raise CommandError(words, returncode=UNREADABLE)
