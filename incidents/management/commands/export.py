"""Write each page as a folder of plain files that any static web server can serve."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incidents.models import Page
from incidents.publishing.export import export_page
from incidents.publishing.publisher import the_store


class Command(BaseCommand):
    """`manage.py export DIR`"""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="an empty or a new folder")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        del args, options
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CommandError(f"{folder} is there already and not an empty folder.")
        pages = list(Page.objects.all())
        for page in pages:
            place = folder if len(pages) == 1 else folder / page.code
            count = export_page(the_store().page(page.code), place)
            self.stdout.write(f"{page.name}: {count} files in {place}")
