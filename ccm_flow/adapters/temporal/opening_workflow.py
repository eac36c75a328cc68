"""Opens a month for a clinic: what the clinic's Schedule starts each night."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from ccm_flow.adapters.temporal.messages import OpeningInput, OpeningResult
    from ccm_flow.adapters.temporal.names import OPEN_ACTIVITY, OPENING_WORKFLOW


@workflow.defn(name=OPENING_WORKFLOW)
class OpenMonthWorkflow:
    """Starts the cycle of every active enrollment that has none yet in the month."""

    @workflow.run
    async def run(self, wanted: OpeningInput) -> OpeningResult:
        """Open the month; doing it again starts only what is missing."""
        result: OpeningResult = await workflow.execute_activity(
            OPEN_ACTIVITY,
            wanted,
            result_type=OpeningResult,
            start_to_close_timeout=timedelta(hours=2),
            heartbeat_timeout=timedelta(minutes=1),
            retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=5)),
        )
        return result
