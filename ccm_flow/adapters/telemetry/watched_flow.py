"""The running cycles, with the time that each click takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ccm_flow.app.flow import ClickRefusedError, Flow, FlowUnavailableError
from ccm_flow.app.statuses import ClickEnd
from ccm_flow.core.events import PersonEvent
from ccm_flow.core.ids import ClickId, ClinicId, CycleId
from ccm_flow.core.month import Month
from ccm_flow.core.state import CycleStart, CycleState

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from ccm_flow.adapters.telemetry.metrics import Metrics


class WatchedFlow:
    """Implements `ccm_flow.app.flow.Flow` by another one; measures and follows its clicks."""

    def __init__(self, flow: Flow, metrics: "Metrics | None", tracer: "Tracer | None") -> None:
        self._flow = flow
        self._metrics = metrics
        self._tracer = tracer

    async def click(self, cycle: CycleId, click: ClickId, event: PersonEvent) -> int:
        """Pass a click on and note how long the answer took."""
        with self._measured(), self._followed(cycle, click, event):
            return await self._flow.click(cycle, click, event)

    @contextmanager
    def _measured(self) -> Iterator[None]:
        begun, end = time.perf_counter(), ClickEnd.FAILED
        try:
            yield
            end = ClickEnd.TAKEN
        except ClickRefusedError:
            end = ClickEnd.REFUSED
            raise
        except FlowUnavailableError:
            end = ClickEnd.AWAY
            raise
        finally:
            if self._metrics is not None:
                self._metrics.click_ended(end, time.perf_counter() - begun)

    @contextmanager
    def _followed(self, cycle: CycleId, click: ClickId, event: PersonEvent) -> Iterator[None]:
        if self._tracer is None:
            yield
            return
        ids = {"temporalWorkflowID": cycle, "ccm.click": click, "ccm.event": type(event).__name__}
        with self._tracer.start_as_current_span("click", attributes=ids):
            yield

    async def start(self, start: CycleStart) -> bool:
        """Start a cycle."""
        return await self._flow.start(start)

    async def call_off(self, cycle: CycleId) -> bool:
        """Take back a cycle that has not begun."""
        return await self._flow.call_off(cycle)

    async def state(self, cycle: CycleId) -> CycleState:
        """Ask a cycle for its state."""
        return await self._flow.state(cycle)

    async def open_month(self, clinic: ClinicId, month: Month) -> tuple[int, int]:
        """Open a clinic's month."""
        return await self._flow.open_month(clinic, month)

    async def keep_schedule(self, clinic: ClinicId, time_zone: str, *, paused: bool) -> None:
        """Keep the clinic's Schedule."""
        await self._flow.keep_schedule(clinic, time_zone, paused=paused)
