"""What stands for the running cycles while the Temporal server is away."""

from typing import NoReturn

from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.core.events import PersonEvent
from ccm_flow.core.ids import ClickId, ClinicId, CycleId
from ccm_flow.core.month import Month
from ccm_flow.core.state import CycleStart, CycleState


class AwayFlow:
    """
    Implements `ccm_flow.app.flow.Flow`: everything raises `FlowUnavailableError`.

    With it the use cases keep what a person did before they find the server away.
    """

    def __init__(self, why: FlowUnavailableError) -> None:
        self._why = why

    async def start(self, start: CycleStart) -> bool:
        """Start nothing."""
        self._refuse(start)

    async def call_off(self, cycle: CycleId) -> bool:
        """Call nothing off."""
        self._refuse(cycle)

    async def click(self, cycle: CycleId, click: ClickId, event: PersonEvent) -> int:
        """Pass nothing on."""
        self._refuse(cycle, click, event)

    async def state(self, cycle: CycleId) -> CycleState:
        """Answer nothing."""
        self._refuse(cycle)

    async def open_month(self, clinic: ClinicId, month: Month) -> tuple[int, int]:
        """Open nothing."""
        self._refuse(clinic, month)

    async def keep_schedule(self, clinic: ClinicId, time_zone: str, *, paused: bool) -> None:
        """Keep nothing."""
        self._refuse(clinic, time_zone, paused)

    def _refuse(self, *_: object) -> NoReturn:
        raise self._why
