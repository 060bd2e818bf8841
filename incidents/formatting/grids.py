"""A month of days as the rows of a table, weeks from Monday: a day's shape and words carry its state, not its colour.

Written here and not in a template, because a page with 500 components has 180,000 days at midnight.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.utils.safestring import SafeString, mark_safe

from incidents.domain.components import ComponentStatus
from incidents.domain.uptime import Day
from incidents.formatting.times import duration
from incidents.formatting.words import COMPONENT

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEK: SafeString = mark_safe(  # noqa: S308  (nobody's words)
    "".join(
        f'<th scope="col"><span aria-hidden="true">{day[0]}</span><span class="quiet">{day}</span></th>'
        for day in WEEKDAYS
    )
)
"""The cells above a month: letters to look at, names to hear."""
NO_DATA = "No data"
FINE = (None, ComponentStatus.OPERATIONAL)


def is_told(day: Day) -> bool:
    """Whether there is something to say of the day: it is known and was not fully operational."""
    return day.worst not in FINE


def day_id(day: Day) -> str:
    """Where on the component's page the words about a day are."""
    return f"d-{day.on.isoformat()}"


def told(day: Day) -> str:
    """`2 h 5 min`, or where the day had several bad states `Major outage 2 h 5 min, degraded performance 14 min`."""
    bad = [status for status in reversed(ComponentStatus) if status in day.spent and status not in FINE]
    parts = [(COMPONENT[status], duration(timedelta(seconds=day.spent[status]))) for status in bad]
    if len(parts) == 1:
        return parts[0][1]
    first, *others = (f"{words} {lasted}" for words, lasted in parts)
    return ", ".join([first, *(each[:1].lower() + each[1:] for each in others)])


def month_rows(days: Sequence[Day]) -> SafeString:
    """The `<tr>`s of one month's days, which follow one another and may begin after its first."""
    blanks = days[0].on.weekday() if days else 0
    cells = ["<td></td>"] * blanks + [_cell(day) for day in days]
    cells += ["<td></td>"] * (-len(cells) % len(WEEKDAYS))
    weeks = (cells[start : start + len(WEEKDAYS)] for start in range(0, len(cells), len(WEEKDAYS)))
    return mark_safe("".join(f"<tr>{''.join(week)}</tr>" for week in weeks))  # noqa: S308  (nobody's words)


def _cell(day: Day) -> str:
    inner = f"{day.on.day}{_MARKS[day.worst]}"
    return f'<td><a href="#{day_id(day)}">{inner}</a></td>' if is_told(day) else f"<td>{inner}</td>"


def _mark(state: str, words: str) -> str:
    svg = f'<svg class="mark {state}" aria-hidden="true"><use href="#{state}"/></svg>'
    return f'{svg}<span class="quiet">, {words.lower()}</span>'


_MARKS: Mapping[ComponentStatus | None, str] = {
    None: _mark("unknown", NO_DATA),
    **{status: _mark(status.value, words) for status, words in COMPONENT.items()},
}
