"""What withdrawn RFO versions have left in a page's folder: none of it may be read any longer (DESIGN 12)."""

from collections.abc import Iterator

from incidents.domain.incidents import IncidentStatus
from incidents.domain.rfos import RfoState
from incidents.domain.tree import IncidentView
from incidents.models import RfoVersion
from incidents.models.trees import attachment_view
from incidents.publishing.site import DOCUMENTS
from incidents.publishing.subjects import About, attachment_path


def withdrawn_paths(incident: IncidentView) -> Iterator[str]:
    """Where documents of the incident's withdrawn versions lie, or lay, or those of the latest version if it is one."""
    told = (each for each in incident.updates if each.status == IncidentStatus.POSTMORTEM)
    if all(each.rfo for each in told):
        return
    rows = RfoVersion.objects.filter(rfo__incident=incident.pk, state=RfoState.WITHDRAWN)
    for version in rows.select_related("rfo").prefetch_related("attachments"):
        names = {"number": version.rfo.number, "version": version.number, "code": incident.code}
        for document in DOCUMENTS:
            if document.about in {About.RFO, About.VERSION, About.REVISION, About.LETTER}:
                yield document.pattern.format(**names)
        yield from (attachment_path(attachment_view(each)) for each in version.attachments.all())
