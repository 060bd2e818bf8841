"""An incident's own page."""

from incidents.formatting.times import lasted_words
from incidents.formatting.update_texts import update_brief
from incidents.publishing.html import Printer, incident_card, page, rfo_card
from incidents.publishing.sharing import GENERAL
from incidents.publishing.subjects import Subject, versions


def incident(subject: Subject) -> bytes:
    """`/incidents/<code>` and `/maintenance/<code>`: title, RFO first, the updates, newest first, what is affected.

    A maintenance lies at both, as Statuspage's clients expect; its canonical address is the second.
    """
    view, printer = subject.the_incident, Printer(subject)
    published = versions(view)
    card = incident_card(view, printer)
    latest = published[0] if published else None
    first = view.updates[-1] if view.updates else None
    told_in_block = latest and next(each.code for each in view.updates if each.rfo == latest)
    context = {
        "incident": card,
        "description": update_brief(first.body, first.body_format)[:200] if first else "",
        "lasted": lasted_words(view.started_at, None if view.plan else view.resolved_at),
        "rfo": rfo_card(latest, printer) if latest else None,
        "rfo_update": next((each for each in card["updates"] if each["code"] == told_in_block), None),
        "updates": [each for each in card["updates"] if each["code"] != told_in_block],
    }
    shows_state = view.status.is_in_force and (view.plan or card["trouble"])
    title = f"{view.title} – {subject.snapshot.page.name} Status"  # noqa: RUF001  (the dash is meant)
    return page(
        subject,
        "incident.html",
        path=view.path,
        title=title,
        state=card["state"] if view.status.is_in_force else GENERAL,
        picture=card["state"] if shows_state else GENERAL,
        context=context,
    )
