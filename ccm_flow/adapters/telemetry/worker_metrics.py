"""The worker's own metrics: those of the Temporal SDK, shown by the SDK itself."""

from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from ccm_flow.adapters.telemetry.settings import TelemetrySettingsError


def runtime_showing(address: str) -> Runtime:
    """
    Make the runtime of a worker that shows its metrics at an address, under `/metrics`.

    Labels are task queue, namespace and the names of workflows and activities: all of them this
    program's own words.

    Raises:
        TelemetrySettingsError: nothing can listen there.
    """
    shown = PrometheusConfig(
        bind_address=address,
        counters_total_suffix=True,
        unit_suffix=True,
        durations_as_seconds=True,
    )
    try:
        return Runtime(telemetry=TelemetryConfig(metrics=shown))
    except (RuntimeError, ValueError) as error:
        raise TelemetrySettingsError(
            f"The worker cannot show its metrics at {address}: the port is taken or not its own."
        ) from error
