"""A service's year for spreadsheets."""

import csv
import re
from io import StringIO

from incidents.models import Incident
from incidents.publishing.snapshot import YEAR_DAYS
from tests.publishing.pages import rendered
from tests.publishing.test_html_uptime import NOW


def year_csv(outage: Incident, name: str) -> str:
    component = outage.page.components.get(name=name)
    path = f"/uptime/{component.code}.csv"
    return rendered(outage.page, path, at=NOW, pattern="/uptime/{code}.csv", code=component.code)


def test_each_day_of_a_year_is_a_row_with_its_status_and_seconds(outage: Incident) -> None:
    rows = list(csv.DictReader(StringIO(year_csv(outage, "Network"))))
    assert len(rows) == YEAR_DAYS
    assert (rows[0]["date"], rows[-1]["date"]) == ("2020-10-20", "2021-10-20")
    by_day = {row["date"]: row for row in rows}
    assert by_day["2021-10-09"] == {
        "date": "2021-10-09",
        "status": "major_outage",
        "major_outage_seconds": str(15 * 3600 + 38 * 60),
        "partial_outage_seconds": "0",
        "degraded_performance_seconds": "0",
        "under_maintenance_seconds": "0",
        "operational_seconds": str(8 * 3600 + 22 * 60),
    }
    assert by_day["2021-05-01"]["status"] == "no_data"


def test_lines_end_as_rfc_4180_says(outage: Incident) -> None:
    text = year_csv(outage, "SIPcity Cloud PBX")
    assert text.count("\r\n") == text.count("\n") == YEAR_DAYS + 1
    assert text.endswith("\r\n")


def test_no_cell_can_be_taken_for_a_formula(outage: Incident) -> None:
    outage.page.components.update(description="=1+1")
    outage.page.components.filter(name="Network").update(name='=HYPERLINK("http://evil.test")')
    rows = csv.reader(StringIO(year_csv(outage, '=HYPERLINK("http://evil.test")')))
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9_-]*", cell) for row in rows for cell in row)
