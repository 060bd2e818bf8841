"""All checks over one draft, in the order in which a reader would meet what they find."""

from incidents.domain.faults.dates import outside, wrong_weekdays, wrong_zones
from incidents.domain.faults.fault import Draft, Fault, Rules, Text
from incidents.domain.faults.figures import durations, order_of_times, promises
from incidents.domain.faults.words import empty_nouns, internal_words, misspellings, placeholders
from incidents.domain.rfo_content import Content

CHECKS = (
    *(wrong_weekdays, outside, wrong_zones, durations, order_of_times, promises),
    *(placeholders, internal_words, misspellings, empty_nouns),
)
MOST = 200
"""Nobody mends more at once."""
LONGEST_LINE = 5_000
"""Characters of a line that are looked at; more is no prose."""


def find_faults(texts: tuple[Text, ...], content: Content, rules: Rules) -> list[Fault]:
    """What is wrong, those that block first, each text from its top."""
    cut = tuple(
        Text(text.place, "\n".join(line[:LONGEST_LINE] for _, line in text.lines()), text.audience)
        for text in texts
    )
    draft = Draft(cut, content)
    places = {text.place: number for number, text in enumerate(texts)}
    found = [fault for check in CHECKS for fault in check(draft, rules)]
    found.sort(key=lambda each: (not each.blocks, places.get(each.place, len(places)), each.line))
    return found[:MOST]
