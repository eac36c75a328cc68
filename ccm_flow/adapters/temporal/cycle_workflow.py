"""
The Temporal workflow of one patient's month.

It only translates: wait for a click or the next due instant, ask the engine, write the
transition down. Every rule lives in `ccm_flow.core.engine`.
"""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from ccm_flow.adapters.temporal.messages import (
        ClickInput,
        ClickResult,
        FactsInput,
        FactsResult,
        read_facts,
    )
    from ccm_flow.adapters.temporal.names import (
        CLICK_UPDATE,
        CYCLE_WORKFLOW,
        FACTS_ACTIVITY,
        PROJECT_ACTIVITY,
        STATE_QUERY,
    )
    from ccm_flow.core.engine import (
        MonthPlan,
        Refusal,
        Wake,
        advance,
        layout_after,
        open_cycle,
        refuse,
        wakes,
    )
    from ccm_flow.core.events import CycleOpened, Event, TimePassed
    from ccm_flow.core.ids import StepKey
    from ccm_flow.core.plan import PlaybookKind
    from ccm_flow.core.state import CycleStart, CycleState, Ending
    from ccm_flow.core.transition import transition

# The record may be away for a while: a transition is retried until it is written, less and less
# often. Nothing is acknowledged to a person before it is.
_UNTIL_WRITTEN = RetryPolicy(
    initial_interval=timedelta(milliseconds=100),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=1),
)
_ONE_WRITE = timedelta(seconds=20)

NOT_OPEN_YET = Refusal(
    "not_open_yet", "This month has not begun.", "Wait until the month's first day."
)


@workflow.defn(name=CYCLE_WORKFLOW)
class CycleWorkflow:
    """One enrollment's pass through a playbook."""

    @workflow.init
    def __init__(self, start: CycleStart) -> None:
        self._start = start
        self._layout = MonthPlan.of(start)
        self._state = open_cycle(start)
        self._timers: dict[StepKey, tuple[Wake, asyncio.Task[None]]] = {}
        self._woken: list[Wake] = []
        self._writing = asyncio.Lock()

    @workflow.run
    async def run(self, start: CycleStart) -> Ending:
        """Run the cycle from its first instant to its end."""
        wait = start.opens_at - workflow.now()
        if wait > timedelta(0):
            await workflow.sleep(wait, summary="until the month begins")
        await self._take(CycleOpened(), self._began_at())
        while self._state.ending is None:
            await workflow.wait_condition(
                lambda: bool(self._woken) or self._state.ending is not None
            )
            await self._wake()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._state.ending

    @workflow.update(name=CLICK_UPDATE)
    async def click(self, click: ClickInput) -> ClickResult:
        """Take what a person did; answered once it is written down."""
        self._refuse(click)
        return ClickResult(await self._take(click.event))

    @click.validator
    def _refuse(self, click: ClickInput) -> None:
        """Refuse at no cost what cannot be done now."""
        refusal = (
            NOT_OPEN_YET
            if self._state.sequence == 0
            else refuse(self._layout, self._state, click.event, workflow.now())
        )
        if refusal is not None:
            raise ApplicationError(
                refusal.message, refusal.hint, type=refusal.code, non_retryable=True
            )

    @workflow.query(name=STATE_QUERY)
    def state(self) -> CycleState:
        """Give the cycle as it stands."""
        return self._state

    async def _wake(self) -> None:
        """Do what has fallen due; ask for fresh facts only when a decision hangs on them."""
        woken, self._woken = self._woken, []
        if not woken or self._state.ending is not None:
            return
        wanted = any(wake.needs_facts for wake in woken)
        known = await self._facts() if wanted else FactsResult({})
        if self._state.ending is None:
            await self._take(TimePassed(known.facts if wanted else None, known.pool))

    def _began_at(self) -> datetime:
        """
        Say when the cycle's first steps opened.

        An episode begins with what it follows, such as a discharge, however late that is told:
        its deadlines count from there.
        """
        now = workflow.now()
        is_episode = self._start.plan.kind is PlaybookKind.EPISODE
        return min(now, self._layout.opens_at) if is_episode else now

    async def _take(self, event: Event, at: datetime | None = None) -> int:
        """Move the cycle on at once, then write the transition down."""
        now = at or workflow.now()
        result = advance(self._layout, self._state, event, now)
        self._state = result.state
        self._layout = layout_after(self._layout, event)
        self._arm()
        written = transition(self._start, self._layout, event, result, now)
        async with self._writing:  # transitions are written in the order they happened
            await workflow.execute_local_activity(
                PROJECT_ACTIVITY,
                written,
                start_to_close_timeout=_ONE_WRITE,
                retry_policy=_UNTIL_WRITTEN,
            )
        return written.sequence

    async def _facts(self) -> FactsResult:
        facts = await workflow.execute_local_activity(
            FACTS_ACTIVITY,
            FactsInput(self._start.enrollment, self._start.month),
            start_to_close_timeout=_ONE_WRITE,
            retry_policy=_UNTIL_WRITTEN,
            result_type=dict,
        )
        return read_facts(facts)

    def _arm(self) -> None:
        """Keep one timer for each open step, for its next rung, and one for the cycle."""
        wanted = wakes(self._layout, self._state)
        for key, (wake, timer) in list(self._timers.items()):
            if wanted.get(key) != wake:
                timer.cancel()
                del self._timers[key]
        for key, wake in wanted.items():
            if key not in self._timers:
                self._timers[key] = (wake, asyncio.create_task(self._ring(key, wake)))

    async def _ring(self, key: StepKey, wake: Wake) -> None:
        wait = wake.at - workflow.now()
        if wait > timedelta(0):
            await workflow.sleep(wait, summary=key)
        del self._timers[key]
        self._woken.append(wake)
