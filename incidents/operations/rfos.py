"""Drafting an RFO, publishing it as a numbered version, and withdrawing it (DESIGN 12)."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Max

from incidents.domain.journal import EventKind
from incidents.domain.rfo_content import Content, problems
from incidents.domain.rfos import RfoKind, canonical, checksum
from incidents.domain.texts import RFO_LIMIT, UncleanText, clean
from incidents.formatting.markdown import markdown_html, markdown_htmls
from incidents.models import Incident, Rfo, RfoVersion, Signatory
from incidents.operations.actors import Actor
from incidents.operations.errors import Conflict, Refused
from incidents.operations.journal import lock, record
from incidents.operations.slow import formatting
from incidents.operations.wording import checked_line


@dataclass(frozen=True, slots=True)
class RenderedLetter:
    """Checked Markdown and its HTML, rendered before a transaction began."""

    body: str
    html: str


def checked_letter(body: str, *, field: str = "body") -> RenderedLetter:
    """The words, checked and rendered; outside any transaction, since it may take its seconds.

    Raises Refused, and Busy.
    """
    body = checked_markdown(body, field=field)
    with formatting(field):
        return RenderedLetter(body, markdown_html(body))


def draft_rfo(
    incident: Incident,
    *,
    body: str | RenderedLetter,
    signatory_name: str = "",
    signatory_title: str = "",
    signatory: Signatory | None = None,
    kind: RfoKind = RfoKind.FINAL,
    change_summary: str = "",
    content: Content | None = None,
    only_first: bool = False,
    expected: str | None = None,
    by: Actor,
    at: datetime,
) -> RfoVersion:
    """A draft of the incident's RFO: its first version, or the next one after what is published.

    An unpublished draft is rewritten rather than numbered again; without `content` what stands beside its letter stays,
    and the next version begins with that of the one before. With a `signatory` its name and title are printed. With
    `only_first` it is refused where there is an RFO; `expected` is the digest of the words that it replaces: Conflict
    where they are others now. Raises Refused naming the field.
    """
    if incident.state.is_planned:
        raise Refused(
            "incident", "A maintenance has no RFO. Where it caused an outage, write that of an incident."
        )
    if kind == RfoKind.WITHDRAWN:
        raise Refused("kind", "An RFO is withdrawn with a reason, not drafted so.")
    letter = body if isinstance(body, RenderedLetter) else checked_letter(body)
    words: dict[str, object] = {
        "kind": kind.value,
        "body": letter.body,
        "body_html": letter.html,
        "signatory": signatory,
        "signatory_name": signatory.name if signatory else checked_line("signatory_name", signatory_name),
        "signatory_title": signatory.title if signatory else checked_line("signatory_title", signatory_title),
        "change_summary": checked_line("change_summary", change_summary),
        "author": by.user,
    }
    if content is not None:
        words |= _checked_content(content)
    with transaction.atomic():
        page = lock(incident.page)
        if signatory and signatory.page_id != page.pk:
            raise Refused("signatory", "This signatory signs for another page.")
        if only_first and incident.rfos.exists():
            raise Refused("state", "This incident has an RFO already.")
        draft = _next_draft(incident, needs_summary=not words["change_summary"], at=at)
        if expected is not None and expected != words_digest(draft):
            raise Conflict("body", "Somebody changed this draft while you were writing. Read theirs first.")
        for field, value in words.items():
            setattr(draft, field, value)
        draft.save()
        note_writer(draft, by)
        record(page, EventKind.RFO_DRAFTED, by=by, at=at, incident=incident, data={"rfo": str(draft)})
    return draft


def set_content(
    version: RfoVersion, *, content: Content, by: Actor, at: datetime, expected: str | None = None
) -> RfoVersion:
    """Change what stands beside the letter of a draft. `expected` is the digest of the words that the author saw.

    Raises Conflict where they are others now, Refused naming the part.
    """
    fields = _checked_content(content)
    with transaction.atomic():
        page = lock(version.rfo.page)
        version = open_version(version)
        if expected is not None and expected != words_digest(version):
            raise Conflict(
                "content", "Somebody changed this draft while you were writing. Read theirs first."
            )
        for field, value in fields.items():
            setattr(version, field, value)
        version.save(update_fields=list(fields))
        note_writer(version, by)
        incident = version.rfo.incident
        data = {"rfo": str(version), "what": "content"}
        record(page, EventKind.RFO_DRAFTED, by=by, at=at, incident=incident, data=data)
    return version


def open_version(version: RfoVersion) -> RfoVersion:
    """The row anew, inside the caller's lock. Raises Refused where its words can change no longer."""
    rows = RfoVersion.objects.select_related("rfo__incident__page", "rfo__page", "signatory__user")
    version = rows.get(pk=version.pk)
    if not version.is_open:
        raise Refused("state", f"{version} is already {version.state}. Draft the next version.")
    return version


def note_writer(version: RfoVersion, by: Actor) -> None:
    """Whoever wrote in a draft may not approve it."""
    if by.user:
        version.writers.add(by.user)


def whole_of(version: RfoVersion) -> Content:
    """What stands beside the letter: of a draft with the actions as they are now."""
    content = version.whole
    if version.is_open:
        content = replace(content, actions=tuple(item.frozen for item in version.rfo.actions.all()))
    return content


def words_digest(version: RfoVersion) -> str:
    """SHA-256 of all that a version says and to whom: what is approved, signed and scheduled."""
    return checksum(
        {
            "number": version.number,
            "kind": version.kind,
            "body": version.body,
            "signatory": [version.signatory_id, version.signatory_name, version.signatory_title],
            "change_summary": version.change_summary,
            "content": whole_of(version).as_json(),
            "attachments": [[each.name, each.sha256] for each in version.attachments.all()],
        }
    )


@transaction.atomic
def discard_draft(version: RfoVersion, *, by: Actor, at: datetime) -> None:
    """Throw an unpublished version away. Its number is given to the next one."""
    page = lock(version.rfo.page)
    version = open_version(version)
    name, incident = str(version), version.rfo.incident
    for each in version.attachments.all():
        transaction.on_commit(partial(each.file.delete, save=False), robust=True)
    version.delete()
    record(
        page, EventKind.RFO_DRAFTED, by=by, at=at, incident=incident, data={"rfo": name, "what": "discarded"}
    )


def _next_draft(incident: Incident, *, needs_summary: bool, at: datetime) -> RfoVersion:
    rfo = incident.rfos.first() or _new_rfo(incident, at=at)
    last = rfo.versions.last()
    if last is not None and last.is_open:
        if last.number > 1 and needs_summary:
            raise Refused("change_summary", "Say what changed since the published version.")
        return last
    if last and needs_summary:
        raise Refused("change_summary", "Say what changed since the published version.")
    return RfoVersion(
        rfo=rfo,
        number=last.number + 1 if last else 1,
        created_at=at,
        content=last.content if last else {},
        rendered=last.rendered if last else [],
    )


def _checked_content(content: Content) -> dict[str, object]:
    """The columns that keep it, its sections rendered. Raises Refused naming the part."""
    for part, problem in problems(content):
        raise Refused(part, problem)
    sections = tuple(
        replace(each, body=checked_markdown(each.body, field="sections")) for each in content.sections
    )
    content = replace(content, sections=sections, actions=())
    kept = content.as_json()
    try:
        clean(canonical(kept).replace("\\n", ""), limit=_ROOM)
    except UncleanText as error:
        raise Refused("content", str(error)) from error
    total = sum(len(each.body.encode()) for each in sections)
    if total > RFO_LIMIT:
        raise Refused("sections", f"All sections together may have {RFO_LIMIT:,} bytes of Markdown.")
    with formatting("sections"):
        return {"content": kept, "rendered": markdown_htmls([each.body for each in sections])}


_ROOM = 2 * 1024 * 1024
"""Characters of all that stands beside a letter."""


def _new_rfo(incident: Incident, *, at: datetime) -> Rfo:
    """Numbered by the local year in which the incident began: RFO-2021-0001."""
    year = incident.started_at.astimezone(incident.page.zone).year
    prefix = f"RFO-{year}-"
    last = Rfo.objects.filter(page=incident.page, number__startswith=prefix).aggregate(Max("number"))[
        "number__max"
    ]
    count = int(last.removeprefix(prefix)) + 1 if last else 1
    return Rfo.objects.create(
        page=incident.page, incident=incident, number=f"{prefix}{count:04d}", created_at=at
    )


def checked_markdown(body: str, *, field: str = "body") -> str:
    if len(body.encode("utf-8", "replace")) > RFO_LIMIT:
        raise Refused(
            field, f"An RFO may have {RFO_LIMIT:,} bytes of Markdown. Attach longer evidence as a document."
        )
    try:
        body = clean(body, limit=RFO_LIMIT)
    except UncleanText as error:
        raise Refused(field, str(error)) from error
    if not body:
        raise Refused(field, "An RFO needs at least a summary.")
    return body
