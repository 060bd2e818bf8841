"""`manage.py import_rfo FILE --incident CODE`: a carrier's letter becomes the draft of an incident's RFO."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import CommandError
from django.urls import reverse

from incidents.domain import zones
from incidents.domain.letters import DateOrder, RfoLetter, read_rfo_letter
from incidents.domain.reports import ReportError
from incidents.domain.word_files import pictures_in
from incidents.management.printing import refuse_losses
from incidents.management.publishing_command import PublishingCommand
from incidents.management.text_files import read_text
from incidents.models import Incident
from incidents.operations.actors import IMPORT
from incidents.operations.attachments import letter_from
from incidents.operations.errors import Refused
from incidents.operations.rfo_letters import attach_letter, check_letter, letter_context

LARGEST = 1024 * 1024
LARGEST_DOCX = 20 * 1024 * 1024
MARKDOWN = frozenset({".md", ".markdown"})


class Command(PublishingCommand):
    """Nothing of the draft is public before somebody has reviewed and published it."""

    help = "Import a letter-style RFO (text, Markdown or DOCX) as the draft of an incident's RFO."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE and the incident that it is about."""
        parser.add_argument("file", type=Path, help="the letter: .txt, .md or .docx")
        parser.add_argument("--incident", required=True, metavar="CODE", help="the code of its incident")
        parser.add_argument(
            "--date-order",
            type=DateOrder,
            choices=list(DateOrder),
            default=None,
            help="dmy or mdy, where the letter's dates in figures could be either",
        )
        parser.add_argument("--zone", default="", help="IANA zone of the letter's times")
        parser.add_argument("--encoding", default="", help="of a text that is not UTF-8, such as cp1252")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="put the letter in the place of a draft that is not in review",
        )
        parser.add_argument(
            "--accept-loss", action="store_true", help="import although some of the file finds no place"
        )
        parser.add_argument("--check", action="store_true", help="write nothing, say how it would be read")

    def handle(self, *_: Any, file: Path, incident: str, **options: Any) -> None:
        """Nothing is written unless all of it can be."""
        row = Incident.objects.select_related("page").filter(code=incident).first()
        if row is None:
            raise CommandError(f"--incident: there is no incident {incident!r}.")
        letter = self._read(file, row, options)
        for warning in letter.warnings:
            self.stderr.write(self.style.WARNING(f"warning: {file.name}: {warning}"))
        for note in letter.notes:
            self.stdout.write(note)
        try:
            if options["check"]:
                check_letter(row, letter, replaces=options["replace"])
                self.stdout.write("Nothing was written: --check.")
                return
            draft, is_new = attach_letter(
                row, letter, replaces=options["replace"], by=IMPORT, at=datetime.now(UTC)
            )
        except Refused as error:
            raise CommandError(f"{file}: {error.field}: {error}") from error
        what = "is a draft" if is_new else f"is {draft.state} with these words already: nothing new"
        self.stdout.write(
            f"{draft}: {what}. Nothing of it is public before staff publish it; they sign in at"
        )
        self.stdout.write(f"{settings.SITE_URL}{reverse('console:rfo', args=[row.code])}")

    def _read(self, file: Path, incident: Incident, options: dict[str, Any]) -> RfoLetter:
        about = letter_context(incident)
        is_docx = file.suffix.lower() == ".docx"
        losses: list[str] = []
        if is_docx:
            text, pictures = self._docx(file)
            losses += (
                [f"{file.name}: {pictures} pictures; attach them to the RFO instead"] if pictures else []
            )
        else:
            text = read_text(file, most=LARGEST, what="letter", encoding=options["encoding"])
        try:
            letter = read_rfo_letter(
                text,
                about,
                is_markdown=is_docx or file.suffix.lower() in MARKDOWN,
                order=options["date_order"],
                zone=self._zone(options["zone"]),
            )
        except ReportError as error:
            raise CommandError(f"{file}: {error}") from error
        losses += [f"{file.name}: {each}" for each in letter.losses]
        refuse_losses(losses, accepted=options["accept_loss"])
        return letter

    def _docx(self, file: Path) -> tuple[str, int]:
        """The words of a Word document as Markdown, and the number of its pictures."""
        try:
            with file.open("rb") as opened:
                content = opened.read(LARGEST_DOCX + 1)
        except OSError as error:
            raise CommandError(f"{file}: cannot be read: {error}") from error
        if len(content) > LARGEST_DOCX:
            raise CommandError(f"{file}: larger than {LARGEST_DOCX:,} bytes; this is no letter")
        try:
            return letter_from(file.name, content), pictures_in(content)
        except Refused as error:
            raise CommandError(f"{file}: {error}") from error

    def _zone(self, name: str) -> ZoneInfo | None:
        try:
            return zones.zone(name) if name else None
        except zones.UnknownZone as error:
            raise CommandError(f"--zone: {error}") from error
