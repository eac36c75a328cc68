"""The baseline: what a Temporal developer writes by hand for eight human steps in a row."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio import activity, workflow

STEPS = 8
_DEADLINE = timedelta(days=3)


@activity.defn
async def keep(cycle: str, step: int, what: str) -> None:
    """Write one row, as the projection does."""
    await asyncio.to_thread(_store[0], cycle, step, what)


Write = Callable[[str, int, str], None]
_store: list[Write] = []


def write_with(store: Write) -> None:
    """Say how rows are written."""
    _store[:] = [store]


@workflow.defn
class PlainWorkflow:
    """Each step: open, wait for a person or the reminder, write down, next."""

    def __init__(self) -> None:
        self._done = 0
        self._written = 0

    @workflow.run
    async def run(self, cycle: str) -> int:
        """Go through the steps."""
        for step in range(STEPS):
            try:
                await workflow.wait_condition(
                    lambda step=step: self._done > step,  # type: ignore[misc]
                    timeout=_DEADLINE,
                )
            except TimeoutError:
                await self._keep(cycle, step, "reminded")
                await workflow.wait_condition(lambda step=step: self._done > step)  # type: ignore[misc]
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._done

    @workflow.update
    async def complete(self, cycle: str) -> int:
        """Take a person's click; answered once it is written."""
        step = self._done
        self._done += 1
        await self._keep(cycle, step, "done")
        return step

    async def _keep(self, cycle: str, step: int, what: str) -> None:
        await workflow.execute_activity(
            keep, args=[cycle, step, what], start_to_close_timeout=timedelta(seconds=20)
        )
