"""
Putting together what was asked for, and nothing of what was not.

Every library is imported where it is needed and not before: most set-ups ask for none of it.
"""

# ruff: noqa: PLC0415 - that is the point

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from ccm_flow.adapters.telemetry.settings import TelemetrySettings, needed_for
from ccm_flow.app.act import Desk
from ccm_flow.app.flow import Clock

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer
    from temporalio.client import Interceptor
    from temporalio.runtime import Runtime

    from ccm_flow.adapters.telemetry.metrics import Metrics


def tracing(settings: TelemetrySettings) -> "Sequence[Interceptor]":
    """Give what follows calls to the server, where somebody asked for traces."""
    tracer = tracer_of(settings)
    if tracer is None:
        return ()
    from ccm_flow.adapters.telemetry.cycle_tracing import CycleTracing

    return (CycleTracing(tracer),)


def tracer_of(settings: TelemetrySettings) -> "Tracer | None":
    """
    Give what begins this process' spans; None unless a setting says where they go.

    Raises:
        TelemetryMissingError: what traces need is not installed.
    """
    endpoint = settings.traces_endpoint
    if endpoint is None:
        return None
    with needed_for("traces"):
        from ccm_flow.adapters.telemetry.traces import exporting_to
    return exporting_to(endpoint)


def metrics_of(settings: TelemetrySettings, engine: Engine, clock: Clock) -> "Metrics | None":
    """
    Give what the web application counts into; None unless a setting asks for it.

    Raises:
        TelemetryMissingError: what metrics need is not installed.
    """
    if not settings.has_metrics:
        return None
    with needed_for("metrics"):
        from ccm_flow.adapters.telemetry.metrics import Metrics
    return Metrics(engine, clock)


def worker_runtime(settings: TelemetrySettings) -> "Runtime | None":
    """Give the runtime of a worker that shows its metrics; None unless a setting says where."""
    address = settings.worker_metrics
    if address is None:
        return None
    from ccm_flow.adapters.telemetry.worker_metrics import runtime_showing

    return runtime_showing(address)


def watched(work: Desk, metrics: "Metrics | None", tracer: "Tracer | None") -> Desk:
    """Give the same desk, its clicks measured and followed where that is switched on."""
    if metrics is None and tracer is None:
        return work
    from ccm_flow.adapters.telemetry.watched_flow import WatchedFlow

    return replace(work, flow=WatchedFlow(work.flow, metrics, tracer))
