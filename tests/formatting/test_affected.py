"""The footer line of an incident or a maintenance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.reports.affected import read_affected
from incidents.domain.reports.lines import Line
from incidents.domain.reports.report import ReportWarning
from incidents.formatting.affected import affected_sentence

WORDS = st.sampled_from(
    ["SIP", "Cloud PBX", "Network", "E-mail to fax", "1300 numbers", "Zürich", "R&D", "Anders"]
)
JOINING = st.sampled_from(
    ["Voice and Video", "Sites and Services", "Fax", "and", "SMS and MMS and RCS", "And"]
)


@pytest.mark.parametrize(
    ("components", "sentence"),
    [
        ([(None, "Voicemail")], "This incident affected: Voicemail."),
        ([(None, "SIP"), (None, "Fax")], "This incident affected: SIP and Fax."),
        ([(None, "A"), (None, "B"), (None, "C")], "This incident affected: A, B, and C."),
        (
            [("SIPcity Calling Platform", "Network"), (None, "SIPcity Cloud PBX")],
            "This incident affected: SIPcity Calling Platform (Network) and SIPcity Cloud PBX.",
        ),
        (
            [("Media", "Oakland"), (None, "Fax"), ("Media", "San Jose"), ("Trunks", "In")],
            "This incident affected: Media (Oakland, San Jose), Fax, and Trunks (In).",
        ),
        ([("Fax", "Fax"), (None, "Fax")], "This incident affected: Fax (Fax) and Fax."),
        ([], ""),
    ],
)
def test_names_are_joined_as_statuspage_joins_them(
    components: list[tuple[str | None, str]], sentence: str
) -> None:
    assert affected_sentence(components) == sentence


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        (False, "This scheduled maintenance affects: Trunks (In) and Fax."),
        (True, "This scheduled maintenance affected: Trunks (In) and Fax."),
    ],
)
def test_a_maintenance_affects_until_it_is_over_and_affected_from_then_on(over: bool, sentence: str) -> None:
    assert affected_sentence([("Trunks", "In"), (None, "Fax")], planned=True, over=over) == sentence
    assert affected_sentence([], planned=True, over=over) == ""


@pytest.mark.parametrize("over", [False, True])
def test_an_incident_is_told_in_the_past_from_the_beginning(over: bool) -> None:
    assert affected_sentence([(None, "Fax")], over=over) == "This incident affected: Fax."


def grouped(names: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str | None, str]]]:
    """Components of a page, a group's children beside each other as on the page."""
    group = st.tuples(names, st.lists(names, min_size=1, max_size=4, unique=True))
    item = st.one_of(names.map(lambda name: (None, [name])), group)
    items = st.lists(item, min_size=1, max_size=5, unique_by=lambda item: item[0] or item[1][0])
    return items.map(lambda items: [(head, name) for head, names in items for name in names])


@given(grouped(WORDS))
def test_the_line_reads_back_as_the_components_it_was_made_of(
    components: list[tuple[str | None, str]],
) -> None:
    warnings: list[ReportWarning] = []
    assert list(read_affected(Line(1, affected_sentence(components)), warnings)) == components


@given(grouped(st.one_of(WORDS, JOINING)))
def test_names_that_hold_and_read_back_or_are_warned_of(components: list[tuple[str | None, str]]) -> None:
    warnings: list[ReportWarning] = []
    read = list(read_affected(Line(1, affected_sentence(components)), warnings))
    assert read == components or warnings


@given(st.text(max_size=200))
def test_any_words_at_all_can_stand_in_the_line(text: str) -> None:
    warnings: list[ReportWarning] = []
    read = read_affected(Line(1, f"This incident affected: {text}."), warnings)
    assert all(name for _, name in read)
