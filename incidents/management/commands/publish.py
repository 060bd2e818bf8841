"""Render what is due of every page, or with --all every document of every page."""

import math
from argparse import ArgumentParser
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from incidents.domain.pulses import Role
from incidents.management.publishing_command import PublishingCommand
from incidents.models import Page
from incidents.monitoring import heartbeat
from incidents.publishing import integrity, printing, publisher
from incidents.publishing.store import DiskFull


class Command(PublishingCommand):
    """`manage.py publish [--all]`"""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--all", action="store_true", dest="everything", help="every document of every page"
        )

    def handle(self, *args: Any, everything: bool, **options: Any) -> None:
        del args, options
        try:
            self._publish(everything=everything)
        except DiskFull as error:
            raise CommandError(f"{error}. What was published before is still served.") from error

    def _publish(self, *, everything: bool) -> None:
        if not everything:
            self.stdout.write(f"{_pages(_publish_due())} published")
            self._print(everything=False)
            return
        failed = []
        pages = list(Page.objects.all())
        for page in pages:
            try:
                publisher.publish_page(page.pk, everything=True)
            except publisher.Unpublished as error:
                failed.append(str(error))
        publisher.publish_hosts(publisher.the_store())
        if pages and not failed:
            publisher.the_store().remember_site_url(settings.SITE_URL)
        self.stdout.write(f"{_pages(len(pages) - len(failed))} published in full")
        self._print(everything=True)
        if failed:
            raise CommandError("\n".join(failed))

    def _print(self, *, everything: bool) -> None:
        """The PDFs last, as everywhere: they take longest. Then the audit's heads, which name what is signed."""
        made = printing.print_due(at=datetime.now(UTC), turn=math.inf)
        if made:
            self.stdout.write("1 PDF made" if made == 1 else f"{made} PDFs made")
        integrity.publish_integrity(at=datetime.now(UTC), everything=everything)


def _publish_due() -> int:
    return publisher.publish_due(at=datetime.now(UTC), alive=partial(heartbeat.beat, Role.PUBLISHER))


def _pages(count: int) -> str:
    return "1 page" if count == 1 else f"{count} pages"
