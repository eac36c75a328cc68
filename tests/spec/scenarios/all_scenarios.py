"""All scenarios, for whoever runs them."""

from tests.spec.scenarios import (
    attempts,
    clocks,
    endings,
    flow,
    ladder,
    month,
    moving,
    outside_events,
    patients,
    readiness,
    refusals,
)
from tests.support.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *month.SCENARIOS,
    *attempts.SCENARIOS,
    *ladder.SCENARIOS,
    *flow.SCENARIOS,
    *outside_events.SCENARIOS,
    *clocks.SCENARIOS,
    *endings.SCENARIOS,
    *readiness.SCENARIOS,
    *refusals.SCENARIOS,
    *patients.SCENARIOS,
    *moving.SCENARIOS,
)
