"""Following a click through the Temporal server into its workflow and activities."""

from contextvars import ContextVar
from typing import Any

from opentelemetry.trace import Tracer
from temporalio.contrib.opentelemetry import (
    TracingInterceptor,
    TracingWorkflowInboundInterceptor,
)
from temporalio.worker import HandleUpdateInput, WorkflowInterceptorClassInput

_SENDER: ContextVar[dict[str, Any] | None] = ContextVar("sender", default=None)
"""Where the Update that is being handled came from, as its header says."""


class CycleTracing(TracingInterceptor):
    """
    Follows a click through the Temporal server into the workflow and its activities.

    What the server keeps of it is a trace id in a header: no decision of a workflow hangs on it,
    and nothing is said anew while a history is replayed.
    """

    def __init__(self, tracer: Tracer) -> None:
        super().__init__(tracer)

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 - the SDK's name
    ) -> type[TracingWorkflowInboundInterceptor]:
        """Give what runs inside workflows."""
        super().workflow_interceptor_class(input)
        return _UnderTheClick


class _UnderTheClick(TracingWorkflowInboundInterceptor):
    """Puts what an Update does under the click that asked for it, not under the month's opening."""

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002
        """Handle an Update as a part of its sender's trace."""
        self._come_from(input)
        return await super().handle_update_handler(input)

    def handle_update_validator(self, input: HandleUpdateInput) -> None:  # noqa: A002
        """Look at an Update as a part of its sender's trace."""
        self._come_from(input)
        super().handle_update_validator(input)

    def _come_from(self, input: HandleUpdateInput) -> None:  # noqa: A002
        # Each handler runs as a task of its own, so the variable ends with it.
        header = input.headers.get(self.header_key)
        _SENDER.set(self.payload_converter.from_payloads([header])[0] if header else None)

    def _load_workflow_context_carrier(self) -> dict[str, Any] | None:
        return _SENDER.get() or super()._load_workflow_context_carrier()
