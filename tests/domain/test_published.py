"""Heads and checksums read back out of whatever somebody kept; what is none of these is passed over."""

import json

import pytest

from incidents.domain.published import HeadFacts, Published, VersionFacts, read_publication

PAGE = "abcdefghijkl"
DIGEST = "0123456789abcdef" * 4
HEAD, OWN = HeadFacts("", 12, DIGEST), HeadFacts(PAGE, 3, DIGEST)
VERSION = VersionFacts(PAGE, "RFO-2021-0001", 2, DIGEST)


def test_what_is_written_reads_back_and_twice_is_once() -> None:
    text = f"Keep this.\r\nThe installation, 12 lines: {HEAD}\r\n<p>{OWN}<br>{VERSION}</p> {HEAD} {VERSION}."
    found = read_publication(text, source="monday.eml")
    assert (found.heads, found.versions) == ((HEAD, OWN), (VERSION,))
    assert (found.code, found.at, found.source) == ("", "", "monday.eml")


def test_a_document_names_its_publication_and_its_time() -> None:
    text = json.dumps({"publication": "p", "published_at": "2026", "audit": [{"head": str(OWN)}]})
    found = read_publication(text)
    assert (found.heads, found.code, found.at) == ((OWN,), "p", "2026")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12:30:45 and ::1 and a:b:c",
        f"x{PAGE}:3:{DIGEST}",
        f"{PAGE}:3:{DIGEST}0",
        f"{PAGE}:{'9' * 19}:{DIGEST}",
        f"{PAGE}:-3:{DIGEST}",
        f"{PAGE}:3:{DIGEST.upper()}",
        f"{PAGE}/RFO/v1:{DIGEST[1:]}",
        "[" * 100_000,
        "\x00\ufffd\u202e",
    ],
    ids=range(10),
)
def test_what_is_none_is_passed_over(text: str) -> None:
    found = read_publication(text)
    assert (found.heads, found.versions, found.code) == ((), (), "")


@pytest.mark.parametrize(
    "text",
    [":" * 100_000, "a" * 100_000, f"{PAGE}/" * 20_000, "/v1:" * 50_000, "1:" * 99_999],
    ids=["colons", "letters", "pages", "versions", "counts"],
)
def test_a_hostile_file_costs_little(text: str) -> None:
    """Each pattern is bounded, so that no text makes it look again and again."""
    assert read_publication(text * 5).heads == ()


def test_several_publications_are_known_by_chain_and_count() -> None:
    later = HeadFacts(PAGE, 9, DIGEST)
    known = Published([read_publication(str(OWN)), read_publication(f"{later} {VERSION}")])
    assert sorted(known.heads()[PAGE]) == [3, 9]
    assert known.versions() == {(PAGE, "RFO-2021-0001"): {2: DIGEST}}
