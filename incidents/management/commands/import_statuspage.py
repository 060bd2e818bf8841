"""`manage.py import_statuspage URL|FILE`: another status page moves in, with all its past (DESIGN 6)."""

import asyncio
import os
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db.models import Q

from incidents.domain.archives import Archive, NoArchive
from incidents.domain.zones import UnknownZone, zone
from incidents.management.printing import print_address, refuse_losses
from incidents.management.publishing_command import PublishingCommand
from incidents.management.statuspage.asking import V1_PAUSE, ask_public, ask_v1
from incidents.management.statuspage.files import read_files
from incidents.models import Page
from incidents.operations.actors import IMPORT
from incidents.operations.archives import Moved, move_in
from incidents.operations.errors import Refused
from incidents.publishing.publisher import Unpublished, publish_page

SHOWN = 40


class Command(PublishingCommand):
    """Read, write in one transaction, and print the page's address as the last line."""

    help = "Import a Statuspage: from its public address, from saved JSON, or from its v1 API with a key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where it comes from, and where it goes."""
        parser.add_argument(
            "source", help="https://status.example.com, a JSON file, a folder, or an API's /v1"
        )
        parser.add_argument("--page", default="", help="name or code of the page here (default: its own)")
        parser.add_argument("--zone", default="", help="IANA zone of the page, where it is not known there")
        parser.add_argument("--page-id", default="", help="v1: which page of the key")
        parser.add_argument(
            "--key-file", type=Path, help="v1: a file that holds the key; else STATUSPAGE_KEY"
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing, say what would be new")
        parser.add_argument(
            "--accept-loss", action="store_true", help="import although some of it cannot come along"
        )
        parser.add_argument("--pause", type=float, default=V1_PAUSE, help="v1: seconds between requests")

    def handle(self, *args: Any, **options: Any) -> None:
        """Nothing is written unless all of it can be; RFOs follow one by one."""
        try:
            archive = self._read(options["source"], options)
        except NoArchive as error:
            raise CommandError(str(error)) from error
        if options["zone"]:
            try:
                archive.zone_name = zone(options["zone"]).key
            except UnknownZone as error:
                raise CommandError(f"--zone: {error}") from error
        try:
            moved = move_in(
                archive,
                page=self._page(options["page"]),
                dry=options["dry_run"],
                accept_loss=options["accept_loss"],
                by=IMPORT,
                at=datetime.now(UTC),
            )
        except Refused as error:
            raise CommandError(f"{error.field}: {error}") from error
        self._print(moved, dry=options["dry_run"], everything=int(options["verbosity"]) > 1)
        if moved.is_written:
            self._publish(moved.page)
        elif not options["dry_run"]:
            refuse_losses(list(dict.fromkeys(moved.problems)), accepted=False)

    def _read(self, source: str, options: dict[str, Any]) -> Archive:
        say: Callable[[str], None] = self.stdout.write
        if not source.startswith(("http://", "https://")):
            return read_files(Path(source))
        if not options["page_id"]:
            return asyncio.run(ask_public(source, say))
        key = os.environ.get("STATUSPAGE_KEY", "")
        if options["key_file"]:
            try:
                key = options["key_file"].read_text().strip()
            except OSError as error:
                raise CommandError(f"--key-file: {error}") from error
        if not key:
            raise CommandError("v1 wants a key: --key-file FILE, or STATUSPAGE_KEY in the environment.")
        return asyncio.run(ask_v1(source, options["page_id"], key, say, pause=options["pause"]))

    def _page(self, name: str) -> Page | None:
        if not name:
            return None
        found = Page.objects.filter(Q(code=name) | Q(name=name)).first()
        if found is None:
            raise CommandError(f"--page: there is no page {name!r}.")
        return found

    def _print(self, moved: Moved, *, dry: bool, everything: bool) -> None:
        lines = moved.lines if everything else moved.lines[:SHOWN]
        for line in lines:
            self.stdout.write(line)
        if len(lines) < len(moved.lines):
            self.stdout.write(f"… and {len(moved.lines) - len(lines)} more; --verbosity 2 shows all")
        notes = moved.notes if everything else moved.notes[:SHOWN]
        for note in notes:
            self.stderr.write(self.style.WARNING(f"note: {note}"))
        if len(notes) < len(moved.notes):
            left = len(moved.notes) - len(notes)
            self.stderr.write(f"… and {left} more notes; --verbosity 2 shows all")
        for problem in dict.fromkeys(moved.problems) if dry or moved.is_written else ():
            self.stderr.write(self.style.WARNING(f"could not come along: {problem}"))
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(moved.counts.items()))
        self.stdout.write(f"{'are' if moved.is_written else 'would be'} new: {counts or 'nothing'}")

    def _publish(self, page: Page) -> None:
        try:
            publish_page(page.pk)
        except (Unpublished, TimeoutError) as error:
            self.stderr.write(self.style.WARNING(f"{error}; the sweep publishes it"))
        print_address(self, page)
