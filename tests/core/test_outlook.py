"""What a month still has ahead of it, and who does what about a blocker."""

from datetime import timedelta

import pytest

from ccm_flow.core.engine import MonthPlan
from ccm_flow.core.facts import DEFAULTS
from ccm_flow.core.ids import OutcomeId, PersonId, RoleId, StepId, StepKey
from ccm_flow.core.month import Month
from ccm_flow.core.outlook import Course, Opened, next_actions, steps_ahead
from ccm_flow.core.plan import Requirement
from ccm_flow.core.state import Blocker, Owner, StepStatus
from ccm_flow.language.overlay_files import resolve_file
from tests.support.clinic import calendar, local
from tests.support.set_up import shipped

MONTH = Month(2026, 12)
DAYS = calendar("2026-11-20", "2027-02-15")
TEAM = {
    RoleId(role): PersonId(role[:3])
    for role in ("coordinator", "nurse", "practitioner", "biller", "program_lead")
}
PLAN = resolve_file(shipped("playbooks") / "ccm_monthly.yaml").plan
assert PLAN is not None
LAYOUT = MonthPlan(PLAN, DAYS, MONTH, DAYS.start_of(MONTH.first_day))


def opened(step: str, status: str = "open", outcome: str | None = None, worked: int = 0) -> Opened:
    return Opened(
        StepId(step),
        StepKey(step),
        StepStatus(status),
        Owner(RoleId("coordinator"), PersonId("coo")),
        local("2026-12-07 17:00") if status == "open" else None,
        OutcomeId(outcome) if outcome else None,
        timedelta(minutes=worked),
    )


def course(*steps: Opened, now: str = "2026-12-02 10:00", **facts: int | bool) -> Course:
    known = {one.step: one for one in steps}
    return Course(LAYOUT, local(now), {**DEFAULTS, **facts}, TEAM, known)


def ahead(*steps: Opened, now: str = "2026-12-02 10:00", **facts: int | bool) -> list[str]:
    return [one.step for one in steps_ahead(course(*steps, now=now, **facts))]


def test_the_ordinary_course_is_what_comes_when_nothing_goes_otherwise() -> None:
    """No concern, no escalation, no fixing step; the second contact only while minutes miss."""
    assert set(ahead()) == {
        "prepare",
        "medication_review",
        "outreach",
        "care_plan_update",
        "sign_off",
        "billing_handoff",
    }


@pytest.mark.parametrize(
    ("steps", "comes", "not_any_more"),
    [
        ([opened("outreach", "done", "reached")], "care_plan_update", "outreach"),
        ([opened("outreach", "done", "unreachable")], "sign_off", "care_plan_update"),
        ([opened("outreach", "expired")], "sign_off", "care_plan_update"),
        ([opened("outreach", "done", "reached_with_concern")], "symptom_follow_up", "outreach"),
        ([opened("sign_off", "done", "signed")], "outreach", "sign_off"),
        ([opened("clinical_escalation")], "relay_answer", "arrange_visit"),
    ],
)
def test_what_happened_decides_what_still_comes(
    steps: list[Opened], comes: str, not_any_more: str
) -> None:
    found = ahead(*steps)
    assert comes in found
    assert not_any_more not in found


def test_a_second_contact_is_expected_only_while_minutes_will_be_missing() -> None:
    done = [opened("prepare", "done"), opened("medication_review", "done", "no_changes")]
    done += [opened("outreach", "done", "unreachable")]
    assert "top_up" in ahead(*done, minutes=5)
    assert "top_up" not in ahead(*done, minutes=25)


def test_an_open_step_brings_what_is_not_documented_on_it_yet() -> None:
    (call,) = [one for one in steps_ahead(course(opened("outreach", worked=9))) if one.is_open]
    assert call.expected == timedelta(minutes=3)
    (call,) = [one for one in steps_ahead(course(opened("outreach", worked=30))) if one.is_open]
    assert call.expected == timedelta(0)


def test_steps_to_come_have_an_owner_and_a_deadline_in_the_order_of_the_month() -> None:
    found = steps_ahead(course())
    assert all(one.due_at is not None for one in found)
    assert [one.due_at for one in found] == sorted(one.due_at for one in found if one.due_at)
    owners = {one.step: one.owner.person for one in found}
    assert owners[StepId("medication_review")] == "nur"


@pytest.mark.parametrize(
    ("requirement", "steps", "step", "is_open"),
    [
        (Requirement.MINUTES, [opened("outreach")], "outreach", True),
        (Requirement.MINUTES, [opened("fix_minutes"), opened("outreach")], "fix_minutes", True),
        (Requirement.SIGNED_NOTES, [], "sign_off", False),
        (Requirement.CONTACT, [], "outreach", False),
        (Requirement.CONSENT, [], "fix_consent", False),
        (Requirement.COVERAGE, [], "fix_coverage", False),
        (Requirement.CONDITIONS, [opened("fix_conditions")], "fix_conditions", True),
    ],
)
def test_a_blocker_leads_to_the_step_that_meets_it(
    requirement: Requirement, steps: list[Opened], step: str, is_open: bool
) -> None:
    where = course(*steps)
    (action,) = next_actions(where, steps_ahead(where), [Blocker(requirement, "missing")])
    assert action.step is not None
    assert (action.step.step, action.step.is_open) == (step, is_open)
    assert action.owner.person


def test_a_fixing_step_to_come_opens_with_the_readiness_check() -> None:
    where = course()
    blocker = Blocker(Requirement.CONSENT, "no consent in force")
    (action,) = next_actions(where, steps_ahead(where), [blocker])
    assert action.opens_at == LAYOUT.readiness_from
    assert action.step is not None
    assert action.step.due_at is not None
    assert action.step.due_at > action.opens_at


def test_what_no_step_meets_is_the_program_owners() -> None:
    where = course()
    blocker = Blocker(Requirement.INITIATING_VISIT, "no initiating visit")
    (action,) = next_actions(where, steps_ahead(where), [blocker])
    assert action.step is None
    assert action.owner == Owner(RoleId("program_lead"), PersonId("pro"))
