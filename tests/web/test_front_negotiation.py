"""Accept-Encoding in all its forms (RFC 9110, section 12.5.3)."""

import pytest

from incidents.web.negotiation import acceptable, matches


@pytest.mark.parametrize(
    ("header", "order"),
    [
        ("", ("identity",)),
        ("gzip, deflate, br", ("br", "gzip", "identity")),
        ("gzip", ("gzip", "identity")),
        ("x-gzip", ("gzip", "identity")),
        ("GZIP;Q=0.5, BR;q=0.1", ("gzip", "br", "identity")),
        ("br;q=0, gzip;q=0.000", ("identity",)),
        ("*", ("br", "gzip", "identity")),
        ("*;q=0", ("identity",)),
        ("identity;q=0", ("identity",)),
        ("br;q=0, *", ("gzip", "identity")),
        ("identity;q=1, gzip;q=0.5", ("identity", "gzip")),
        ("gzip;q=1.5", ("identity",)),
        ("gzip;q=abc, br;q=", ("identity",)),
        ("gzip ; q=0.8", ("gzip", "identity")),
        ("zstd, compress", ("identity",)),
        (",,;;q=1,", ("identity",)),
        ("gzip;level=9", ("identity",)),
        ("a," * 100_000 + "br", ("identity",)),
    ],
)
def test_encodings_are_tried_in_the_client_s_order(header: str, order: tuple[str, ...]) -> None:
    assert acceptable(header) == order


def test_the_first_of_ours_that_is_named_counts() -> None:
    assert matches('"b", W/"a"', ['"a"', '"b"']) == '"a"'
    assert matches(" * ", ['"a"']) == '"a"'
    assert matches('"c"', ['"a"']) is None
