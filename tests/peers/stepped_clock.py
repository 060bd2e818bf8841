"""A wall clock that a test sets back and forward under running processes, as a person or a hypervisor does."""

import os
import struct
import subprocess
import time
from datetime import timedelta
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")


def touch(file: Path) -> None:
    """Make the file, and date it by the clock that this process reads: the kernel's own is never shifted."""
    file.touch()
    os.utime(file, (time.time(), time.time()))


class SteppedClock:
    """The wall clock of whatever is started with `environment`: the real one, shifted by what was last `set`."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._library = directory / "stepped_clock.so"
        self._offset = directory / "offset"
        self.set(timedelta())
        compiler = ["gcc", "-shared", "-fPIC", "-O2", "-nostdlib", "-o", str(self._library), str(SOURCE)]
        subprocess.run(compiler, check=True, timeout=60)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to live by this clock."""
        return {"LD_PRELOAD": str(self._library), "WALL_CLOCK_OFFSET_FILE": str(self._offset)}

    def set(self, shift: timedelta) -> None:
        """Shift it so far from the real time, in all processes at once. The file is mapped, so it is never replaced."""
        nanoseconds = struct.pack("=q", round(shift.total_seconds() * 1e9))
        with self._offset.open("r+b" if self._offset.exists() else "wb") as file:
            file.write(nanoseconds)
