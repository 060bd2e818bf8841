"""A sweep outlives its worst row: the others go on, after two failures it is switched off, and staff are alerted."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError

from incidents.domain.alerts import Cause
from incidents.domain.sweeps import WORDS, SweepKind
from incidents.models import Alert, Incident, Page, SweepFailure
from incidents.monitoring.alerts import alert_due
from incidents.operations.row_deadline import RowOverrun, row_deadline
from incidents.operations.sweeps import Place, each_row, switch_on_again
from tests.factories import BEGAN, DEMO, make_incident, make_page

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


@pytest.fixture
def rows(page: Page) -> list[Incident]:
    return [make_incident(page, name) for name in ("One", "Worst", "Other")]


def place(row: Incident) -> Place:
    return Place(row.page_id, row.title, f"/console/incidents/{row.code}")


def swept(
    rows: list[Incident],
    *,
    at: datetime,
    sweep: SweepKind = SweepKind.AUTODRAFT,
    worst: Callable[[], None] | None = None,
) -> list[str]:
    """The titles of the rows that were worked on; `worst` is what is done for the worst one."""

    def work(row: Incident) -> str:
        if row.title == "Worst":
            (worst or _raise)()
        return row.title

    return each_row(sweep, rows, work, place=place, at=at, cpu_seconds=0.2)


def _raise() -> None:
    raise ArithmeticError("day is out of range\u202e\x1b[31m")


def test_a_row_that_raises_stops_no_other_and_is_switched_off_after_two_failures(
    rows: list[Incident],
) -> None:
    assert swept(rows, at=BEGAN) == ["One", "Other"]
    failure = SweepFailure.objects.get()
    assert (failure.failures, failure.disabled_at) == (1, None)
    assert swept(rows, at=BEGAN + MINUTE) == ["One", "Other"]
    failure.refresh_from_db()
    assert (failure.failures, failure.disabled_at) == (2, BEGAN + MINUTE)
    assert failure.reason == "ArithmeticError: day is out of range [31m"
    swept(rows, at=BEGAN + 2 * MINUTE)
    failure.refresh_from_db()
    assert failure.failures == 2


def test_a_row_that_never_ends_is_ended_and_counted(rows: list[Incident]) -> None:
    def forever() -> None:
        while True:
            try:
                sum(range(1000))
            except Exception:  # noqa: BLE001  (a loop that swallows what it can)
                continue

    assert swept(rows, at=BEGAN, worst=forever) == ["One", "Other"]
    assert "CPU time" in SweepFailure.objects.get().reason


def test_a_second_sweep_in_the_same_moment_is_no_second_failure(rows: list[Incident]) -> None:
    swept(rows, at=BEGAN)
    swept(rows, at=BEGAN)
    assert SweepFailure.objects.get().failures == 1


def test_a_row_that_succeeds_again_has_no_failures(rows: list[Incident]) -> None:
    swept(rows, at=BEGAN)
    assert len(swept(rows, at=BEGAN + MINUTE, worst=lambda: None)) == 3
    assert not SweepFailure.objects.exists()


def test_staff_are_alerted_once_and_the_alert_ends_when_it_is_switched_on_again(
    rows: list[Incident], page: Page
) -> None:
    for minutes in range(2):
        swept(rows, at=BEGAN + minutes * MINUTE)
    for minutes in range(2, 4):
        alert_due(at=BEGAN + minutes * MINUTE)
    (alert,) = Alert.objects.filter(cause=Cause.SWITCHED_OFF)
    assert alert.title == "No RFO is drafted: Worst"
    switch_on_again(SweepFailure.objects.get(), by=DEMO, at=BEGAN + 5 * MINUTE)
    alert_due(at=BEGAN + 6 * MINUTE)
    alert.refresh_from_db()
    assert alert.ended_at == BEGAN + 6 * MINUTE
    assert len(swept(rows, at=BEGAN + 7 * MINUTE, worst=lambda: None)) == 3


def test_a_row_of_an_essential_sweep_is_tried_again_by_itself(rows: list[Incident]) -> None:
    for minutes in range(3):
        swept(rows, at=BEGAN + minutes * MINUTE, sweep=SweepKind.PAGE)
    assert SweepFailure.objects.get().failures == 3
    assert len(swept(rows, at=BEGAN + 4 * MINUTE, sweep=SweepKind.PAGE, worst=lambda: None)) == 3


def test_a_busy_database_is_no_failure_of_the_row(rows: list[Incident]) -> None:
    def busy() -> None:
        raise OperationalError("database is locked")

    assert swept(rows, at=BEGAN, worst=busy) == ["One", "Other"]
    assert not SweepFailure.objects.exists()


def test_every_sweep_has_words_for_staff() -> None:
    assert set(WORDS) == set(SweepKind)


def test_a_deadline_inside_another_gives_the_time_back() -> None:
    with pytest.raises(RowOverrun), row_deadline(0.3):
        with row_deadline(5.0):
            pass
        while True:
            pass


def test_outside_the_main_thread_there_is_no_deadline_and_no_error() -> None:
    done: list[str] = []

    def work() -> None:
        with row_deadline(0.01):
            done.append("done")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == ["done"]
