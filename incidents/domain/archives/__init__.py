"""Another status page's past as Statuspage's API tells it, read into plain facts; what cannot be read is said.

The public v2 documents and the v1 API differ in what they leave out, not in names, so one reader takes both.
Source: shared reference `statuspage-api.md`, sections 1, 3 and 5.
"""

from incidents.domain.archives.facts import (
    OldComponent,
    OldGroup,
    OldIncident,
    OldMove,
    OldSubscriber,
    OldTemplate,
    OldUpdate,
)
from incidents.domain.archives.reading import Archive, NoArchive
from incidents.domain.archives.values import code_of

__all__ = [
    "Archive",
    "NoArchive",
    "OldComponent",
    "OldGroup",
    "OldIncident",
    "OldMove",
    "OldSubscriber",
    "OldTemplate",
    "OldUpdate",
    "code_of",
]
