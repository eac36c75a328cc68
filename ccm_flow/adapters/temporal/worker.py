"""The worker: runs cycles and their activities."""

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ccm_flow.adapters.temporal.activities import FlowActivities
from ccm_flow.adapters.temporal.cycle_workflow import CycleWorkflow
from ccm_flow.adapters.temporal.names import TASK_QUEUE
from ccm_flow.adapters.temporal.opening_workflow import OpenMonthWorkflow
from ccm_flow.app.act import Desk


def workflow_runner() -> UnsandboxedWorkflowRunner:
    """
    Run workflows without the SDK's sandbox, which costs a worker a good part of its time.

    What it would catch cannot be there: the engine reads no clock, file or dice (the import
    contracts prove it), and the tests run and replay the workflow inside the sandbox.
    """
    return UnsandboxedWorkflowRunner()


def make_worker(client: Client, engine: Engine, desk: Desk) -> Worker:
    """Put a worker together; bounded, so that one machine stays usable."""
    activities = FlowActivities(engine, desk)
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[CycleWorkflow, OpenMonthWorkflow],
        activities=[activities.project, activities.gather_facts, activities.open_month],
        workflow_runner=workflow_runner(),
        max_cached_workflows=2000,
        max_concurrent_activities=20,
    )
