"""
Knowing a process again.

A pid alone is not enough: after the process ends, the system gives its number to another.
Pid and start time together are never given twice.
"""

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PROC = Path("/proc")
_STATE, _THREADS, _START = 0, 17, 19  # places in /proc/<pid>/stat, counted after the program's name


@dataclass(frozen=True)
class ProcessIdentity:
    """One process, and no later one that happens to have its number."""

    pid: int
    started: str
    """The start time in the system's own words; only good for comparing."""

    def is_alive(self) -> bool:
        """Say whether this very process still runs; an ended, uncollected one does not."""
        return identify(self.pid) == self

    def send(self, signal_number: int) -> None:
        """Send a signal, if the process still runs; never to a stranger with its number."""
        if self.is_alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal_number)

    def end(self, grace: float) -> bool:
        """
        Ask the process to stop and, after `grace` seconds, stop it by force.

        Gives whether it went by itself. On return the process is gone.
        """
        self.send(signal.SIGTERM)
        if self.wait_gone(grace):
            return True
        self.send(signal.SIGKILL)
        self.wait_gone(10)
        return False

    def wait_gone(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for the process to be gone; say whether it is."""
        deadline = time.monotonic() + timeout
        while self.is_alive():
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        return True


def identify(pid: int) -> ProcessIdentity | None:
    """Give the identity of the process that has this number now; None when there is none."""
    started = _started_linux(pid) if (_PROC / "self" / "stat").exists() else _started_ps(pid)
    return ProcessIdentity(pid, started) if started else None


def _started_linux(pid: int) -> str | None:
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The name stands in brackets and may hold anything, brackets too.
    fields = stat.rpartition(")")[2].split()
    # The first thread may have ended while others still hold files and ports.
    ended = fields[_STATE] in "ZX" and int(fields[_THREADS]) <= 1
    return None if ended else f"{_boot()}/{fields[_START]}"


@cache
def _boot() -> str:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _started_ps(pid: int) -> str | None:
    asked = subprocess.run(  # noqa: S603 - a number is all that is passed on
        ["ps", "-o", "state=,lstart=", "-p", str(pid)],  # noqa: S607 - where ps lies differs
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, started = asked.stdout.strip().partition(" ")
    return started.strip() if started and not state.startswith("Z") else None
