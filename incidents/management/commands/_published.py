"""What verification compares with: the published documents, and files that somebody kept."""

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import CommandError

from incidents.domain.published import Published, read_publication
from incidents.publishing.integrity import read_published
from incidents.publishing.publisher import the_store

UNUSABLE = 2
"""The exit status for a file that says nothing, as for a command line that cannot be read: nothing was found wrong."""
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
    found = read_published(the_store())
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
