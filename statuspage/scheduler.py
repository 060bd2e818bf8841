"""Beat's scheduler: fixed intervals on the monotonic clock, remembered nowhere but in memory.

Celery's own keeps the wall-clock time of each last run in a file: with the clock set back, every engine waits until the
old time comes round again, and a restart does not help.
"""

import time
from typing import Any

from celery.beat import Scheduler
from celery.schedules import schedule

MAX_SLEEP_SECONDS = 5.0


class IntervalScheduler(Scheduler):
    """Sends every task once at the start, and then again an interval after it was due last."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._due: dict[str, float] = {}
        self._intervals: dict[str, float] = {}
        super().__init__(*args, **options)

    def setup_schedule(self) -> None:
        """Our entries alone. Raises TypeError for one that has no fixed interval, such as a crontab."""
        self.merge_inplace(self.app.conf.beat_schedule)
        for name, entry in self.schedule.items():
            if type(entry.schedule) is not schedule:
                raise TypeError(f"{name}: only intervals in seconds are scheduled here")
            self._intervals[name] = float(entry.schedule.seconds)

    def tick(self, *_: Any, **__: Any) -> float:
        """Send what is due; seconds until the next look. What was missed while beat was stopped is sent once."""
        for name, interval in self._intervals.items():
            now = time.monotonic()
            due = self._due.get(name, now)
            if due <= now:
                self._due[name] = due + interval if due + interval > now else now + interval
                self.apply_entry(self.schedule[name], producer=self.producer)
        return min([MAX_SLEEP_SECONDS, *(due - time.monotonic() for due in self._due.values())])
