"""Lives whose histories are kept and replayed by every later version."""

from collections.abc import Callable
from dataclasses import dataclass

from ccm_flow.core.events import (
    AttemptMade,
    CyclePaused,
    CycleResumed,
    PatientDied,
    PersonEvent,
    StepCompleted,
    Triggered,
)
from ccm_flow.core.ids import OutcomeId, PersonId, RoleId, StepKey
from ccm_flow.core.plan import Plan, Trigger, Urgency
from tests.support.moved_months import next_version
from tests.support.scenario import Runner, plan_change, scenario
from tests.support.temporal_runner import YEARS_AHEAD

_TEAM = {
    "coordinator": "ann",
    "nurse": "nat",
    "practitioner": "pat",
    "biller": "bob",
    "program_lead": "lee",
}
_READY = {"consent": True, "care_plan": True, "conditions": 3, "coverage": True}


@dataclass(frozen=True)
class Life:
    """One cycle: what people do at which clinic time."""

    name: str
    playbook: str
    acts: tuple[tuple[str, PersonEvent | Callable[[Plan], PersonEvent]], ...]
    """What somebody does; where it depends on the playbook, made from it."""
    until: str


def _done(step: str, outcome: str, role: str, minutes: int = 0) -> StepCompleted:
    return StepCompleted(
        StepKey(step),
        OutcomeId(outcome),
        PersonId(_TEAM[role]),
        RoleId(role),
        facts={"minutes": minutes},
    )


def _tried(step: str, result: str) -> AttemptMade:
    return AttemptMade(StepKey(step), OutcomeId(result), PersonId("ann"), RoleId("coordinator"))


_LEE = PersonId("lee")

LIVES = (
    Life(
        "ready",
        "ccm_monthly.yaml",
        (
            ("Dec 1 10:00", _done("prepare", "prepared", "coordinator", 6)),
            ("Dec 2 10:00", _tried("outreach", "no_answer")),
            ("Dec 4 10:00", _done("outreach", "reached", "coordinator", 18)),
            ("Dec 7 11:00", _done("medication_review", "no_changes", "nurse", 24)),
            ("Dec 8 11:00", _done("care_plan_update", "unchanged", "nurse", 30)),
            ("Dec 22 10:00", _done("sign_off", "signed", "coordinator", 33)),
            ("Dec 30 10:00", _done("billing_handoff", "accepted", "biller", 35)),
        ),
        "Dec 31 00:00",
    ),
    Life("nobody-acts", "ccm_monthly.yaml", (), "Jan 20 00:00"),
    Life(
        "hospital-and-escalation",
        "ccm_monthly.yaml",
        (
            ("Dec 1 10:00", _done("prepare", "prepared", "coordinator", 6)),
            (
                "Dec 3 10:00",
                Triggered(Trigger.ESCALATION, PersonId("ann"), "swelling", Urgency.URGENT),
            ),
            ("Dec 3 11:00", _done("clinical_escalation", "answered", "practitioner", 8)),
            ("Dec 7 10:00", CyclePaused(_LEE, "hospital stay")),
            ("Dec 14 10:00", CycleResumed(_LEE)),
            ("Dec 14 10:10", Triggered(Trigger.DISCHARGE, _LEE, "home")),
            ("Dec 18 10:00", PatientDied(_LEE)),
        ),
        "Dec 19 00:00",
    ),
    Life(
        "moved",
        "ccm_monthly.yaml",
        (
            ("Dec 2 10:00", lambda plan: plan_change(next_version(plan), plan)),
            ("Dec 3 10:00", _done("look", "prepared", "coordinator", 3)),
            ("Dec 4 10:00", _done("prepare", "prepared", "coordinator", 6)),
            ("Dec 7 10:00", _tried("outreach", "no_answer")),
            ("Dec 18 10:00", PatientDied(_LEE)),
        ),
        "Dec 19 00:00",
    ),
    Life(
        "enrolled",
        "enrollment.yaml",
        (
            ("Dec 1 10:00", _done("identify", "eligible", "coordinator")),
            ("Dec 2 10:00", _tried("introduce", "left_message")),
            ("Dec 4 10:00", _done("introduce", "interested", "coordinator")),
            ("Dec 7 10:00", _done("consent", "consented", "coordinator")),
            ("Dec 9 10:00", _done("initiating_visit", "took_place", "practitioner")),
            ("Dec 10 10:00", _done("care_plan", "written", "nurse")),
            ("Dec 11 10:00", _done("share_plan", "shared", "coordinator")),
        ),
        "Dec 12 00:00",
    ),
)


async def play_life(life: Life, plan: Plan, runner: Runner) -> None:
    """Play a life to its end; every act must be taken."""
    table = scenario(
        life.name, plan, month=f"{2026 + YEARS_AHEAD}-12", team=_TEAM, facts=dict(_READY)
    )
    await runner.start(table)
    for when, event in life.acts:
        await runner.advance_to(table.instant(when))
        refused = await runner.act(event(plan) if callable(event) else event)
        assert refused is None, f"{life.name}, {when}: {refused}"
    await runner.advance_to(table.instant(life.until))
    assert (await runner.snapshot()).ending is not None, f"{life.name} does not end"
