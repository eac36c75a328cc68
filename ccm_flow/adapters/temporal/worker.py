"""The worker: runs cycles and their activities."""

from typing import Final

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ccm_flow.adapters.temporal.activities import FlowActivities
from ccm_flow.adapters.temporal.cycle_workflow import CycleWorkflow
from ccm_flow.adapters.temporal.names import TASK_QUEUE
from ccm_flow.adapters.temporal.opening_workflow import OpenMonthWorkflow
from ccm_flow.app.act import Desk

_AT_ONCE: Final = 8
"""Transitions under way in one worker; more would only wait for each other's turn to write."""


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
        # What a worker holds waits in its own line, first come first served; what waits at the
        # server is handed out fairly among clinics. So a worker holds little.
        max_concurrent_workflow_tasks=_AT_ONCE,
        max_concurrent_local_activities=_AT_ONCE,
    )
