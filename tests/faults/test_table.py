"""The table of faults as text: what is written can be read again, and only the table changes."""

import pytest

from incidents.domain.outcomes import Outcome
from incidents.probes.kinds import KINDS
from tests.faults.table import PAGE, read, told, written
from tests.faults.test_fault_table import SECTIONS

PAGE_OF_TWO = (
    "# T\n\n## One\n\nWords.\n\n## Two\n\n| fault | `http_get` |\n| --- | --- |\n| x | ok |\n\nEnd.\n"
)
ROWS = {"gone": {"sip_options": "refused"}, "slow": {"sip_options": "UDP ok, TCP stalled", "http_get": "ok"}}


@pytest.mark.parametrize("title", ["One", "Two"])
def test_what_is_written_is_read_again(title: str) -> None:
    page = written(PAGE_OF_TWO, title, ROWS)
    assert read(page, title) == ROWS
    other = "Two" if title == "One" else "One"
    assert read(page, other) == read(PAGE_OF_TWO, other)
    assert "Words." in page
    assert page.endswith("\n\nEnd.\n")


def test_a_section_without_a_table_has_no_rows() -> None:
    assert read(PAGE_OF_TWO, "One") == {}
    assert read(PAGE_OF_TWO, "Three") == {}


def test_a_table_without_a_place_is_refused() -> None:
    with pytest.raises(AssertionError, match="no heading"):
        written(PAGE_OF_TWO, "Three", ROWS)


def test_transports_are_told_apart_only_where_they_differ() -> None:
    assert told({"UDP": "ok", "TCP": "ok"}) == "ok"
    assert told({"UDP": "ok", "TCP": "refused"}) == "UDP ok, TCP refused"


@pytest.mark.parametrize("title", SECTIONS)
def test_the_page_has_rows_of_known_kinds_and_classes(title: str) -> None:
    rows = read(PAGE.read_text(), title)
    assert rows
    for cells in rows.values():
        assert set(cells) <= set(KINDS)
        for cell in cells.values():
            for seen in cell.split(", "):
                assert seen.split()[-1] in set(Outcome) or seen == "cannot be served"


def test_every_kind_meets_a_fault() -> None:
    page = PAGE.read_text()
    met = {kind for title in SECTIONS for cells in read(page, title).values() for kind in cells}
    assert met == set(KINDS)
