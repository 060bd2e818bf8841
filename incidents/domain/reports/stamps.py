"""The time a `Posted` line states, as written: nothing is placed in a zone here."""

import re
from dataclasses import dataclass
from datetime import datetime

from incidents.domain.zones import wall_clock

_STAMP = re.compile(
    r"""
    (?:^|(?<=\s)) [*_]{0,2} posted:? \s+
    (?: [^.]{0,40} \b (?:ago|now) \.? \s+ )?
    (?P<month>[a-z]{3,9}) \.? \s+ (?P<day>\d{1,2})
    (?: ,? \s+ (?P<year>\d{4}) )?
    (?:
        (?: \s*[-\u2013\u2014,]\s* | \s+at\s+ | \s+ )
        (?P<hour>\d{1,2}) : (?P<minute>\d{2}) (?: : (?P<second>\d{2}) )?
    )?
    (?: \s* (?P<zone> (?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})? | (?<![a-z]) (?![ap]m\b) [a-z]{1,5} ) )?
    \.? [*_]{0,2} $
    """,
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
_LONGEST = 120
"""Characters at the end of a line among which a stamp is looked for."""
_MEANT = re.compile(
    r"""
    \s* [*_]{0,2} posted\b :? \s*
    (?: $ | .* (?: \d{4} | \d:\d\d
        | \b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)
        | \b(?:ago|now|yesterday|today)\b
        | \b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b ) )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST_MEANT = 60
_MONTH_NAMES = "january february march april may june july august september october november december"
_YEARS = range(1970, 2200)
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date that exists; of the rest the year, the time of day and the zone may be missing."""

    line: int
    local: datetime
    """Naive; the year 2000 and midnight stand in for what is missing."""
    zone: str | None
    has_year: bool = True
    has_time: bool = True

    def __str__(self) -> str:
        return f"{wall_clock(self.local)} {self.zone or ''}".rstrip()


def read_stamp(number: int, text: str) -> tuple[str, Stamp] | None:
    """The text before a `Posted` time at the end of the line (mostly none) and the time; None for any other line.

    After other words on its line only a full time counts, since "we posted it Oct 9" is a sentence.
    """
    found = _STAMP.search(text, max(0, len(text) - _LONGEST))
    stamp = _stamp(number, found) if found else None
    if found is None or stamp is None:
        return None
    before = text[: found.start()].strip()
    if before and not (stamp.has_year and stamp.has_time):
        return None
    return before, stamp


def was_meant_as_stamp(text: str) -> bool:
    """Whether a line looks like a `Posted` line that nobody can read, not like words of an update."""
    return len(text) <= _LONGEST_MEANT and _MEANT.match(text) is not None


def _stamp(number: int, found: re.Match[str]) -> Stamp | None:
    word = found["month"].lower()
    word = "sep" if word == "sept" else word
    months = [each for each, name in enumerate(_MONTH_NAMES.split(), 1) if name.startswith(word)]
    year = int(found["year"] or _LEAP_YEAR)
    if not months or year not in _YEARS:
        return None
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    try:
        local = datetime(year, months[0], int(found["day"]), hour, minute, second)  # noqa: DTZ001  (a wall clock)
    except ValueError:
        return None
    return Stamp(number, local, found["zone"], found["year"] is not None, found["hour"] is not None)
