"""A ladder gives a step to whoever may have that step in the other role, as settling would."""

from dataclasses import replace
from datetime import date

import pytest

from ccm_flow.core.assignment import Candidate, Membership, Pool
from ccm_flow.core.ids import OrganizationId, PersonId, RoleId, StepId, StepKey
from ccm_flow.core.responsibility import Agreed, Parties
from ccm_flow.core.words import Responsibility
from tests.support.plans import plan, step
from tests.support.pure_runner import PureCycle
from tests.support.scenario import Scenario, scenario

CLINIC, VENDOR = OrganizationId("elm"), OrganizationId("carebridge")
ALWAYS = date(2020, 1, 1)
NURSE = RoleId("nurse")
CALL = StepKey("call")
ROLE_LINE = Agreed(ALWAYS, VENDOR, role=NURSE)
STEP_LINE = Agreed(ALWAYS, CLINIC, step=StepId("call"))


def _someone(name: str, role: str, organization: OrganizationId = CLINIC) -> Candidate:
    member = Membership(organization, ALWAYS)
    return Candidate(PersonId(name), name.title(), (RoleId(role),), memberships=(member,))


def _late(agreed: tuple[Agreed, ...], whose: Responsibility | None, *rungs: str) -> PureCycle:
    """Let a call be late at a clinic whose nurses are its own Nat and the vendor's Vic."""
    call = replace(step("call", "1 business day", ladder=rungs), responsibility=whose)
    asked: Scenario = scenario("a late call", plan(call))
    people = (
        _someone("ann", "coordinator"),
        _someone("lee", "lead"),
        _someone("nat", "nurse"),
        _someone("vic", "nurse", VENDOR),
    )
    pool = Pool(people, PersonId("lee"), {}, Parties(CLINIC, VENDOR), agreed)
    cycle = PureCycle(replace(asked.start, pool=pool))
    cycle.let_time_pass(asked.instant("Dec 3 17:00"))
    return cycle


@pytest.mark.parametrize(
    ("agreed", "whose", "who"),
    [
        ((ROLE_LINE,), None, "vic"),
        ((ROLE_LINE, STEP_LINE), None, "nat"),
        ((ROLE_LINE,), Responsibility.CLINIC, "nat"),
    ],
)
def test_a_ladder_asks_for_the_step_and_not_for_the_role_alone(
    agreed: tuple[Agreed, ...], whose: Responsibility | None, who: str
) -> None:
    found = _late(agreed, whose, "when due: reassign nurse").state.steps[CALL]
    assert (found.owner.person, found.owner.role) == (who, "nurse")


def test_who_has_the_step_already_is_reminded() -> None:
    twice = ("when due: reassign nurse", "1 business hour late: reassign nurse")
    commands = [one.kind for one in _late((ROLE_LINE, STEP_LINE), None, *twice).commands]
    assert (commands.count("move_owner"), commands.count("remind_owner")) == (1, 1)
