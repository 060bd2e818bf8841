"""The help at `/help/`: Markdown of our own in `templates/docs/`, a page a file (DESIGN 2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from incidents.formatting.markdown import render

FOLDER: Path = settings.BASE_DIR / "templates" / "docs"
INDEX = "index"
CACHING = "public, max-age=60"
"""The help changes with a release only; a minute is what its readers wait for that."""


class UnknownPage(LookupError):
    """There is no such help page."""


@dataclass(frozen=True, slots=True)
class HelpPage:
    """One page; its title is its first line."""

    slug: str
    title: str
    body: SafeString


def pages() -> Iterator[HelpPage]:
    """All pages but the index, by title."""
    found = (help_page(file.stem) for file in FOLDER.glob("*.md") if file.stem != INDEX)
    yield from sorted(found, key=lambda page: page.title)


def help_page(slug: str) -> HelpPage:
    """The page called `slug`. Raises UnknownPage."""
    file = next((each for each in FOLDER.glob("*.md") if each.stem == slug), None)
    if file is None:
        raise UnknownPage(slug)
    return _read(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _read(file: Path, changed: int) -> HelpPage:  # noqa: ARG001  (a changed file is another page)
    text = file.read_text(encoding="utf-8")
    title, _, rest = text.partition("\n")
    raised = re.sub(
        r"^#(?=#)", "", rest, flags=re.MULTILINE
    )  # the renderer keeps h1 for the page's own title
    body = render(raised).replace(
        "<br>", ""
    )  # our files are wrapped; the renderer takes line ends for breaks
    body = body.replace("<pre>", '<pre tabindex="0">')  # it scrolls sideways, so the keyboard has to reach it
    return HelpPage(file.stem, title.removeprefix("#").strip(), mark_safe(body))  # noqa: S308  (our own words)


@require_safe
def show(request: HttpRequest, slug: str = INDEX) -> HttpResponse:  # noqa: ARG001  (Django calls it so)
    """One page, or the index with the list of all."""
    try:
        page = help_page(slug)
    except UnknownPage as error:
        raise Http404(f"There is no help page {slug!r}.") from error
    # Without the request, so that nothing of one reader, such as a message meant for them, reaches a shared cache.
    response = HttpResponse(render_to_string("docs/page.html", {"page": page, "pages": list(pages())}))
    response["Cache-Control"] = CACHING
    return response
