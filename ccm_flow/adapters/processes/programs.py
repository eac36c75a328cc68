"""What the supervisor needs to know of a program, and how much it puts up with."""

import threading
from dataclasses import dataclass
from typing import Protocol

from ccm_flow.adapters.processes.errors import ProcessError
from ccm_flow.adapters.processes.identity import ProcessIdentity


class GaveUpError(ProcessError):
    """A program failed again and again, soon after each start."""

    def __init__(self, name: str, times: int, last: str) -> None:
        super().__init__(f"The {name} failed {times} times in a row. The last time: {last}")
        self.name = name
        self.times = times


@dataclass(frozen=True)
class Patience:
    """How long to go on with a program that fails."""

    quick_failures: int = 5
    """So many failures in a row, each soon after a start, and the supervisor gives up."""

    quick_seconds: float = 10.0
    """A program that ran longer than this has not failed quickly; the count begins anew."""

    first_pause: float = 0.2
    """Seconds before the first restart; doubled each time."""

    longest_pause: float = 5.0
    """Seconds that a pause never exceeds."""

    def pause(self, failures: int) -> float:
        """Give the seconds to wait after so many quick failures in a row."""
        return min(self.longest_pause, self.first_pause * 2.0 ** max(0, failures - 1))


class Program(Protocol):
    """What the supervisor needs to know of a program."""

    @property
    def name(self) -> str:
        """The word people see."""

    @property
    def identity(self) -> ProcessIdentity | None:
        """The running process, if there is one."""

    def start(self, cancelled: threading.Event | None = None) -> None:
        """Start and wait until ready."""

    def exit_code(self) -> int | None:
        """Give how it ended, or None while it runs."""

    def how_it_ended(self) -> str:
        """Say how it ended."""

    def stop(self) -> None:
        """Stop and wait for the end."""


@dataclass
class Watched:
    """A program under watch, and how it has done."""

    program: Program
    """The program."""

    started: float = 0.0
    """When it last got ready, on the monotonic clock."""

    failures: int = 0
    """Quick failures in a row."""

    failed_start: str | None = None
    """Why it could not be started the last time; None once it got ready."""

    def why_down(self) -> str | None:
        """Say why the program does not run; None while it does."""
        if self.failed_start is not None:
            return self.failed_start
        return None if self.program.exit_code() is None else self.program.how_it_ended()
