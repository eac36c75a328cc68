"""A running month moved to another version: nothing lost, no rung twice, everything named."""

from dataclasses import replace
from typing import Any

import pytest

from ccm_flow.core.commands import NotifyPerson, RemindOwner
from ccm_flow.core.engine import MonthPlan, advance, wakes
from ccm_flow.core.engine.moving import Fate, move, moves_of, refuse_move
from ccm_flow.core.events import DeadlineExtended, StepCompleted, TimePassed
from ccm_flow.core.ids import OutcomeId, PersonId, RoleId, StepKey
from ccm_flow.core.plan import Plan
from ccm_flow.core.state import StepStatus
from tests.support.plans import budget, plan, rule, rung, step
from tests.support.pure_runner import PureCycle
from tests.support.scenario import scenario

LEE = PersonId("lee")
OLD = plan(
    step(
        "call", "3 business days", ladder=["1 business day before: remind", "when due: notify lead"]
    ),
    step("file", "2 business days", owner="nurse"),
    step("sum", "1 business day", after="file"),
)


def _changed(old: Plan, id_: str, **changes: Any) -> Plan:
    steps = tuple(replace(one, **changes) if one.id == id_ else one for one in old.steps)
    return replace(old, steps=steps, version=old.version + 1, sha256="1" * 64)


def _cycle(until: str = "Dec 2 10:00") -> tuple[PureCycle, Any]:
    table = scenario("moving", OLD, month="2026-12")
    cycle = PureCycle(table.start)
    cycle.let_time_pass(table.instant(until))
    return cycle, table


def _laid(cycle: PureCycle, new: Plan) -> MonthPlan:
    old = cycle.layout
    return MonthPlan(new, old.calendar, old.month, old.opens_at)


LATER = _changed(OLD, "call", due=rule("6 business days"))
WITHOUT = replace(OLD, steps=OLD.steps[:1], version=2, sha256="2" * 64)
MORE = replace(OLD, steps=(*OLD.steps, step("look")), version=2, sha256="3" * 64)
OTHERS = _changed(OLD, "file", owner=RoleId("practitioner"))


@pytest.mark.parametrize(
    ("new", "fates"),
    [
        (OLD, {"call": Fate.KEPT, "file": Fate.KEPT}),
        (LATER, {"call": Fate.DEADLINE_MOVED, "file": Fate.KEPT}),
        (WITHOUT, {"call": Fate.KEPT, "file": Fate.WITHDRAWN}),
        (MORE, {"call": Fate.KEPT, "file": Fate.KEPT, "look": Fate.ADDED}),
        (OTHERS, {"call": Fate.KEPT, "file": Fate.OWNER_MOVED}),
    ],
    ids=["same", "later", "without", "more", "owner"],
)
def test_every_open_step_has_a_fate(new: Plan, fates: dict[str, Fate]) -> None:
    cycle, _ = _cycle()
    moved = move(cycle.layout, _laid(cycle, new), cycle.state, cycle.now, LEE)

    found = {one.key: one.fate for one in moves_of(cycle.state, moved.commands, moved.state)}
    assert found == fates
    assert set(cycle.state.steps) <= set(moved.state.steps)
    assert moved.state.sequence == cycle.state.sequence + 1


def test_what_ended_stays_as_it_was_and_what_followed_it_still_follows() -> None:
    cycle, _ = _cycle()
    cycle.take(StepCompleted(StepKey("file"), OutcomeId("done"), PersonId("nat"), RoleId("nurse")))
    new = replace(OLD, steps=(*OLD.steps, step("check", after="file")), version=2, sha256="4" * 64)
    moved = move(cycle.layout, _laid(cycle, new), cycle.state, cycle.now, LEE)

    assert moved.state.steps[StepKey("file")] == cycle.state.steps[StepKey("file")]
    assert moved.state.steps[StepKey("sum")].is_open
    assert moved.state.steps[StepKey("check")].is_open


@pytest.mark.parametrize("until", ["Dec 3 10:00", "Dec 4 20:00"])
def test_a_rung_that_fired_does_not_fire_again(until: str) -> None:
    cycle, _ = _cycle(until)
    fired = [type(one) for one in cycle.commands if isinstance(one, RemindOwner | NotifyPerson)]
    layout = _laid(cycle, LATER)
    moved = move(cycle.layout, layout, cycle.state, cycle.now, LEE)
    state, more = moved.state, list(moved.commands)
    while state.ending is None:
        at = min(wake.at for wake in wakes(layout, state).values())
        turn = advance(layout, state, TimePassed(), at)
        state, more = turn.state, [*more, *turn.commands]

    again = [type(one) for one in more if isinstance(one, RemindOwner | NotifyPerson)]
    assert sorted(map(str, fired + again)) == sorted(map(str, [RemindOwner, NotifyPerson]))


def test_an_extension_somebody_gave_stands_where_the_rule_is_the_same() -> None:
    cycle, _ = _cycle()
    more_time = DeadlineExtended(StepKey("call"), LEE, "holiday", budget("8 business days"))
    cycle.take(more_time)
    new = _changed(OLD, "call", title="Call them", ladder=(rung("when due: notify lead"),))
    moved = move(cycle.layout, _laid(cycle, new), cycle.state, cycle.now, LEE)

    call = StepKey("call")
    assert moved.state.steps[call].due_at == cycle.state.steps[call].due_at
    assert moved.state.steps[call].rungs_passed == 0


def test_a_month_that_cannot_be_moved_says_why() -> None:
    cycle, table = _cycle()
    early = replace(OLD, closes=rule("business day 1"))
    refused = refuse_move(cycle.layout, _laid(cycle, early), cycle.state, cycle.now)
    assert refused is not None
    assert refused.code == "closed_by_then"
    assert refuse_move(cycle.layout, _laid(cycle, LATER), cycle.state, cycle.now) is None
    cycle.let_time_pass(table.instant("Jan 20 10:00"))
    ended = refuse_move(cycle.layout, _laid(cycle, LATER), cycle.state, cycle.now)
    assert ended is not None
    assert ended.code == "cycle_ended"
    assert {one.status for one in cycle.state.steps.values()} == {StepStatus.WITHDRAWN}
