"""RFO versions beside the sealed lines of the audit: what was published, withdrawn and approved, and by whom."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from incidents.domain.journal import RFOS_TOLD, EventKind
from incidents.domain.rfos import checksum
from incidents.models import Page, RfoApproval, RfoVersion
from incidents.operations.seals import SealedLine, rfo_lines
from incidents.operations.versions import facts_of

Approval = tuple[int | None, str]
"""The key of a person, and the digest of the words that were approved."""


@dataclass(slots=True)
class SealedRfo:
    """What the audit says of one RFO, by the numbers of its versions."""

    published: dict[int, SealedLine] = field(default_factory=dict)
    approved: dict[int, dict[Approval, SealedLine]] = field(default_factory=lambda: defaultdict(dict))
    written: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """The keys of the people who wrote in a version."""


def sealed_rfos(page: Page) -> dict[str, SealedRfo]:
    """By the RFO's number."""
    found: dict[str, SealedRfo] = defaultdict(SealedRfo)
    for line in rfo_lines(page.code):
        rfo, _, version = line.version.rpartition(" v")
        if not version.isdigit():
            continue
        if line.kind in RFOS_TOLD:
            found[rfo].published[int(version)] = line
        elif line.kind == EventKind.RFO_REVIEWED and line.data.get("what") == "approved":
            found[rfo].approved[int(version)][line.person, str(line.data.get("digest"))] = line
        elif line.kind == EventKind.RFO_DRAFTED and line.is_good and line.person is not None:
            found[rfo].written[int(version)].add(line.person)
    return dict(found)


def version_faults(versions: Sequence[RfoVersion], sealed: SealedRfo) -> Iterator[str]:
    """How the versions that are there contradict the sealed lines. A gap in their numbers is named elsewhere."""
    here = {version.number: version for version in versions}
    for number, line in sorted(sealed.published.items()):
        if number > max(here, default=0):
            what = ", the withdrawal," if line.kind == EventKind.RFO_WITHDRAWN else ""
            yield f"v{number}{what} is gone, and the sealed audit says that it was published"
    for number, version in sorted(here.items()):
        said = sealed.published.get(number)
        if said is None:
            yield f"v{number} was published, and the audit has no line that says so"
        elif not said.is_good:
            yield f"v{number}: the audit line of its publication is not sealed by Dialtone: it was changed"
        elif said.data.get("sha256") != version.sha256:
            yield from _rewritten(version, sealed)
        yield from _approval_faults(version, sealed)
        yield from _writers_who_approved(version, sealed)


def _rewritten(version: RfoVersion, sealed: SealedRfo) -> Iterator[str]:
    """It holds the words of another version, which is said once of two, or words that were never published."""
    other = next((number for number in sealed.published if _is_really(version, number, sealed)), None)
    if other is None:
        yield f"v{version.number} was rewritten: its checksum is not the one that the sealed audit names"
    elif version.number == other:
        yield f"v{version.number} has its own words, and another checksum than the sealed audit names"
    elif version.number < other:
        yield f"v{version.number} and v{other} have changed places"


def _is_really(version: RfoVersion, number: int, sealed: SealedRfo) -> bool:
    """Whether these facts were published under another number."""
    before = sealed.published.get(number - 1)
    previous = before.data.get("sha256") if before else ""
    facts = facts_of(version) | {"version": number, "previous": previous}
    return checksum(facts) == sealed.published[number].data.get("sha256")


def _approval_faults(version: RfoVersion, sealed: SealedRfo) -> Iterator[str]:
    lines = sealed.approved.get(version.number, {})
    rows: dict[Approval, RfoApproval] = {(row.by_id, row.digest): row for row in version.approvals.all()}
    for key in rows.keys() - {key for key, line in lines.items() if line.is_good}:
        name = rows[key].by.get_username()
        yield f"v{version.number}: the approval by {name} is not in the sealed audit: it was added, or changed"
    for key, line in lines.items():
        if line.is_good and key not in rows:
            yield f"v{version.number}: the approval by {line.actor} was taken away: the sealed audit has it"


def _writers_who_approved(version: RfoVersion, sealed: SealedRfo) -> Iterator[str]:
    """People whose approval counted at publication although the audit has them among those who wrote."""
    said = sealed.published.get(version.number)
    counted = set(said.data.get("approved_by", ())) if said and said.is_good else set()
    for (person, _), line in sealed.approved.get(version.number, {}).items():
        if line.is_good and line.actor in counted and person in sealed.written[version.number]:
            yield f"v{version.number}: {line.actor} approved it, and has written in it as the sealed audit says"
