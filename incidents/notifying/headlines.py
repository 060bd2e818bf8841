"""The head of a notice: the state that its subject begins with, the next update, each component, the brand."""

from incidents.channels.messages import MailBranding
from incidents.domain.colours import AA_EDGE, contrast, ink_on
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import EventKind
from incidents.domain.tree import IncidentView, PageView, UpdateView
from incidents.formatting.times import posted_twice
from incidents.formatting.words import COMPONENT, page_label

MAX_COMPONENTS = 50
"""Components that one notice lists; the page has them all."""
MAX_LOGO_BYTES = 48 * 1024
"""A larger logo is left out: it goes with every single mail."""
WHITE, DARK = "#ffffff", "#1b212b"
"""What a button lies on in a light and in a dark mail; `templates/mail/notice.html` has the same."""
NO_NEXT_UPDATE = "No next-update time set"
PLANNED = {
    IncidentStatus.SCHEDULED: "Maintenance",
    IncidentStatus.IN_PROGRESS: "Maintenance in progress",
    IncidentStatus.VERIFYING: "Maintenance being verified",
    IncidentStatus.COMPLETED: "Maintenance completed",
}


def state_of(kind: EventKind, update: UpdateView, incident: IncidentView) -> str:
    """`Resolved`, `Maintenance`, `RFO v2`: what a subject begins with, as the thread stood with this update."""
    if update.rfo is not None:
        return "RFO withdrawn" if update.rfo.is_withdrawal else f"RFO v{update.rfo.version}"
    if update.tomb is not None:
        return f"RFO v{update.tomb.version} withdrawn"
    if kind == EventKind.MAINTENANCE_REMINDED:
        return "Maintenance reminder"
    if incident.status == IncidentStatus.COMPLETED and not _has_begun(incident):
        return "Maintenance ended"
    return PLANNED.get(incident.status) or page_label(incident.status, None)


def _has_begun(incident: IncidentView) -> bool:
    """Whether any update says that the work began: one that was called off was never completed."""
    begun = {IncidentStatus.IN_PROGRESS, IncidentStatus.VERIFYING}
    return any(update.status in begun for update in incident.updates)


def subject_of(state: str, title: str, page_name: str) -> str:
    """State first, so that an inbox shows what is over; mail clients thread by References, not by subject."""
    return f"{f'{state}: ' if state else ''}{title} [{page_name}]"


def next_update_of(incident: IncidentView, page: PageView) -> str:
    """When the next update is promised for, in the page's zone and in UTC; empty once the incident is over."""
    if not incident.status.is_open:
        return ""
    by = incident.next_update_by
    return f"Next update by {posted_twice(by, page.zone)}" if by else NO_NEXT_UPDATE


def component_states(incident: IncidentView, update: UpdateView) -> tuple[tuple[str, str], ...]:
    """Name and state of each component as the thread's updates say; none for an RFO or work that has not begun."""
    if update.rfo or update.tomb or incident.status == IncidentStatus.SCHEDULED:
        return ()
    said: dict[str, ComponentStatus] = {}
    for each in reversed(incident.updates):
        said |= {affected.code: affected.new_status for affected in each.affected}
    found = [(each.full_name, COMPONENT[said[each.code]]) for each in incident.affected if each.code in said]
    if len(found) <= MAX_COMPONENTS:
        return tuple(found)
    return (*found[:MAX_COMPONENTS], (f"{len(found) - MAX_COMPONENTS} more", "see the status page"))


def branding_of(page: PageView) -> MailBranding:
    """The page's colour and logo as a mail carries them; Dialtone's own colour where the page has none."""
    look = page.look
    own = MailBranding()
    accent = look.accent if look and look.accent else own.accent
    logo = look.logo if look and len(look.logo) <= MAX_LOGO_BYTES else b""
    return MailBranding(
        accent=accent,
        ink=ink_on(accent),
        edge=accent if contrast(accent, WHITE) >= AA_EDGE else own.faint,
        edge_dark=accent if contrast(accent, DARK) >= AA_EDGE else own.faint_dark,
        logo=logo,
    )
