"""What is wrong with a draft by the record of its incident and the rules of its page; and mending it (DESIGN 12)."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from incidents.domain.audiences import Audience
from incidents.domain.faults import Fault, Rules, Text, find_faults
from incidents.domain.faults.fault import LETTER
from incidents.domain.rfo_content import Content, Section
from incidents.models import Page, RfoPolicy, RfoVersion
from incidents.operations.rfos import whole_of


def policy_of(page: Page) -> RfoPolicy:
    """A page's rules, or the defaults."""
    return RfoPolicy.objects.filter(page=page).first() or RfoPolicy(page=page)


def faults_of(version: RfoVersion) -> list[Fault]:
    """Everything that a reader would stumble over, what blocks first."""
    content = whole_of(version)
    return find_faults(texts_of(version, content), content, rules_for(version, content))


def texts_of(version: RfoVersion, content: Content) -> tuple[Text, ...]:
    """All words that will be read by somebody."""
    return (
        Text(LETTER, version.body),
        *(
            Text(section_place(number), each.body, each.audience)
            for number, each in enumerate(content.sections, 1)
        ),
        *_asides(version, content),
    )


def section_place(number: int) -> str:
    """What a section is called in a fault; the first is 1."""
    return f"section {number}"


def _asides(version: RfoVersion, content: Content) -> Iterator[Text]:
    if version.change_summary:
        yield Text("what changed", version.change_summary)
    if content.cohort.share:
        yield Text("who was hit", content.cohort.share, content.cohort.audience)
    for number, each in enumerate(content.decisions, start=1):
        words = "\n".join((each.question, each.options, each.decided, each.why, each.by))
        yield Text(f"decision {number}", words, each.audience)
    for number, action in enumerate(content.actions, start=1):
        yield Text(f"action {number}", f"{action.what}\n{action.owner}", action.audience)
    for number, entry in enumerate(content.timeline, start=1):
        if not entry.source:
            yield Text(f"timeline {number}", entry.words, entry.audience)


def rules_for(version: RfoVersion, content: Content) -> Rules:
    """The page's rules, and when customers were hit: as the RFO says, else as the incident does."""
    incident, policy = version.rfo.incident, policy_of(version.rfo.page)
    windows = tuple((each.begins, each.ends) for each in content.windows if each.ends)
    if not windows and incident.resolved_at:
        windows = ((incident.started_at, incident.resolved_at),)
    lasted = content.lasted or (windows[0][1] - windows[0][0] if windows else None)
    return Rules(
        zone=version.rfo.page.zone,
        windows=windows,
        lasted=lasted,
        terms=policy.glossary,
        internal_words=policy.secrets,
        hidden=tuple(_hidden(content)),
    )


def _hidden(content: Content) -> Iterator[str]:
    for audience in (Audience.CUSTOMER, Audience.INTERNAL):
        part = content.only_for(audience)
        yield from (each.body for each in part.sections)
        yield from (f"{each.question}\n{each.decided}\n{each.why}" for each in part.decisions)
        yield from (each.what for each in part.actions)
        yield from (each.words for each in part.timeline if not each.source)


def mended(version: RfoVersion, fault: Fault, choice: int) -> tuple[str, Content]:
    """The letter and the content with one of a fault's mends. Raises LookupError where there is no such mend."""
    mend = fault.mends[choice]
    content = version.whole
    if fault.place == LETTER:
        return _with_line(version.body, fault.line, mend.applied), content
    number = int(fault.place.removeprefix("section "))
    section = content.sections[number - 1]
    body = _with_line(section.body, fault.line, mend.applied)
    sections = list(content.sections)
    sections[number - 1] = Section(section.kind, body, section.audience)
    return version.body, replace(content, sections=tuple(sections))


def may_be_mended(fault: Fault) -> bool:
    """Whether a button can do it: only where one line of Markdown is concerned."""
    return bool(fault.mends) and (fault.place == LETTER or fault.place.startswith("section "))


def _with_line(body: str, number: int, change: Callable[[str], str]) -> str:
    lines = body.split("\n")
    lines[number - 1] = change(lines[number - 1])
    return "\n".join(lines)
