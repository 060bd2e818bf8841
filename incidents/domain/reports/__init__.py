"""Saved Statuspage incident reports as text, read into plain facts (DESIGN 7, `import_incident`).

The text is what a browser saves of an incident page: title, `Incident Report for <page>`, updates newest first, each
ending in `Posted <time> <zone>`, last `This incident affected: …`. Labels above or inside the updates may be missing.
Every line either finds its place or is named in a warning.
"""

from incidents.domain.reports.parsing import parse_report
from incidents.domain.reports.report import (
    AffectedComponent,
    Report,
    ReportError,
    ReportRfo,
    ReportUpdate,
    ReportWarning,
)

__all__ = [
    "AffectedComponent",
    "Report",
    "ReportError",
    "ReportRfo",
    "ReportUpdate",
    "ReportWarning",
    "parse_report",
]
