"""The PDFs of published RFO versions as they lie in a page's folder (DESIGN 12).

A version never changes, so its PDF is made once; because that takes seconds, it is made after everything else
(`printing.py`). Until then a note in the folder names the incident.
"""

import hashlib
from collections.abc import Mapping

from incidents.domain.tree import IncidentView
from incidents.publishing.store import PageFolder
from incidents.publishing.subjects import version_path, versions


def prints_of(folder: PageFolder, incident: IncidentView) -> Mapping[str, str]:
    """SHA-256 of each PDF of the incident that is there, by path."""
    paths = (f"{version_path(each)}.pdf" for each in versions(incident))
    found = ((path, folder.read(path)) for path in paths)
    return {path: hashlib.sha256(each.fresh.bodies["identity"]).hexdigest() for path, each in found if each}


def note_missing(folder: PageFolder, incident: IncidentView, prints: Mapping[str, str]) -> None:
    """Leave a note while a version has no PDF; take it away once all have one."""
    if len(prints) < len(versions(incident)):
        folder.want(incident.pk)
    else:
        folder.unwant(incident.pk)
