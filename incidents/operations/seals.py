"""What the sealed lines of the audit say about RFO versions; a line that no known key sealed says nothing."""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from incidents.domain.audit import digest
from incidents.domain.journal import RFOS_TOLD, EventKind
from incidents.domain.rfo_views import RfoView
from incidents.domain.rfos import checksum, rendering_digest
from incidents.formatting.bounded import BoundedError
from incidents.formatting.markdown import markdown_htmls, plain_html
from incidents.models import AuditLine, Event

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SealedLine:
    """A line about an RFO: what happened to which version, who did it, and whether its seal is good."""

    kind: str
    version: str
    """As `RFO-2021-0001 v1`."""
    person: int | None
    actor: str
    data: dict[str, Any]
    is_good: bool

    @property
    def renderings(self) -> list[str] | None:
        """Digests of the letter and of each section with their HTML; None in a line of an earlier release."""
        found = self.data.get("renderings")
        return [str(each) for each in found] if isinstance(found, list) else None


def is_sealed(line: AuditLine) -> bool:
    """Whether one of our keys sealed the line as it stands, after the line that it names."""
    columns = line.columns()
    keys = (settings.AUDIT_KEY, *settings.AUDIT_KEY_PREVIOUS)
    return any(line.digest == digest(key, line.previous, columns) for key in keys)


def read_lines(lines: Iterable[AuditLine]) -> Iterator[SealedLine]:
    """Those that tell of an RFO version, in their order; one whose data cannot be read is left out."""
    for line in lines:
        try:
            data = json.loads(line.data)
            version = str(data["rfo"])
        except (ValueError, KeyError, TypeError):
            continue
        yield SealedLine(line.kind, version, line.person, line.actor, data, is_sealed(line))


def rfo_lines(chain: str) -> Iterator[SealedLine]:
    """All lines of a page about RFOs."""
    kinds = [*RFOS_TOLD, EventKind.RFO_REVIEWED, EventKind.RFO_DRAFTED]
    rows = AuditLine.objects.filter(chain=chain, kind__in=kinds).order_by("number")
    yield from read_lines(rows.iterator())


def is_vouched(version: RfoView, *, incident: int, code: str) -> bool:
    """Whether a good seal vouches for a version as it is shown; `incident` is a key, `code` its incident's code.

    Nothing else is signed: whoever writes the database must not get a signature for other words.
    """
    events = Event.objects.filter(incident=incident, kind__in=RFOS_TOLD).values_list("pk", flat=True)
    lines = read_lines(AuditLine.objects.filter(event__in=list(events)))
    name = f"{version.number} v{version.version}"
    good = [line for line in lines if line.is_good and line.version == name]
    return (
        {line.data.get("sha256") for line in good} == {version.sha256}
        and checksum(version.facts(code)) == version.sha256
        and all(_shows_its_words(version, line) for line in good)
    )


def _shows_its_words(version: RfoView, line: SealedLine) -> bool:
    """Whether its HTML is what the line sealed; of a line that seals none, what its words are rendered to now.

    A machine that is too busy to render vouches for nothing; the next publication asks again.
    """
    shown = [(version.body, version.body_html)]
    shown += [
        (section.body, view.html)
        for section, view in zip(version.content.sections, version.sections, strict=True)
    ]
    sealed = line.renderings
    if sealed is not None:
        return all(rendering_digest(*each) in sealed for each in shown)
    suspect = [(body, html) for body, html in shown if html != plain_html(body)]
    try:
        return markdown_htmls([body for body, _ in suspect]) == [html for _, html in suspect]
    except BoundedError:
        log.warning("a version could not be rendered to be vouched for", exc_info=True)
        return False
