"""Figures against each other: how long it lasted, in which order things were, who does what by when."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from incidents.domain.audiences import Audience
from incidents.domain.faults.fault import Draft, Fault, Rules, excerpt
from incidents.domain.rfo_content import ActionState, Moment

_NUMBER = r"(?:\d+(?:\.\d+)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_UNITS = r"(?:days?|d|hours?|hrs?|h|minutes?|mins?|min|m)"
_AMOUNT = rf"(?P<amount>{_NUMBER}[ -]?{_UNITS}\b(?:,? (?:and )?{_NUMBER} ?{_UNITS}\b){{0,2}})"
_LASTED = re.compile(
    rf"(?:\bduration(?: of (?:the )?(?:outage|incident|impact))?(?: was|:)? |\blasted (?:for |about |around )?"
    r"|\b(?:outage|disruption|impact) of (?:about |around )?"
    rf"|\b(?:were|was) (?:down|out|unavailable|without service) for ){_AMOUNT}"
    rf"|\b{_AMOUNT.replace('?P<amount>', '?P<before>')} (?:outage|disruption)\b",
    re.IGNORECASE,
)
_PART = re.compile(rf"({_NUMBER})[ -]?({_UNITS})", re.IGNORECASE)
_SCALE = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_WORDS = {
    name: number
    for number, name in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        start=1,
    )
}
_SLACK = 0.1
"""A tenth, and at least five minutes: people round."""


def durations(draft: Draft, rules: Rules) -> Iterator[Fault]:
    """`The outage lasted 4 hours`, when the windows add up to 28."""
    if not rules.lasted:
        return
    for text, number, found in draft.match(_LASTED):
        said = _amount(found["amount"] or found["before"])
        slack = max(rules.lasted * _SLACK, timedelta(minutes=5))
        if abs(said - rules.lasted) > slack:
            yield Fault(
                "duration",
                text.place,
                number,
                excerpt(found.string, *found.span()),
                f"The windows of impact add up to {_words(rules.lasted)}. Mend the figure, or the windows.",
            )


def _amount(words: str) -> timedelta:
    total = timedelta()
    for count, unit in _PART.findall(words):
        number = float(_WORDS.get(count.lower(), 0) or count)
        scale = _SCALE[unit[0].lower()]
        total += min(number, 100_000) * scale
    return total


def _words(lasted: timedelta) -> str:
    minutes = lasted // timedelta(minutes=1)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def promises(draft: Draft, rules: Rules) -> Iterator[Fault]:  # noqa: ARG001  (all checks are alike)
    """Actions that nobody owns or that have no day are no promises."""
    for number, action in enumerate(draft.actions, start=1):
        if action.state != ActionState.OPEN:
            continue
        lacks = [name for name, there in (("an owner", action.owner), ("a day", action.due)) if not there]
        if lacks:
            yield Fault(
                "action",
                f"action {number}",
                0,
                action.what,
                f"It has neither {' nor '.join(lacks)}." if len(lacks) > 1 else f"It has not {lacks[0]}.",
                blocks=action.audience != Audience.INTERNAL,
            )


def order_of_times(draft: Draft, rules: Rules) -> Iterator[Fault]:  # noqa: ARG001
    """Detected after it began, restored before it was resolved."""
    order = list(Moment)
    known = sorted((order.index(each.what), each.at) for each in draft.content.times if each.at)
    for (first, before), (second, after) in pairwise(known):
        if after < before and {order[first], order[second]} != {Moment.ACKNOWLEDGED, Moment.FIRST_NOTICE}:
            yield Fault(
                "order",
                "key times",
                0,
                order[second].value.replace("_", " "),
                f"{_named(order[second])} comes before {_named(order[first])}.",
            )


def _named(moment: Moment) -> str:
    return f"“{moment.value.replace('_', ' ')}”"
