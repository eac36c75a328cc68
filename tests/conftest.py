"""What tests of every part share."""

import os

import pytest
from hypothesis import HealthCheck, settings

from ccm_flow.adapters.processes.server_program import ServerProgram, find_server
from ccm_flow.adapters.processes.settings import ServerSettings

settings.register_profile(
    "steady",
    # A crowded machine is slow, which is no fault of what is tested; and a run that finds nothing
    # finds nothing again. `--hypothesis-profile=default` looks elsewhere each time.
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


LONG = (
    "tests/deployment/test_a_deployment.py",
    "tests/demo/",
    "tests/docs/test_guides.py",
    "tests/web/test_access_matrix.py",
    "tests/browser/",
    "tests/temporal/",
    "tests/processes/",
)
"""What takes long and waits much: begun first, so that no core is left with it at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first; all else stays in its order."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((n for n, part in enumerate(LONG) if item.nodeid.startswith(part)), len(LONG))


@pytest.fixture(scope="session")
def server_program() -> ServerProgram:
    """Give a real Temporal server program, from the real cache; built the first time."""
    environ = {name: value for name, value in os.environ.items() if name != "TEMPORAL_ADDRESS"}
    found = find_server(ServerSettings.from_environ(environ), print)
    assert isinstance(found, ServerProgram)
    return found
