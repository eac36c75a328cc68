"""What an outcome leads to is told before it is chosen."""

import pytest

from ccm_flow.adapters.shipped import shipped
from ccm_flow.core.ids import OutcomeId, StepId
from ccm_flow.core.plan import Plan
from ccm_flow.core.state import StepStatus
from ccm_flow.core.what_follows import Following, Settled, what_follows
from ccm_flow.core.words import Disposition, Recorded
from ccm_flow.demo.run import load_playbook

OPEN, DONE = Settled(StepStatus.OPEN), Settled(StepStatus.DONE)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_playbook(shipped("playbooks") / "ccm_monthly.yaml")[0]


def after(
    plan: Plan, step: str, outcome: str, *, again: bool = False, **known: Settled
) -> Following:
    settled = {StepId(name): state for name, state in known.items()}
    spec = plan.by_id[StepId(step)]
    return what_follows(plan, spec, OutcomeId(outcome), settled, again=again)


@pytest.mark.parametrize(
    ("step", "outcome", "opens"),
    [
        ("prepare", "prepared", ["medication_review", "outreach"]),
        ("outreach", "reached", ["care_plan_update"]),
        ("outreach", "reached_with_concern", ["symptom_follow_up", "care_plan_update"]),
        ("outreach", "declined", ["withdrawal"]),
        ("minutes_check", "on_track", []),
        ("minutes_check", "contact_needed", ["top_up"]),
    ],
)
def test_what_opens_is_named(plan: Plan, step: str, outcome: str, opens: list[str]) -> None:
    assert [one.step for one in after(plan, step, outcome).opens] == opens


def test_what_depends_on_a_condition_only_may_open(plan: Plan) -> None:
    (top_up,) = after(plan, "minutes_check", "contact_needed").opens
    assert top_up.if_needed


def test_what_is_open_already_does_not_open_again(plan: Plan) -> None:
    assert after(plan, "outreach", "declined", withdrawal=OPEN).opens == ()
    assert after(plan, "outreach", "reached", care_plan_update=DONE).opens == ()
    assert after(plan, "outreach", "reached", again=True, care_plan_update=DONE).opens != ()


def test_an_ending_and_what_is_recorded_are_told(plan: Plan) -> None:
    gone = after(plan, "withdrawal", "withdrawn")
    assert gone == Following((), Disposition.WITHDRAWN, None, (Recorded.REVOCATION,))
