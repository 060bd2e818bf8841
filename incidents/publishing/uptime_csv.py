"""A component's past year for spreadsheets: one row a local day (RFC 4180).

Dates, words of an enumeration and whole numbers are all that it holds, so no cell can be taken for a formula.
"""

import csv
from io import StringIO

from incidents.domain.components import ComponentStatus
from incidents.publishing.subjects import Subject

NO_DATA = "no_data"


def uptime(subject: Subject) -> bytes:
    """`/uptime/<code>.csv`: the worst status of each day and the seconds in each, the worst first."""
    statuses = list(reversed(ComponentStatus))
    written = StringIO(newline="")
    rows = csv.writer(written)
    rows.writerow(["date", "status", *(f"{status.value}_seconds" for status in statuses)])
    for day in subject.the_past.days:
        worst = day.worst.value if day.worst else NO_DATA
        seconds = (round(day.spent.get(status, 0.0)) for status in statuses)
        rows.writerow([day.on.isoformat(), worst, *seconds])
    return written.getvalue().encode()
