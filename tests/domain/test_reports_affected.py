"""The footer line, and names that read like several."""

import pytest

from incidents.domain.reports.affected import read_affected
from incidents.domain.reports.lines import Line
from incidents.domain.reports.report import ReportError, ReportWarning


def components(words: str) -> tuple[list[tuple[str | None, str]], list[str]]:
    """The components of a footer line with these words, and its warnings."""
    warnings: list[ReportWarning] = []
    found = read_affected(Line(9, f"This incident affected: {words}"), warnings)
    assert all(warning.line == 9 for warning in warnings)
    return list(found), [warning.message for warning in warnings]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Voicemail.", [(None, "Voicemail")]),
        ("Voicemail", [(None, "Voicemail")]),
        ("Platform (Network) and Cloud PBX.", [("Platform", "Network"), (None, "Cloud PBX")]),
        (
            "Group (A, B), Other and Third.",
            [("Group", "A"), ("Group", "B"), (None, "Other"), (None, "Third")],
        ),
        (
            "Group (A, B), Other, and Third.",
            [("Group", "A"), ("Group", "B"), (None, "Other"), (None, "Third")],
        ),
        ("Voice and Video, SMS, and Fax.", [(None, "Voice and Video"), (None, "SMS"), (None, "Fax")]),
        ("Sites and Services (API) and Portal.", [("Sites and Services", "API"), (None, "Portal")]),
        ("Trunks (Voice and Video, SMS).", [("Trunks", "Voice and Video"), ("Trunks", "SMS")]),
        (
            "Trunks (SIP (TLS), SIP (UDP)) and Fax.",
            [("Trunks", "SIP (TLS)"), ("Trunks", "SIP (UDP)"), (None, "Fax")],
        ),
        (
            "Core (v0.22) | Nodes (Node 0, Node 1).",
            [("Core (v0.22) | Nodes", "Node 0"), ("Core (v0.22) | Nodes", "Node 1")],
        ),
        ("A (x) and B (y).", [("A", "x"), ("B", "y")]),
        ("A (x), B (y).", [("A", "x"), ("B", "y")]),
        ("Example Inc..", [(None, "Example Inc.")]),
    ],
)
def test_what_the_grammar_makes_certain_needs_no_warning(
    words: str, found: list[tuple[str | None, str]]
) -> None:
    assert components(words) == (found, [])


@pytest.mark.parametrize(
    ("words", "found", "warning"),
    [
        (
            "Voice and Video.",
            [(None, "Voice"), (None, "Video")],
            'read as 2 components, "Voice", "Video"; correct it if it is not so',
        ),
        (
            "SMS, Voice and Video.",
            [(None, "SMS"), (None, "Voice"), (None, "Video")],
            'read as 3 components, "SMS", "Voice", "Video"; correct it if it is not so',
        ),
        (
            "Sydney, Australia.",
            [(None, "Sydney, Australia")],
            'read as one component, "Sydney, Australia"; correct it if it is not so',
        ),
        (
            "Fax, and SMS.",
            [(None, "Fax"), (None, "SMS")],
            'read as 2 components, "Fax", "SMS"; correct it if it is not so',
        ),
        (
            "Trunks (SIP, Fax.",
            [(None, "Trunks (SIP, Fax")],
            'the brackets of "Trunks (SIP, Fax" do not match',
        ),
        ("Trunks ().", [(None, "Trunks")], '"Trunks ()" was read as "Trunks"'),
        ("(Network).", [(None, "Network")], '"(Network)" was read as "Network"'),
        ("Fax, SMS, and Fax.", [(None, "Fax"), (None, "SMS")], '"Fax" is named twice'),
        (".", [], "the line names no component"),
        ("", [], "the line names no component"),
        ("()", [], "the line names no component"),
    ],
)
def test_what_is_uncertain_is_read_in_the_likely_way_with_a_warning(
    words: str, found: list[tuple[str | None, str]], warning: str
) -> None:
    read, warnings = components(words)
    assert read == found
    assert warning in warnings


@pytest.mark.parametrize("piece", ["(", ")", "a, ", "xxxxxx"])
def test_a_name_longer_than_the_page_takes_is_refused(piece: str) -> None:
    with pytest.raises(ReportError, match=r"^Line 9: .* is longer than 255 characters"):
        components(piece * 50_000)


def test_more_components_than_any_page_has_are_refused() -> None:
    with pytest.raises(ReportError, match=r"^Line 9: The line names 501 components; 500 are the most"):
        components(", ".join(f"Trunk {number}" for number in range(500)) + ", and Fax.")


@pytest.mark.parametrize("piece", ["(a) and ", ", and ", "a (b), "])
def test_a_long_line_of_nothing_new_is_read_all_the_same(piece: str) -> None:
    assert len(components(piece * 20_000)[0]) <= 3
