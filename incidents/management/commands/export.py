"""Write all public pages as plain files that any static web server can serve; needs no database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from incidents.publishing.bundles import BrokenBundle
from incidents.publishing.export import NothingPublished, export_site
from incidents.publishing.publisher import the_store
from incidents.publishing.swapping import Occupied


class Command(BaseCommand):
    """`manage.py export DIR [--replace]`"""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="an empty or a new folder")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="if DIR is an earlier export, put the new one in its place in one step",
        )

    def handle(self, *args: Any, folder: Path, replace: bool, **options: Any) -> None:
        hosts = {*settings.ALLOWED_HOSTS, urlsplit(settings.SITE_URL).hostname or ""}
        try:
            done = export_site(the_store(), folder, hosts=hosts, replace=replace)
        except BrokenBundle as error:
            raise CommandError(
                f"A published document is torn, so nothing was exported; `publish --all` writes it anew: {error}"
            ) from error
        except (NothingPublished, Occupied, OSError) as error:
            raise CommandError(str(error)) from error
        for each in done:
            for path in each.left_out:
                self.stderr.write(f"left out, because its name is too long for a file: {path}")
            names = f" for {', '.join(each.hosts)}" if len(done) > 1 and each.hosts else ""
            self.stdout.write(f"{each.documents} documents in {each.place}{names}")
