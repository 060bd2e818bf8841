"""What small Markdown costs: the front page with fifty updates in it, beside the same page with fifty plain ones."""

from datetime import timedelta
from statistics import median
from time import process_time

import pytest

from incidents.domain.texts import BodyFormat
from incidents.formatting.update_blocks import blocks_of
from incidents.formatting.update_texts import update_html
from incidents.models import IncidentUpdate, Page
from tests.bench.table import Report, Row
from tests.factories import BEGAN, make_incident, make_page, make_update
from tests.formatting.marked import MARKED
from tests.publishing.pages import rendered

pytestmark = [pytest.mark.bench, pytest.mark.django_db]

UPDATES, ROUNDS = 50, 15
MOST = 2


def _seconds(page: Page) -> float:
    """CPU time of one rendering by a process that has rendered none of these texts."""
    update_html.cache_clear()
    blocks_of.cache_clear()
    began = process_time()
    rendered(page, "/", at=BEGAN + timedelta(days=1))
    return process_time() - began


def test_fifty_updates_in_markdown_cost_little_more_than_plain_ones(report: Report) -> None:
    page = make_page()
    incident = make_incident(page)
    for number in range(UPDATES):
        make_update(incident, f"Step {number}. {MARKED}", at=BEGAN + timedelta(minutes=number))
    took: dict[BodyFormat, list[float]] = {each: [] for each in BodyFormat}
    for _ in range(ROUNDS):
        for written in BodyFormat:
            IncidentUpdate.objects.update(body_format=written)
            took[written].append(_seconds(page))
    plain, marked = (median(took[each]) for each in (BodyFormat.PLAIN, BodyFormat.MARKDOWN))
    report.add(
        "posting",
        Row(
            f"render the page with {UPDATES} updates with bold, links, lists and code, none of them seen before",
            f"{marked * 1000:.0f} ms of CPU time",
            f"plain text: {plain * 1000:.0f} ms",
            f"{marked / plain:.2f}",
            f"at most {MOST}",
            marked <= MOST * plain,
        ),
    )
    assert marked <= 4 * plain
