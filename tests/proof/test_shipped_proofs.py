"""The shipped playbooks are proved, within the bounds."""

import pytest

from ccm_flow.core.month import Month
from ccm_flow.language.overlay_files import resolve_file
from ccm_flow.proof import Setting, TestClinic, prove, render_proof
from tests.proof.helpers import PLAYBOOKS, calendar_of

SHIPPED = sorted(
    str(path.relative_to(PLAYBOOKS))
    for path in (*PLAYBOOKS.glob("*.yaml"), *PLAYBOOKS.glob("clinics/*.yaml"))
    if not path.name.endswith(".tests.yaml")
)
_MOST_STATES = 20_000
"""What fits ten seconds on a small machine: about half a millisecond for each state."""


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_playbooks_are_proved(name: str) -> None:
    """In December, the month with the most holidays."""
    plan = resolve_file(PLAYBOOKS / name, [PLAYBOOKS]).plan
    assert plan is not None
    month = Month.parse("2026-12")
    proof = prove(plan, Setting(month, calendar_of(TestClinic(), month, plan.kind)))
    assert proof.holds, render_proof(proof)
    assert not proof.stopped
    assert proof.states < _MOST_STATES
