"""What a client accepts and what it has already: Accept-Encoding and If-None-Match (RFC 9110)."""

import re
from collections.abc import Iterable

from incidents.publishing.bundles import ENCODINGS

MOST_PARTS = 20
_WEIGHT = re.compile(r"\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", re.IGNORECASE)
_UNNAMED_IDENTITY = 0.0001
"""Nobody needs to name identity to accept it, but whoever names something else likes that better."""


def acceptable(header: str) -> tuple[str, ...]:
    """Our encodings in the order to try them. Identity ends the list even when refused: better that than nothing.

    An encoding whose weight is malformed counts as refused; of equal weights the smaller body wins.
    """
    weights: dict[str, float] = {}
    for part in header.split(",")[:MOST_PARTS]:
        name, _, parameters = part.partition(";")
        name = name.strip().lower()
        weights["gzip" if name == "x-gzip" else name] = _weight(parameters)
    others = weights.get("*", 0.0)
    ranked = {each: weights.get(each, others) for each in ENCODINGS}
    if "identity" not in weights and "*" not in weights:
        ranked["identity"] = _UNNAMED_IDENTITY
    wanted = [each for each in sorted(ENCODINGS, key=lambda each: -ranked[each]) if ranked[each] > 0]
    return tuple(dict.fromkeys([*wanted, "identity"]))


def matches(header: str, etags: Iterable[str]) -> str | None:
    """The first of our ETags that If-None-Match names (weakly, as that header compares), or None."""
    tags = list(etags)
    if header.strip() == "*":
        return tags[0]
    named = {each.strip().removeprefix("W/") for each in header.split(",")}
    return next((tag for tag in tags if tag in named), None)


def _weight(parameters: str) -> float:
    if not parameters.strip():
        return 1.0
    found = _WEIGHT.fullmatch(parameters)
    return float(found[1]) if found else 0.0
