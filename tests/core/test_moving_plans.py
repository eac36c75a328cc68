"""A running month moved to another version: nothing lost, no rung twice, everything named."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.commands import Command, NotifyPerson, RemindOwner
from ccm_flow.core.engine import MonthPlan, advance, layout_after, refuse
from ccm_flow.core.engine.fates import Fate, fates_in, moves_of
from ccm_flow.core.events import CycleResumed, PlanChanged, StepCompleted
from ccm_flow.core.ids import OutcomeId, PersonId, RoleId, StepKey
from ccm_flow.core.plan import Act, Plan
from ccm_flow.core.state import CycleState, CycleStatus
from tests.spec.scenarios.moving import LATER, OLD, WITHOUT_FILE, version
from tests.support.lives import Life, Move, Script, go_on, live, moves, plans, scripts
from tests.support.plans import plan, rule, step
from tests.support.pure_runner import PureCycle
from tests.support.scenario import plan_change, scenario

MORE = version(5, replace(OLD, steps=(*OLD.steps, step("look"))))
CALL = StepKey("call")


def _cycle(made: Plan = OLD, until: str = "Dec 2 10:00") -> PureCycle:
    table = scenario("moving", made, month="2026-12")
    cycle = PureCycle(table.start)
    cycle.let_time_pass(table.instant(until))
    return cycle


@pytest.mark.parametrize(
    ("new", "fates"),
    [
        (
            LATER,
            {"call": Fate.DEADLINE_MOVED, "file": Fate.OWNER_MOVED},
        ),
        (
            WITHOUT_FILE,
            {"call": Fate.KEPT, "file": Fate.WITHDRAWN, "look": Fate.ADDED},
        ),
        (MORE, {"call": Fate.KEPT, "file": Fate.KEPT, "look": Fate.ADDED}),
    ],
    ids=["later", "without", "more"],
)
def test_every_open_step_has_a_fate(new: Plan, fates: dict[str, Fate]) -> None:
    cycle = _cycle()
    moved = advance(cycle.layout, cycle.state, plan_change(new, OLD), cycle.now)

    assert {one.key: one.fate for one in moves_of(cycle.state, moved.state)} == fates
    assert set(cycle.state.steps) <= set(moved.state.steps)
    assert moved.state.sequence == cycle.state.sequence + 1


def test_what_ended_stays_as_it_was_and_what_followed_it_still_follows() -> None:
    cycle = _cycle()
    cycle.take(StepCompleted(StepKey("file"), OutcomeId("done"), PersonId("nat"), RoleId("nurse")))
    new = version(6, replace(OLD, steps=(*OLD.steps, step("check", after="file"))))
    moved = advance(cycle.layout, cycle.state, plan_change(new, OLD), cycle.now)

    assert moved.state.steps[StepKey("file")] == cycle.state.steps[StepKey("file")]
    assert moved.state.steps[StepKey("sum")].is_open
    assert moved.state.steps[StepKey("check")].is_open


def test_what_falls_due_in_the_moment_of_the_move_is_followed_to_what_it_leads_to() -> None:
    old = plan(
        step("call", "2 business days", ladder=["when due: expire"]),
        step("letter", "1 business day", after="call.expired"),
        step("copy", "1 business day", after="letter"),
    )
    cycle = _cycle(old)
    due = cycle.state.steps[CALL].due_at
    assert due is not None
    new = version(2, replace(old, closes=rule("month end + 4 business days")))
    moved = advance(cycle.layout, cycle.state, plan_change(new, old), due).state

    assert not moved.steps[CALL].is_open
    assert moved.steps[StepKey("letter")].is_open


def test_a_new_step_that_is_not_needed_is_passed_over_to_the_one_after_it() -> None:
    old = plan(step("call", "3 business days"))
    never = ("<", ("fact", "minutes"), 0)
    new = version(
        2, plan(step("file", after="look"), step("look", when=never), step("call", "3 days"))
    )
    cycle = _cycle(old)
    moved = advance(cycle.layout, cycle.state, plan_change(new, old), cycle.now).state

    assert moved.steps[StepKey("file")].is_open


# --- any version, any month, any instant ---

Seen = tuple[Life, PlanChanged, CycleState, tuple[Command, ...]]
others = plans().map(lambda made: version(2, made))
lives = st.builds(lambda script: replace(script, moves=script.moves[:-1]), scripts)


def _moved(script: Script, new: Plan) -> Seen | None:
    """Live for a while, then go on by another version, where that may be done."""
    life = live(script)
    event = plan_change(new, life.layout.plan)
    before = life.state
    if refuse(life.layout, before, event, life.now) is not None:
        return None
    life.take(event)
    return life, event, before, life.transitions[-1].commands


@given(lives, others)
def test_the_preview_lists_what_then_happens_and_nothing_else(script: Script, new: Plan) -> None:
    """Against the commands, which the ledger keeps, and the lists before and after."""
    seen = _moved(script, new)
    if seen is None:
        return
    life, event, before, commands = seen
    listed = {one.key: one.fate for one in moves_of(before, life.state)}
    instant = {key for key, one in before.steps.items() if one.opened_at == life.now}

    assert set(listed) == {one.key for one in (*before.open_steps, *life.state.open_steps)}
    told = {key: fate for key, fate in listed.items() if fate is not Fate.KEPT}
    assert {key: one for key, one in fates_in(commands).items() if key not in instant} == {
        key: one for key, one in told.items() if key not in instant
    }
    for key, was in before.steps.items():
        assert was.is_open or life.state.steps[key] == was
        gone = was.is_open and was.step not in new.by_id
        assert life.state.ending or (listed.get(key) is Fate.WITHDRAWN) == gone
    assert advance(MonthPlan.of(script.start), before, event, life.now).state == life.state


@given(lives, others, st.lists(moves, max_size=10))
def test_a_moved_month_is_never_without_owner_or_deadline_and_always_ends(
    script: Script, new: Plan, later: list[Move]
) -> None:
    seen = _moved(script, new)
    if seen is None:
        return
    life = seen[0]
    moved_at = len(life.transitions) - 1
    go_on(life, later)
    if life.state.status is CycleStatus.PAUSED:
        life.offer(CycleResumed(PersonId("ann")))
    life.let_time_pass(life.layout.closes_at)

    assert life.state.ending is not None
    people = set(life.state.team.values())
    for each in life.transitions[moved_at:]:
        paused = each.after.status is CycleStatus.PAUSED
        for one in each.after.open_steps:
            assert one.owner.person in people
            assert one.step in new.by_id
            assert (one.due_at is None) is paused
            assert one.due_at is None or one.due_at <= each.after.closes_at


@given(lives, others)
def test_a_rung_that_fired_before_the_move_does_not_fire_after_it(
    script: Script, new: Plan
) -> None:
    """Of each act as often as the longer ladder has it, unless somebody gave more time."""
    still = tuple(one for one in script.moves if one.kind not in ("extend", "reassign"))
    seen = _moved(replace(script, moves=still), new)
    if seen is None:
        return
    life, event, *_ = seen
    life.let_time_pass(life.layout.closes_at)
    first = MonthPlan.of(script.start)
    assert layout_after(first, event).plan is new
    fired: Counter[tuple[StepKey, Act]] = Counter()
    layout = first
    for each in life.transitions:
        layout = layout_after(layout, each.event)
        for one in each.commands:
            if isinstance(one, RemindOwner | NotifyPerson):
                ladder = layout.plan.step_of(one.step.step, one.step.risk).ladder
                fired[one.step.key, ladder[one.rung].act] += 1
    for (key, act), times in fired.items():
        id_ = life.state.steps[key].step
        ladders = [made.by_id[id_].ladder for made in (script.plan, new) if id_ in made.by_id]
        assert times <= max(sum(rung.act == act for rung in ladder) for ladder in ladders)
