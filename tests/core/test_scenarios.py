"""Every scenario of `tests/spec/scenarios` holds on every runner."""

from collections.abc import Callable

import pytest

from tests.spec.scenarios.all_scenarios import SCENARIOS
from tests.support.scenario import Runner, Scenario, play


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.promise)
async def test_scenario_holds(scenario: Scenario, runner_factory: Callable[[], Runner]) -> None:
    """What the table says is what people see."""
    await play(scenario, runner_factory())


def test_no_promise_is_made_twice() -> None:
    """Each scenario has its own name."""
    promises = [scenario.promise for scenario in SCENARIOS]
    assert len(set(promises)) == len(promises)


def test_every_row_lies_after_the_row_before() -> None:
    """Time only moves forward in a table."""
    for scenario in SCENARIOS:
        instants = [scenario.instant(row.when) for row in scenario.rows]
        assert instants == sorted(instants), scenario.promise
