"""Words kept ready, with places for what only the hour knows: `{{ components }}`, `{{ next_update }}`.

A place that nothing fills stays as it is, so that its author sees what is missing; publishing such words is refused.
"""

import re
from collections.abc import Mapping

PLACE = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")
PLACES: Mapping[str, str] = {
    "page": "the page's name",
    "title": "the incident's title",
    "components": "the affected components, such as Registration and Voicemail",
    "since": "when it began, in the page's zone",
    "now": "the present time in the page's zone",
    "next_update": "the time of the next update",
}
"""Each place, and what fills it."""


def fill(text: str, values: Mapping[str, str]) -> str:
    """The words with each place filled for which there is a value."""
    return PLACE.sub(lambda found: values.get(found[1]) or found[0], text)


def unknown_places(text: str) -> list[str]:
    """Places that nothing ever fills, in their order."""
    return [name for name in dict.fromkeys(PLACE.findall(text)) if name not in PLACES]


def open_places(text: str) -> list[str]:
    """Places that are still to be filled, as they are written."""
    return list(dict.fromkeys(found[0] for found in PLACE.finditer(text) if found[1] in PLACES))
