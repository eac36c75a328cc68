"""The running cycles, as the use cases reach them."""

from datetime import timedelta
from typing import Final

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from ccm_flow.adapters.temporal.cycle_workflow import CycleWorkflow
from ccm_flow.adapters.temporal.messages import ClickInput, ClickResult, OpeningInput
from ccm_flow.adapters.temporal.names import CLICK_UPDATE, TASK_QUEUE
from ccm_flow.adapters.temporal.opening_workflow import OpenMonthWorkflow
from ccm_flow.app.flow import (
    ClickRefusedError,
    FlowUnavailableError,
    NoSuchCycleError,
    OpeningFailedError,
)
from ccm_flow.core.engine import cycle_ended
from ccm_flow.core.events import PersonEvent
from ccm_flow.core.ids import ClickId, ClinicId, CycleId, opening_id, schedule_id
from ccm_flow.core.month import Month
from ccm_flow.core.state import CycleStart, CycleState

CATCH_UP: Final = timedelta(hours=6)
"""A night's opening missed by no more than this is made up for when the server is back."""
_GONE: Final = (RPCStatusCode.NOT_FOUND,)


class TemporalFlow:
    """Implements `ccm_flow.app.flow.Flow`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def start(self, start: CycleStart) -> bool:
        """
        Start a cycle; the server refuses a second one with the same id, running or done.

        Only one that was called off before it began leaves its id free.
        """
        try:
            await self._client.start_workflow(
                CycleWorkflow.run,
                start,
                id=start.cycle,
                task_queue=TASK_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                priority=Priority(fairness_key=start.clinic),
            )
        except WorkflowAlreadyStartedError:
            return False
        except RPCError as error:
            raise _translated(error, start.cycle) from error
        return True

    async def call_off(self, cycle: CycleId) -> bool:
        """Terminate a workflow that still waits for its first instant."""
        handle = self._client.get_workflow_handle(cycle)
        try:
            described = await handle.describe()
            if described.status is not WorkflowExecutionStatus.RUNNING:
                return False
            if (await self.state(cycle)).sequence > 0:
                return False
            await handle.terminate("called off before it began")
        except NoSuchCycleError:
            return False
        except RPCError as error:
            if error.status in _GONE:
                return False
            raise _translated(error, cycle) from error
        return True

    async def click(self, cycle: CycleId, click: ClickId, event: PersonEvent) -> int:
        """Send an Update that carries the click's id."""
        handle = self._client.get_workflow_handle(cycle)
        try:
            result: ClickResult = await handle.execute_update(
                CLICK_UPDATE, ClickInput(event), id=click, result_type=ClickResult
            )
        except WorkflowUpdateFailedError as error:
            raise _refusal(error) from error
        except WorkflowUpdateRPCTimeoutOrCancelledError as error:
            raise FlowUnavailableError("no answer in time") from error
        except RPCError as error:
            if error.status in _GONE:
                await self._refuse_if_ended(cycle)
            raise _translated(error, cycle) from error
        return result.sequence

    async def _refuse_if_ended(self, cycle: CycleId) -> None:
        """Tell a cycle that has ended from one that never was: the first can still be asked."""
        ending = (await self.state(cycle)).ending
        if ending is not None:
            refusal = cycle_ended(ending)
            raise ClickRefusedError(refusal.code, refusal.message, refusal.hint)

    async def state(self, cycle: CycleId) -> CycleState:
        """Query a cycle."""
        try:
            return await self._client.get_workflow_handle(cycle).query(CycleWorkflow.state)
        except RPCError as error:
            raise _translated(error, cycle) from error

    async def open_month(self, clinic: ClinicId, month: Month) -> tuple[int, int]:
        """Run an opening now, or join the one that is running."""
        try:
            result = await self._client.execute_workflow(
                OpenMonthWorkflow.run,
                OpeningInput(clinic, month),
                id=opening_id(clinic, str(month)),
                task_queue=TASK_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            )
        except WorkflowFailureError as error:
            cause = getattr(error.cause, "cause", None) or error.cause
            raise OpeningFailedError(str(cause)) from error
        except RPCError as error:
            raise _translated(error, clinic) from error
        return result.started, result.already_open

    async def keep_schedule(self, clinic: ClinicId, time_zone: str, *, paused: bool) -> None:
        """Make or change the clinic's Schedule: each night, shortly after its midnight."""
        wanted = _schedule(clinic, time_zone, paused=paused)
        try:
            await self._client.create_schedule(schedule_id(clinic), wanted)
        except ScheduleAlreadyRunningError:
            handle = self._client.get_schedule_handle(schedule_id(clinic))

            def replace(_: ScheduleUpdateInput) -> ScheduleUpdate:
                return ScheduleUpdate(wanted)

            await handle.update(replace)
        except RPCError as error:
            raise _translated(error, clinic) from error


def _schedule(clinic: ClinicId, time_zone: str, *, paused: bool) -> Schedule:
    """
    Open the month now running, every night at a quarter past midnight clinic time.

    On the 1st that opens the month; on later nights it picks up those who joined since.
    """
    return Schedule(
        action=ScheduleActionStartWorkflow(
            OpenMonthWorkflow.run,
            OpeningInput(clinic),
            id=opening_id(clinic, "nightly"),
            task_queue=TASK_QUEUE,
        ),
        spec=ScheduleSpec(
            calendars=[ScheduleCalendarSpec(hour=[ScheduleRange(0)], minute=[ScheduleRange(15)])],
            time_zone_name=time_zone,
        ),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
        state=ScheduleState(paused=paused),
    )


def _refusal(error: WorkflowUpdateFailedError) -> Exception:
    """Turn a refusal back into the sentence it was; anything else is passed on."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type:
        hint = cause.details[0] if cause.details else ""
        return ClickRefusedError(cause.type, cause.message, str(hint))
    return FlowUnavailableError(str(cause))


def _translated(error: RPCError, what: str) -> Exception:
    if error.status in _GONE:
        return NoSuchCycleError(what)
    return FlowUnavailableError(error.status.name.lower().replace("_", " "))
