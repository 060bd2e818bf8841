"""An RFO as a page that prints like a letter, what one version changed, and what is left of one that was withdrawn."""

from dataclasses import replace

from incidents.domain.comparison import Paragraph, compare, is_same
from incidents.domain.rfo_views import RfoView, TombView
from incidents.formatting.words import RFO
from incidents.publishing.html import Printer, incident_card, page, rfo_card
from incidents.publishing.integrity_documents import KEY
from incidents.publishing.rfo_parts import as_text, parts
from incidents.publishing.signing import ENDING
from incidents.publishing.subjects import (
    Subject,
    before,
    changes_path,
    form_path,
    publisher_of,
    title_of,
    tombs,
    versions,
)

SIGNED = {"PDF": ".pdf", "Markdown": ".md", "JSON": ".json", "Checksums": "/SHA256SUMS"}
AROUND = 1
"""So many paragraphs that stayed are shown on either side of a change."""


def rfo(subject: Subject) -> bytes:
    """`/incidents/<code>/rfo`: the latest version."""
    return _rfo(
        subject, versions(subject.the_incident)[0], path=f"/incidents/{subject.the_incident.code}/rfo"
    )


def rfo_version(subject: Subject) -> bytes:
    """`/rfo/<number>/v<n>`: that version, for good, or that it is withdrawn."""
    if subject.tomb:
        return _tombstone(subject, subject.tomb)
    version = subject.the_rfo
    return _rfo(subject, version, path=form_path(subject, version))


def changes(subject: Subject) -> bytes:
    """`/rfo/<number>/v<n>/changes`: its words beside those of the version before."""
    version, printer = subject.the_rfo, Printer(subject)
    old = before(subject.the_incident, version)
    assert old is not None  # noqa: S101  (the site table has it for versions with one before)
    context = {
        "incident": incident_card(subject.the_incident, printer),
        "rfo": rfo_card(version, printer),
        "before": rfo_card(old, printer),
        "publisher": publisher_of(subject, version),
        "paragraphs": told_apart(old, version, subject),
    }
    title = f"Changes in {version.number}, version {version.version}"
    return page(
        subject,
        "rfo_changes.html",
        path=changes_path(version),
        title=title,
        context=context,
    )


def told_apart(old: RfoView, new: RfoView, subject: Subject) -> list[dict[str, object]]:
    """What changed, with a paragraph around it; runs that stayed are counted."""
    zone = subject.snapshot.page.zone
    return _shown(compare(as_text(old, zone, with_signature=True), as_text(new, zone, with_signature=True)))


def _shown(paragraphs: list[Paragraph]) -> list[dict[str, object]]:
    changed = {number for number, each in enumerate(paragraphs) if not is_same(each)}
    near = {number + step for number in changed for step in range(-AROUND, AROUND + 1)}
    found: list[dict[str, object]] = []
    skipped = 0
    for number, paragraph in enumerate(paragraphs):
        if number not in near:
            skipped += 1
            continue
        if skipped:
            found.append({"skipped": skipped})
            skipped = 0
        is_heading = paragraph[0].words.startswith("#")
        pieces = [
            (each.change.value, each.words.lstrip("# ") if is_heading else each.words) for each in paragraph
        ]
        found.append({"pieces": pieces, "is_heading": is_heading})
    return [*found, {"skipped": skipped}] if skipped else found


def _tombstone(subject: Subject, tomb: TombView) -> bytes:
    """That it was there, since when it is not, and why."""
    printer, view = Printer(subject), subject.the_incident
    reason = next(
        (each for each in reversed(versions(view)) if each.version > tomb.version and each.is_withdrawal),
        None,
    )
    context = {
        "incident": incident_card(view, printer),
        "tomb": tomb,
        "kind": RFO[tomb.kind],
        "published": printer.full(tomb.published_at),
        "reason": rfo_card(reason, printer) if reason else None,
    }
    title = f"{tomb.number}, version {tomb.version}: withdrawn"
    return page(
        subject,
        "rfo_withdrawn.html",
        path=f"/rfo/{tomb.number}/v{tomb.version}",
        title=title,
        context=context,
    )


def _rfo(subject: Subject, version: RfoView, *, path: str) -> bytes:
    view, printer = subject.the_incident, Printer(subject)
    newest, here = versions(view)[0], form_path(subject, version)
    heading, publisher = title_of(subject, version), publisher_of(subject, version)
    context = {
        "incident": incident_card(replace(view, title=heading), printer),
        "publisher": publisher,
        "rfo": rfo_card(version, printer),
        "parts": parts(version, printer.full),
        "newer": rfo_card(newest, printer) if newest.version != version.version else None,
        "versions": [rfo_card(each, printer) for each in versions(view)],
        "withdrawn": [(each, printer.full(each.published_at)) for each in tombs(view)],
        "changes": printer.link(changes_path(version)) if before(view, version) else "",
        "forms": _forms(here, is_printed=bool(subject.edition) or f"{here}.pdf" in subject.prints),
        "edition": subject.edition,
        **_signed(here, subject),
    }
    title = f"{version.number}: {heading} – {publisher}"  # noqa: RUF001  (the dash is meant)
    return page(subject, "rfo.html", path=path, title=title, context=context)


def _signed(path: str, subject: Subject) -> dict[str, object]:
    """The signatures that there are, of this version's files alone, and the ids of the keys that made them."""
    found = [
        (name, f"{path}{form}{ENDING}", subject.signatures[f"{path}{form}{ENDING}"].key)
        for name, form in SIGNED.items()
        if f"{path}{form}{ENDING}" in subject.signatures
    ]
    return {
        "signatures": [(name, link) for name, link, _ in found],
        "signing_keys": [(key, KEY.format(key=key)) for key in dict.fromkeys(key for _, _, key in found)],
    }


def _forms(path: str, *, is_printed: bool) -> list[tuple[str, str]]:
    """The other forms of a version with their paths; its PDF as soon as it is made."""
    pdf = [("PDF", f"{path}.pdf")] if is_printed else []
    sums = [] if path.startswith("/customers/") else [("Checksums", f"{path}/SHA256SUMS")]
    return [*pdf, ("Markdown", f"{path}.md"), ("JSON", f"{path}.json"), *sums]
