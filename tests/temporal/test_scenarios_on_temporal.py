"""Every scenario that holds on the pure engine holds on a real Temporal server."""

from collections.abc import Callable

import pytest

from tests.spec.scenarios.all_scenarios import SCENARIOS
from tests.support.scenario import Runner, Scenario, play
from tests.support.temporal_runner import in_the_future


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.promise)
async def test_scenario(scenario: Scenario, runner_factory: Callable[[], Runner]) -> None:
    await play(in_the_future(scenario), runner_factory())
