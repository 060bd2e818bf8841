"""The rules of RFC 5545 that recurring work may have: once a day at most, every number within its range."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

MAX_LETTERS = 500
MAX_INTERVAL = 1000
MAX_COUNT = 5_000
MAX_VALUES = 60
"""Of one list, such as BYMONTHDAY."""
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_FREQUENT = re.compile(r"FREQ=(SECONDLY|MINUTELY|HOURLY)|BY(HOUR|MINUTE|SECOND)=|BYEASTER")
_LINE = re.compile(r"[A-Z]+=[A-Z0-9,+-]+(;[A-Z]+=[A-Z0-9,+-]+)*")
_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"\d{8}(T\d{6})?")
_RANGES: Mapping[str, tuple[int, bool]] = {
    "BYMONTH": (12, False),
    "BYMONTHDAY": (31, True),
    "BYYEARDAY": (366, True),
    "BYWEEKNO": (53, True),
    "BYSETPOS": (366, True),
}
"""The highest number of each list, and whether it may count from the end."""
_ONLY_IN: Mapping[str, frozenset[str]] = {
    "BYWEEKNO": frozenset({"YEARLY"}),
    "BYYEARDAY": frozenset({"YEARLY"}),
    "BYMONTHDAY": frozenset({"DAILY", "MONTHLY", "YEARLY"}),
}


class BadRule(ValueError):
    """A rule that cannot be carried out; `str()` says what to do."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule within its bounds. `by_day` are ordinals (0 for every one) and weekdays from Monday, 0."""

    text: str
    frequency: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    week_start: int = 0
    by_month: frozenset[int] = frozenset()
    by_month_day: frozenset[int] = frozenset()
    by_year_day: frozenset[int] = frozenset()
    by_week_number: frozenset[int] = frozenset()
    by_day: frozenset[tuple[int, int]] = frozenset()
    by_position: frozenset[int] = frozenset()

    def __str__(self) -> str:
        return self.text


def parsed(text: str) -> Rule:
    """The rule. Raises BadRule."""
    line = "".join(text[: 2 * MAX_LETTERS].upper().split()).removeprefix("RRULE:")
    if len(line) > MAX_LETTERS or not _LINE.fullmatch(line) or "FREQ=" not in line:
        raise BadRule("Write a rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=SU.")
    if _FREQUENT.search(line):
        raise BadRule("Work may recur once a day at most. Use FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.")
    parts = [(name, value) for name, _, value in (part.partition("=") for part in line.split(";"))]
    names = [part[0] for part in parts]
    if len(set(names)) < len(names):
        raise BadRule("The rule says something twice. Write each part once.")
    given = dict(parts)
    frequency = given.pop("FREQ")
    if frequency not in FREQUENCIES:
        raise BadRule(f"FREQ={frequency} is not known. Use DAILY, WEEKLY, MONTHLY or YEARLY.")
    return _with_parts(line, frequency, given)


def _with_parts(line: str, frequency: str, given: Mapping[str, str]) -> Rule:
    readers: Mapping[str, tuple[str, Callable[[str], object]]] = {
        "INTERVAL": ("interval", lambda value: _number("INTERVAL", value, MAX_INTERVAL)),
        "COUNT": ("count", lambda value: _number("COUNT", value, MAX_COUNT)),
        "UNTIL": ("until", _until),
        "WKST": ("week_start", _week_start),
        "BYDAY": ("by_day", lambda value: _days(value, frequency, given)),
        "BYMONTH": ("by_month", lambda value: _numbers("BYMONTH", value, frequency)),
        "BYMONTHDAY": ("by_month_day", lambda value: _numbers("BYMONTHDAY", value, frequency)),
        "BYYEARDAY": ("by_year_day", lambda value: _numbers("BYYEARDAY", value, frequency)),
        "BYWEEKNO": ("by_week_number", lambda value: _numbers("BYWEEKNO", value, frequency)),
        "BYSETPOS": ("by_position", lambda value: _numbers("BYSETPOS", value, frequency)),
    }
    unknown = [name for name in given if name not in readers]
    if unknown:
        raise BadRule(f"{unknown[0]} is not known. Write a rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=SU.")
    if "COUNT" in given and "UNTIL" in given:
        raise BadRule("Write either COUNT or UNTIL, not both.")
    if "BYSETPOS" in given and not any(name.startswith("BY") and name != "BYSETPOS" for name in given):
        raise BadRule("BYSETPOS chooses from other lists. Add BYDAY or BYMONTHDAY.")
    facts = {readers[name][0]: readers[name][1](value) for name, value in given.items()}
    return Rule(line, frequency, **facts)  # type: ignore[arg-type]  # each reader gives its field's type


def _number(name: str, value: str, most: int) -> int:
    if not re.fullmatch(r"\d{1,9}", value) or not 1 <= int(value) <= most:
        raise BadRule(f"{name}={value[:20]} is out of range. Write a number from 1 to {most:,}.")
    return int(value)


def _numbers(name: str, value: str, frequency: str) -> frozenset[int]:
    most, from_the_end = _RANGES[name]
    only_in = _ONLY_IN.get(name)
    if only_in and frequency not in only_in:
        raise BadRule(f"{name} does not go with FREQ={frequency}.")
    words = value.split(",")
    if len(words) > MAX_VALUES:
        raise BadRule(f"{name} lists more than {MAX_VALUES} numbers.")
    found = set()
    for word in words:
        if not re.fullmatch(r"[+-]?\d{1,3}", word) or not 1 <= abs(int(word)) <= most:
            raise BadRule(f"{name}={word[:20]} is out of range. Write numbers from 1 to {most}.")
        if int(word) < 0 and not from_the_end:
            raise BadRule(f"{name}={word} is out of range. Write numbers from 1 to {most}.")
        found.add(int(word))
    return frozenset(found)


def _days(value: str, frequency: str, given: Mapping[str, str]) -> frozenset[tuple[int, int]]:
    words = value.split(",")
    if len(words) > MAX_VALUES:
        raise BadRule(f"BYDAY lists more than {MAX_VALUES} days.")
    most = {"MONTHLY": 5, "YEARLY": 5 if "BYMONTH" in given else 53}.get(frequency, 0)
    found = set()
    for word in words:
        day = _DAY.fullmatch(word)
        if day is None:
            raise BadRule(f"BYDAY={word[:20]} is no weekday. Write MO, TU, WE, TH, FR, SA or SU.")
        ordinal = int(day[1] or 0)
        if day[1] and not most:
            raise BadRule(f"BYDAY={word} counts weekdays, which does not go with FREQ={frequency}.")
        if day[1] and "BYWEEKNO" in given:
            raise BadRule(f"BYDAY={word} counts weekdays, which does not go with BYWEEKNO.")
        if day[1] and not 1 <= abs(ordinal) <= most:
            raise BadRule(f"BYDAY={word} is out of range. Count from 1 to {most}.")
        found.add((ordinal, DAYS.index(day[2])))
    return frozenset(found)


def _until(value: str) -> datetime:
    if re.fullmatch(r"\d{8}T\d{6}Z", value):
        raise BadRule("Write UNTIL as a day of the page's calendar, such as UNTIL=20271231.")
    refusal = f"UNTIL={value[:20]} is no day. Write it as UNTIL=20271231."
    if not _UNTIL.fullmatch(value):
        raise BadRule(refusal)
    try:
        return datetime.strptime(value, "%Y%m%dT%H%M%S" if "T" in value else "%Y%m%d")  # noqa: DTZ007  (local)
    except ValueError as error:
        raise BadRule(refusal) from error


def _week_start(value: str) -> int:
    if value not in DAYS:
        raise BadRule(f"WKST={value[:20]} is no weekday. Write MO or SU.")
    return DAYS.index(value)
