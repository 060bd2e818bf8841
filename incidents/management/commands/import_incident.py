"""`manage.py import_incident FILE`: a saved Statuspage report becomes an incident or a maintenance."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db.models import Q

from incidents.domain.components import ComponentStatus
from incidents.domain.reports import Report, ReportError, parse_report
from incidents.domain.zones import UnknownZone
from incidents.management.printing import print_address, refuse_losses
from incidents.management.publishing_command import PublishingCommand
from incidents.management.text_files import read_text
from incidents.models import Page, Rfo
from incidents.operations.actors import IMPORT
from incidents.operations.errors import Refused
from incidents.operations.faults import faults_of
from incidents.operations.imports import import_report

LARGEST = 1024 * 1024


class Command(PublishingCommand):
    """Parse, write in one transaction, and print the incident's public address as the last line."""

    help = "Import a saved incident report (the text of a Statuspage incident page)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE and where it should go."""
        parser.add_argument("file", type=Path, help="the saved report, as text")
        parser.add_argument(
            "--page", default="", help="name or code of the page (default: as the report says)"
        )
        parser.add_argument(
            "--zone", default="", help="IANA zone of the report's times, if its letters are not enough"
        )
        parser.add_argument(
            "--hit",
            type=ComponentStatus,
            default=ComponentStatus.PARTIAL_OUTAGE,
            choices=list(ComponentStatus),
            help="how hard the components were hit, which a report does not say (default: %(default)s)",
        )
        parser.add_argument(
            "--begins", type=_instant, metavar="TIME", help="maintenance: when the work began or is to begin"
        )
        parser.add_argument(
            "--ends", type=_instant, metavar="TIME", help="maintenance: when it ended or is to end"
        )
        parser.add_argument("--encoding", default="", help="of a text that is not UTF-8, such as cp1252")
        parser.add_argument(
            "--accept-loss", action="store_true", help="import although some of the text finds no place"
        )
        parser.add_argument(
            "--attach",
            type=Path,
            action="append",
            default=[],
            help="a PDF, DOCX, PNG, JPEG or TXT for the RFO; repeatable",
        )

    def handle(
        self,
        *args: Any,
        file: Path,
        page: str,
        zone: str,
        hit: ComponentStatus,
        attach: list[Path],
        **options: Any,
    ) -> None:
        """Nothing is written unless all of it can be."""
        known = self._page(page) if page else None
        text = read_text(file, most=LARGEST, what="incident report", encoding=options["encoding"])
        zone = zone or (known.zone_name if known else "")
        report = self._parse(file, text, zone=zone or None, begins=options["begins"], ends=options["ends"])
        if attach and not report.rfo:
            raise CommandError("--attach: the report has no RFO that a document could belong to.")
        refuse_losses([f"{file.name}: {each}" for each in report.losses], accepted=options["accept_loss"])
        for warning in report.warnings:
            self.stderr.write(self.style.WARNING(f"warning: {file.name}: {warning}"))
        try:
            documents = {each.name: each.read_bytes() for each in attach}
            done = import_report(
                report, page=known, hit=hit, documents=documents, by=IMPORT, at=datetime.now(UTC)
            )
        except OSError as error:
            raise CommandError(f"--attach: {error}") from error
        except Refused as error:
            raise CommandError(f"{file}: {error.field}: {error}") from error
        what = (
            f"{done.added} updates imported" if done.added else "nothing new: this report was imported before"
        )
        self.stdout.write(f"{done.incident.title}: {what}")
        if done.added and report.affected and not report.window:
            self.stdout.write(f"components recorded as {hit.value} while it was open; --hit changes that")
        for rfo in done.incident.rfos.all() if done.added else ():
            self._warn(rfo)
        place = "maintenance" if report.window else "incidents"
        print_address(self, done.incident.page, f"/{place}/{done.incident.code}")

    def _warn(self, rfo: Rfo) -> None:
        """What a reader of the letter would stumble over; it is imported as it was published."""
        version = rfo.versions.select_related("rfo__page", "rfo__incident__page").last()
        for fault in faults_of(version) if version else ():
            where = f"line {fault.line}: " if fault.line else ""
            self.stderr.write(self.style.WARNING(f"warning: {version}: {where}{fault.message}"))

    def _page(self, name: str) -> Page:
        found = Page.objects.filter(Q(name=name) | Q(code=name)).first()
        if found is None:
            known = ", ".join(Page.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"--page: there is no page {name!r}; there are: {known}")
        return found

    def _parse(
        self, file: Path, text: str, *, zone: str | None, begins: datetime | None, ends: datetime | None
    ) -> Report:
        try:
            return parse_report(text, zone=zone, begins=begins, ends=ends)
        except (ReportError, UnknownZone) as error:
            raise CommandError(f"{file}: {error}") from error


def _instant(text: str) -> datetime:
    """An ISO 8601 time with its offset, in UTC. Raises ArgumentTypeError."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no time; write it as 2021-09-25T13:30Z") from error
    if at.tzinfo is None:
        raise ArgumentTypeError(f"{text!r} has no zone; write it as {text}Z or {text}+13:00")
    return at.astimezone(UTC)
