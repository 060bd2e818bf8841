"""Pieces of documents that say the same as last time: rendered once a process, named by all that they say.

A post changes one incident. What the page tells of the others, and of days long past, is most of its markup; without
this a post would cost more the more there is to tell.
"""

from collections.abc import Callable, Hashable

from django.utils.safestring import SafeString

from incidents.publishing.html import Printer

MOST = 4096
"""Pieces kept, of half a kilobyte or so each; when there are more, all others go."""


class Pieces:
    """Rendered pieces of one kind. A piece is found again only where everything that it shows is the same."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._found: dict[Hashable, SafeString] = {}

    def get(self, shows: Hashable, printer: Printer, render: Callable[[], SafeString]) -> SafeString:
        """The piece that shows `shows` to this reader; `render` makes it where it is not known yet."""
        name = shows, printer.zone.key, printer.subject.snapshot.page.zone_name
        piece = self._found.get(name)
        if piece is None:
            if len(self._found) >= self._most:
                self._found = {}
            piece = self._found[name] = render()
        return piece
