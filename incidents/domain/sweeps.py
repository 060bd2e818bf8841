"""The sweeps that walk stored rows, and what becomes of a row that fails in one of them."""

from enum import StrEnum


class SweepKind(StrEnum):
    """Which sweep; its value is kept in the row of a failure."""

    SERIES = "series"
    REMINDER = "reminder"
    MAINTENANCE = "maintenance"
    JUDGE = "judge"
    OPEN = "open"
    RELEASE = "release"
    RESOLVE = "resolve"
    AUTODRAFT = "autodraft"
    DEADLINES = "deadlines"
    RFO = "rfo"
    PDF = "pdf"
    PAGE = "page"
    FAN_OUT = "fan_out"
    ALERTS = "alerts"

    @property
    def is_essential(self) -> bool:
        """Whether a row that keeps failing is tried again by itself rather than left until a person says so.

        A page that is no longer published, or an outage that nobody notices, does more harm than a failing row.
        """
        return self in ESSENTIAL


ESSENTIAL = frozenset(
    {SweepKind.PAGE, SweepKind.JUDGE, SweepKind.OPEN, SweepKind.RELEASE, SweepKind.RESOLVE, SweepKind.ALERTS}
)


WORDS: dict[SweepKind, str] = {
    SweepKind.SERIES: "Recurring maintenance is not put on the page",
    SweepKind.REMINDER: "A maintenance reminder is not sent",
    SweepKind.MAINTENANCE: "A maintenance does not begin or end by itself",
    SweepKind.JUDGE: "Probe results of a component are not judged",
    SweepKind.OPEN: "An automatic incident is not opened",
    SweepKind.RELEASE: "A component is not let go by its automatic incident",
    SweepKind.RESOLVE: "An automatic incident is not resolved",
    SweepKind.AUTODRAFT: "No RFO is drafted",
    SweepKind.DEADLINES: "Deadlines are not kept up to date",
    SweepKind.RFO: "A scheduled RFO is not published",
    SweepKind.PDF: "The PDF of an RFO is not made",
    SweepKind.PAGE: "A page is not published",
    SweepKind.FAN_OUT: "An update is not sent to its subscribers",
    SweepKind.ALERTS: "Staff of a page are not alerted",
}
"""What does not happen, as staff read it."""
