"""The tests that are shipped beside the playbooks pass."""

from pathlib import Path

import pytest

from ccm_flow.proof import render_tests
from tests.proof.helpers import PLAYBOOKS, run_file

FILES = sorted(PLAYBOOKS.glob("**/*.tests.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_shipped_tests_of_a_playbook_pass(path: Path) -> None:
    """Every line is as its author expects."""
    tests = run_file(path)
    assert tests.passed, render_tests(tests)


@pytest.mark.parametrize(("name", "least"), [("ccm_monthly", 12), ("enrollment", 6)])
def test_shipped_playbooks_have_enough_tests(name: str, least: int) -> None:
    """Each branch has its own."""
    assert len(run_file(PLAYBOOKS / f"{name}.tests.yaml").outcomes) >= least
