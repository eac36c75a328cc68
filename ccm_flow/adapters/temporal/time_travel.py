"""Moves running cycles ahead in time, on a server that allows it. Demo and tests only."""

from datetime import datetime, timedelta

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.core.ids import CycleId

_SKIPS = 100_000
"""A month of one cycle takes a few dozen; the default of 200 would end a long demo."""


class TimeTravel:
    """A virtual clock for each cycle, moved on wish."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._skipper = TimeSkipper(
            client, config=TimeSkippingConfig(max_session_skip_count=_SKIPS)
        )

    async def now(self, cycle: CycleId) -> datetime:
        """Ask what time it is for a cycle."""
        try:
            return await self._skipper.get_current_time(self._client.get_workflow_handle(cycle))
        except RPCError as error:
            raise FlowUnavailableError(error.status.name.lower()) from error

    async def bring_to(self, cycle: CycleId, instant: datetime) -> bool:
        """Move a cycle's clock up to an instant; False when there is none or it has ended."""
        handle = self._client.get_workflow_handle(cycle)
        try:
            now = await self._skipper.get_current_time(handle)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise FlowUnavailableError(error.status.name.lower()) from error
        return await self.move(cycle, instant - now)

    async def move(self, cycle: CycleId, by: timedelta) -> bool:
        """Move a cycle's clock; everything due on the way happens. False when it has ended."""
        if by <= timedelta(0):
            return True
        try:
            return await self._skipper.fast_forward(self._client.get_workflow_handle(cycle), by)
        except RPCError as error:
            if error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION):
                return False
            raise FlowUnavailableError(error.status.name.lower()) from error
