"""Every playbook that is shipped has tests beside it, and they pass."""

from pathlib import Path

import pytest

from ccm_flow.adapters.playbook_files import read_playbook
from ccm_flow.language import CheckResult
from ccm_flow.proof import PlaybookTests, render_tests, run_playbook_tests
from tests.proof.helpers import PLAYBOOKS, calendar_of

TESTS = ".tests.yaml"
FILES = sorted(PLAYBOOKS.glob(f"**/*{TESTS}"))
SHIPPED = sorted(path for path in PLAYBOOKS.glob("**/*.yaml") if path not in FILES)


def run(path: Path) -> PlaybookTests:
    """Run a file of tests; its playbook may extend another one."""

    def load(name: str) -> CheckResult:
        return read_playbook(path.parent / name)

    return run_playbook_tests(path.read_text(), path.name, load, calendar_of)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_shipped_tests_of_a_playbook_pass(path: Path) -> None:
    """Every line is as its author expects."""
    tests = run(path)
    assert tests.passed, render_tests(tests)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_playbook_has_tests_of_its_own(path: Path) -> None:
    """A playbook without a file of tests is not shipped, nor one whose file tests another."""
    beside = path.with_name(path.name.removesuffix(".yaml") + TESTS)
    assert beside in FILES, f"Write {beside.relative_to(PLAYBOOKS.parent)}."
    assert run(beside).playbook == _name(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_of_tests_lies_beside_its_playbook(path: Path) -> None:
    """No tests are left behind when a playbook is renamed."""
    assert path.with_name(path.name.removesuffix(TESTS) + ".yaml") in SHIPPED


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("ccm_monthly", 12),
        ("enrollment", 6),
        ("complex_ccm", 5),
        ("practitioner_ccm", 5),
        ("pcm_monthly", 5),
        ("apcm_monthly", 5),
        ("transitional_care", 5),
        ("clinics/riverside_ccm", 3),
        ("clinics/lakeside_pcm", 3),
    ],
)
def test_shipped_playbooks_have_enough_tests(name: str, least: int) -> None:
    """Each branch has its own."""
    assert len(run(PLAYBOOKS / f"{name}{TESTS}").outcomes) >= least


def _name(path: Path) -> str | None:
    plan = read_playbook(path).plan
    return None if plan is None else plan.playbook
