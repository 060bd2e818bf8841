"""Looking through published RFOs: whether each says what its checksum covers, what the sealed audit says and what was
published, and follows the one before.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from incidents.domain.published import Published
from incidents.domain.rfos import RfoKind, RfoState, checksum
from incidents.formatting.bounded import BoundedError
from incidents.formatting.markdown import markdown_htmls
from incidents.models import Attachment, Page, Rfo, RfoVersion
from incidents.monitoring.sealed_rfos import SealedRfo, sealed_rfos, version_faults
from incidents.operations.renderings import Rendering, renderings_of
from incidents.operations.seals import SealedLine
from incidents.operations.versions import facts_of

NOTHING = Published()


class Unchecked(str):
    """Among what is wrong: it could not be looked at, which says nothing of the version."""

    __slots__ = ()


class Remark(str):
    """Among what is wrong: nothing was changed, and somebody should know all the same."""

    __slots__ = ()


def verify_rfos(published: Published = NOTHING) -> Iterator[tuple[Rfo | str, list[str]]]:
    """Every RFO of which something is, or was, published, with what is wrong with it; one that is gone by its number.

    Among that are Unchecked, where the machine gave no answer, and Remark. Digests are compared, and nothing is
    rendered but versions whose audit line, of an earlier release, seals no digest of what is shown.

    `published` is what is known from outside of the database.
    """
    known = published.versions()
    seen = set()
    for page in Page.objects.order_by("pk"):
        sealed = sealed_rfos(page)
        for rfo in Rfo.objects.filter(page=page).select_related("page", "incident").order_by("pk").iterator():
            mine = known.get((page.code, rfo.number), {})
            facts = sealed.pop(rfo.number, None)
            seen.add((page.code, rfo.number))
            if facts or mine or rfo.versions.exclude(published_at=None).exists():
                yield rfo, list(_faults(rfo, facts or SealedRfo(), mine))
        for number, facts in sealed.items():
            if facts.published:
                seen.add((page.code, number))
                yield number, ["the sealed audit says that it was published, and it is gone"]
    for page_code, number in sorted(known.keys() - seen):
        yield number, [f"it was published on page {page_code}, and it is gone"]


def _faults(rfo: Rfo, sealed: SealedRfo, published: Mapping[int, str]) -> Iterator[str]:
    rows = rfo.versions.exclude(published_at=None).order_by("number")
    versions = list(rows.select_related("rfo__incident").prefetch_related("attachments", "approvals__by"))
    yield from version_faults(versions, sealed)
    yield from _against_published(versions, published)
    yield from _states(versions)
    before = ""
    for number, version in enumerate(versions, 1):
        if version.number != number:
            yield f"v{number} is missing"
            return
        if version.previous_sha256 != before:
            yield f"v{number} does not follow the version before it"
        try:
            if checksum(facts_of(version)) != version.sha256:
                yield f"v{number}: its words are not those of its checksum"
            yield from _shown_otherwise(version, sealed.published.get(number))
            yield from _told_otherwise(version)
        except (ValueError, KeyError) as error:
            yield f"v{number} cannot be read: {error}"
        for attachment in version.attachments.all():
            yield from _file_faults(version, attachment)
        before = version.sha256


def _against_published(versions: Sequence[RfoVersion], published: Mapping[int, str]) -> Iterator[str]:
    here = {version.number: version.sha256 for version in versions}
    for number, sha256 in sorted(published.items()):
        if number not in here:
            yield f"v{number} was published and is missing"
        elif here[number] != sha256:
            yield f"v{number}: its checksum is not the one that was published"


def _states(versions: Sequence[RfoVersion]) -> Iterator[str]:
    """What is shown follows from the versions: the newest, or after a withdrawal its words alone."""
    withdrawn = max((each.number for each in versions if each.kind == RfoKind.WITHDRAWN), default=0)
    newest = max((each.number for each in versions), default=0)
    for version in versions:
        state = RfoState.SUPERSEDED if version.number < newest else RfoState.PUBLISHED
        state = RfoState.WITHDRAWN if version.number < withdrawn else state
        if version.state != state:
            yield f"v{version.number} counts as {version.state}, and is {state.value}"


def _shown_otherwise(version: RfoVersion, line: SealedLine | None) -> Iterator[str]:
    """What is shown is kept beside what was written, and must be what was sealed with it at publication."""
    shown = renderings_of(version)
    is_sealed = line is not None and line.is_good
    if line and is_sealed and line.data.get("sha256") != version.sha256:
        return  # other words, which is said already
    sealed = line.renderings if line and is_sealed else None
    if sealed is None:
        yield from _rendered_otherwise(version, shown)
        return
    body, *sections = [each.digest for each in shown]
    if sealed[:1] != [body]:
        yield f"v{version.number}: its page does not show its words"
    if sealed[1:] != sections:
        yield f"v{version.number}: its page does not show its sections"


def _rendered_otherwise(version: RfoVersion, shown: Sequence[Rendering]) -> Iterator[str]:
    """Of a version from before renderings were sealed: whether its words are rendered to what it shows."""
    name = f"v{version.number}"
    try:
        rendered = markdown_htmls([each.markdown for each in shown])
    except BoundedError as error:
        yield Unchecked(f"{name}: whether its page shows its words could not be checked: {error}")
        return
    others = [number for number, each in enumerate(shown) if each.html != rendered[number]]
    if any(not shown[number].is_unformatted for number in others):
        what = "words" if others[0] == 0 else "sections"
        yield f"{name}: its page does not show its {what}"
    elif others:
        yield Remark(f"{name} was published unformatted. Publish the next version, which is formatted.")


def _told_otherwise(version: RfoVersion) -> Iterator[str]:
    told = version.update if hasattr(version, "update") else None
    if told is None or told.body != version.body:
        yield f"v{version.number}: the incident's thread does not tell it"


def _file_faults(version: RfoVersion, attachment: Attachment) -> Iterator[str]:
    try:
        with attachment.file.open("rb") as content:
            found = hashlib.sha256(content.read()).hexdigest()
    except FileNotFoundError:
        yield f"v{version.number}: {attachment.name} is gone"
        return
    except OSError as error:
        yield Unchecked(f"v{version.number}: {attachment.name} could not be read: {error.strerror}")
        return
    if found != attachment.sha256:
        yield f"v{version.number}: {attachment.name} is not the document that was attached"
