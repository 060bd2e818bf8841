"""`manage.py import_incident FILE`: a saved Statuspage incident report becomes an incident (DESIGN 7)."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db.models import Q

from incidents.domain.components import ComponentStatus
from incidents.domain.reports import Report, ReportError, parse_report
from incidents.domain.zones import UnknownZone
from incidents.management.publishing_command import PublishingCommand
from incidents.models import Page, Rfo
from incidents.models.trees import page_view
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
        report = self._read(file, zone or (known.zone_name if known else None))
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
        if done.added and report.affected:
            self.stdout.write(f"components recorded as {hit.value} while it was open; --hit changes that")
        for rfo in done.incident.rfos.all() if done.added else ():
            self._warn(rfo)
        url = page_view(done.incident.page, site_url=settings.SITE_URL).url
        self.stdout.write(f"{url}/incidents/{done.incident.code}")

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

    def _read(self, file: Path, zone: str | None) -> Report:
        try:
            if file.stat().st_size > LARGEST:
                raise CommandError(f"{file}: larger than {LARGEST:,} bytes; this is no incident report")
            return parse_report(file.read_text(encoding="utf-8-sig"), zone=zone)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: cannot be read as UTF-8 text: {error}") from error
        except (ReportError, UnknownZone) as error:
            raise CommandError(f"{file}: {error}") from error
