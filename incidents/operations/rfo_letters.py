"""A carrier's letter becomes the draft of an incident's RFO: never published, approved or signed by the import."""

from dataclasses import replace
from datetime import datetime, timedelta

from incidents.domain.audiences import Audience
from incidents.domain.letters import LetterContext, RfoLetter
from incidents.domain.rfo_content import Content, Section, SectionKind
from incidents.domain.rfos import RfoState
from incidents.models import Incident, RfoVersion
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.rfos import RenderedLetter, checked_letter, draft_rfo, words_digest

LONGEST_OUTAGE = timedelta(days=30)
"""So long an incident without an end is taken to last, when dates of a letter are looked for near it."""


def letter_context(incident: Incident) -> LetterContext:
    """What a letter about this incident is read by."""
    ended = incident.resolved_at or incident.started_at + LONGEST_OUTAGE
    return LetterContext(incident.title, incident.page.zone, incident.started_at, ended)


def attach_letter(
    incident: Incident, letter: RfoLetter, *, replaces: bool = False, by: Actor, at: datetime
) -> tuple[RfoVersion, bool]:
    """The draft with the letter's words, and whether anything was written: the same letter again changes nothing.

    How its dates were read stands beside it for staff alone. `replaces` puts it in the place of another draft, which
    is not under review. Raises Refused naming the field.
    """
    rendered, known, is_same, expected = _checked(incident, letter, replaces=replaces)
    if known and is_same:
        return known, False
    draft = draft_rfo(
        incident,
        body=rendered,
        signatory_name=letter.signature_name,
        signatory_title=letter.signature_title,
        content=_content(letter, beside=known.whole if known else Content()),
        only_first=known is None,
        expected=expected,
        by=by,
        at=at,
    )
    return draft, True


def check_letter(incident: Incident, letter: RfoLetter, *, replaces: bool = False) -> None:
    """Raises what `attach_letter` would, and writes nothing."""
    _checked(incident, letter, replaces=replaces)


def _checked(
    incident: Incident, letter: RfoLetter, *, replaces: bool
) -> tuple[RenderedLetter, RfoVersion | None, bool, str | None]:
    """The rendered letter, the newest version, whether that has these words, the digest of a draft that gives way."""
    rendered = checked_letter(letter.body)
    known = RfoVersion.objects.filter(rfo__incident=incident).select_related("rfo__page", "signatory").last()
    if known and known.body == rendered.body and known.signatory_name == letter.signature_name:
        return rendered, known, True, None
    return rendered, known, False, _replaceable(known, replaces=replaces)


def _replaceable(known: RfoVersion | None, *, replaces: bool) -> str | None:
    """The digest of the draft that gives way; None where there is none. Raises Refused."""
    if known is None:
        return None
    if not known.is_open:
        message = f"{known} is {known.state}. Correct it in the console, where a reason is asked for."
        raise Refused("incident", message)
    if not replaces:
        raise Refused("incident", f"{known} is a draft already. --replace puts this letter in its place.")
    if known.number > 1:
        raise Refused(
            "incident", f"{known} corrects what is published. Write it in the console, with its reason."
        )
    if known.state != RfoState.DRAFT:
        raise Refused("incident", f"{known} is in review. Withdraw it from review first.")
    return words_digest(known)


def _content(letter: RfoLetter, *, beside: Content) -> Content:
    """What stands beside the letter that gives way stays, but for how its dates were read."""
    kept = [
        each
        for each in beside.sections
        if (each.kind, each.audience) != (SectionKind.NOTES, Audience.INTERNAL)
    ]
    body = "\n".join(f"- {_plain(each)}" for each in letter.beside)
    notes = [Section(SectionKind.NOTES, body, Audience.INTERNAL)] if body else []
    return replace(beside, sections=(*kept, *notes))


def _plain(text: str) -> str:
    """Without the marks of Markdown that a date can hold."""
    return text.replace("*", "").replace("_", r"\_")
