"""The port to what runs cycles durably."""

from datetime import datetime
from typing import Protocol

from ccm_flow.core.errors import CcmError
from ccm_flow.core.events import PersonEvent
from ccm_flow.core.ids import ClickId, ClinicId, CycleId
from ccm_flow.core.month import Month
from ccm_flow.core.state import CycleStart, CycleState


class ClickRefusedError(CcmError):
    """The engine does not take what a person wants to do; nothing changed."""

    exit_code = 4

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.code = code


class NoSuchCycleError(CcmError):
    """There is no such cycle, or it is long over."""

    exit_code = 4
    hint = "List the open steps with `ccm queue`; each line starts with the step's name."

    def __init__(self, cycle: str) -> None:
        super().__init__(f"No month is running under '{cycle}'.")


class FlowUnavailableError(CcmError):
    """The Temporal server does not answer; what a person did is kept and offered again."""

    exit_code = 3
    hint = "Start it with `ccm start`, or check TEMPORAL_ADDRESS. What you entered is kept."

    def __init__(self, reason: str = "") -> None:
        detail = f" ({reason})" if reason else ""
        super().__init__(f"The Temporal server cannot be reached{detail}.")


class OpeningFailedError(CcmError):
    """An opening ended before every month was started."""

    hint = "Put right what it says and open the month again; only what is missing is started."


class Flow(Protocol):
    """Starts cycles and passes on what people do to them."""

    async def start(self, start: CycleStart) -> bool:
        """Start a cycle; False when it was started before. Never starts one twice."""
        ...

    async def call_off(self, cycle: CycleId) -> bool:
        """
        Take back a cycle that was started ahead and has not begun; False when there is none.

        One that has begun is left alone. A cycle that was called off may be started again.
        """
        ...

    async def click(self, cycle: CycleId, click: ClickId, event: PersonEvent) -> int:
        """
        Pass on what a person did; returns the transition's sequence once it is written down.

        Sending the same click again gives the same answer and does nothing twice.

        Raises:
            ClickRefusedError: it cannot be done now.
            NoSuchCycleError: the cycle does not exist.
            FlowUnavailableError: the server does not answer.
        """
        ...

    async def state(self, cycle: CycleId) -> CycleState:
        """Ask a cycle for its state."""
        ...

    async def open_month(self, clinic: ClinicId, month: Month) -> tuple[int, int]:
        """Open a clinic's month; returns how many cycles were started, and already open."""
        ...

    async def keep_schedule(self, clinic: ClinicId, time_zone: str, *, paused: bool) -> None:
        """Keep the clinic's nightly Schedule that opens its months."""
        ...


class Clock(Protocol):
    """Says what time it is, in one place for the whole application."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        ...
