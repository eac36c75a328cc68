"""Who runs the scenarios, and how hard hypothesis tries."""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

from tests.support.pure_runner import PureRunner
from tests.support.scenario import Runner

settings.register_profile(
    "fast", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "ci", parent=settings.get_profile("fast"), derandomize=True, database=None
)
settings.register_profile("thorough", parent=settings.get_profile("fast"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(params=[PureRunner], ids=["engine"])
def runner_factory(request: pytest.FixtureRequest) -> Callable[[], Runner]:
    """Make runners; every scenario holds on each kind."""
    factory: Callable[[], Runner] = request.param
    return factory
