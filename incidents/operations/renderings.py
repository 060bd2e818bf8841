"""The HTML of an RFO version: what its words were rendered to, which is stored, published and sealed with them.

Nothing renders again to check it: the audit line of a publication seals digests of words and HTML together, so that a
check is the same on a busy machine and after a new release of the renderer.
"""

from dataclasses import dataclass

from django.db import transaction

from incidents.domain.audiences import Audience
from incidents.domain.rfos import rendering_digest
from incidents.formatting.markdown import markdown_htmls, plain_html
from incidents.models import RfoVersion
from incidents.operations.journal import lock
from incidents.operations.slow import formatting


@dataclass(frozen=True, slots=True)
class Rendering:
    """One text of a version with the HTML that shows it."""

    markdown: str
    html: str
    digest: str

    @property
    def is_unformatted(self) -> bool:
        """Whether it is shown as plain paragraphs, as earlier releases stored it where the renderer gave up."""
        return self.html == plain_html(self.markdown)


def renderings_of(version: RfoVersion) -> list[Rendering]:
    """The letter, then its sections. Raises ValueError where a section has no HTML, or the other way round."""
    found = [Rendering(version.body, version.body_html, rendering_digest(version.body, version.body_html))]
    for section, html in zip(version.whole.sections, version.rendered, strict=True):
        salt = "" if section.audience == Audience.PUBLIC else version.salt
        found.append(Rendering(section.body, html, rendering_digest(section.body, html, salt)))
    return found


def format_again(version: RfoVersion) -> None:
    """Render a draft whose stored HTML may be plain paragraphs of an earlier release, before it is published.

    Outside any transaction. Raises Refused and Busy; then the draft stays as it is.
    """
    if not version.is_open or not any(each.is_unformatted for each in renderings_of(version)):
        return
    words = [version.body, *(each.body for each in version.whole.sections)]
    with formatting("body"):
        body_html, *rendered = markdown_htmls(words)
    if body_html == version.body_html and rendered == list(version.rendered):
        return
    with transaction.atomic():
        lock(version.rfo.page)
        row = RfoVersion.objects.get(pk=version.pk)
        if row.is_open and row.body == version.body and row.content == version.content:
            RfoVersion.objects.filter(pk=row.pk).update(body_html=body_html, rendered=rendered)
