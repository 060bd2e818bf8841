"""An incident's own page, and its RFO as a page that prints like a letter."""

from incidents.domain.incidents import Impact
from incidents.domain.tree import RfoView
from incidents.formatting.times import duration
from incidents.publishing.html import Printer, incident_card, page, rfo_card
from incidents.publishing.sharing import GENERAL
from incidents.publishing.subjects import Subject, version_path, versions


def incident(subject: Subject) -> bytes:
    """`/incidents/<code>` and `/maintenance/<code>`: title, RFO first, the updates, newest first, what is affected.

    A maintenance lies at both, as Statuspage's clients expect; its canonical address is the second.
    """
    view, printer = subject.the_incident, Printer(subject)
    published = versions(view)
    card = incident_card(view, printer)
    latest = published[0] if published else None
    told_in_block = latest and next(each.code for each in view.updates if each.rfo == latest)
    context = {
        "incident": card,
        "description": view.updates[-1].body[:200] if view.updates else "",
        "lasted": duration(view.resolved_at - view.started_at) if view.resolved_at and not view.plan else "",
        "rfo": rfo_card(latest, printer) if latest else None,
        "rfo_update": next((each for each in card["updates"] if each["code"] == told_in_block), None),
        "updates": [each for each in card["updates"] if each["code"] != told_in_block],
    }
    title = f"{view.title} – {subject.snapshot.page.name} Status"  # noqa: RUF001  (the dash is meant)
    return page(
        subject,
        "incident.html",
        path=view.path,
        title=title,
        state=card["state"] if view.status.is_in_force else "operational",
        picture=card["state"] if view.status.is_in_force and view.impact != Impact.NONE else GENERAL,
        context=context,
    )


def rfo(subject: Subject) -> bytes:
    """`/incidents/<code>/rfo`: the latest version."""
    return _rfo(
        subject, versions(subject.the_incident)[0], path=f"/incidents/{subject.the_incident.code}/rfo"
    )


def rfo_version(subject: Subject) -> bytes:
    """`/rfo/<number>/v<n>`: that version, for good."""
    version = subject.the_rfo
    return _rfo(subject, version, path=version_path(version))


def _rfo(subject: Subject, version: RfoView, *, path: str) -> bytes:
    view, printer = subject.the_incident, Printer(subject)
    newest = versions(view)[0]
    context = {
        "incident": incident_card(view, printer),
        "rfo": rfo_card(version, printer),
        "newer": rfo_card(newest, printer) if newest != version else None,
        "versions": [rfo_card(each, printer) for each in versions(view)],
        "forms": _forms(version_path(version), is_printed=f"{version_path(version)}.pdf" in subject.prints),
    }
    title = f"{version.number}: {view.title} – {subject.snapshot.page.name}"  # noqa: RUF001  (the dash is meant)
    return page(subject, "rfo.html", path=path, title=title, state="operational", context=context)


def _forms(path: str, *, is_printed: bool) -> list[tuple[str, str]]:
    """The other forms of a version with their paths; its PDF as soon as it is made."""
    pdf = [("PDF", f"{path}.pdf")] if is_printed else []
    return [*pdf, ("Markdown", f"{path}.md"), ("JSON", f"{path}.json"), ("Checksums", f"{path}/SHA256SUMS")]
