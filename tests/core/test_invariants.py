"""What holds for every playbook and everything that can happen to a cycle."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from ccm_flow.core.commands import (
    CloseStep,
    Command,
    EndCycle,
    MoveDeadline,
    MoveOwner,
    NotifyPerson,
    OpenStep,
    PauseCycle,
    RecordAttempt,
    RecordReadiness,
    RemindOwner,
    ResumeCycle,
    TellProgramOwner,
)
from ccm_flow.core.engine import advance, refuse, wakes
from ccm_flow.core.engine.openings import MAX_ROUNDS
from ccm_flow.core.events import DeadlineExtended, Event, TimePassed
from ccm_flow.core.ids import StepKey
from ccm_flow.core.plan import Expire, Plan
from ccm_flow.core.state import CycleStart, CycleState, CycleStatus, StepState
from tests.support import plans
from tests.support.clinic import local
from tests.support.lives import Life, Move, Script, live, moves, next_wake, scripts
from tests.support.scenario import TEAM

# --- owners and deadlines ---


@given(scripts)
def test_every_open_step_has_one_owner_who_is_a_person_of_the_team(script: Script) -> None:
    """Nothing waits for nobody, whichever roles are vacant."""
    life = live(script)
    people = set(life.state.team.values())
    for each in life.transitions:
        for step in each.after.open_steps:
            assert step.owner.person in people
            assert step.owner.role in {role.id for role in life.layout.plan.roles}


@given(scripts)
def test_every_open_step_has_a_deadline_unless_the_clocks_stand_still(script: Script) -> None:
    """And then it has the time that was left."""
    for each in live(script).transitions:
        paused = each.after.status is CycleStatus.PAUSED
        for step in each.after.open_steps:
            assert (step.due_at is None) is paused
            assert (step.time_left is not None) is paused


PAUSED_IN_MID_MINUTE = Script(
    plans.plan(plans.step("call", "3 business days"), plans.step("sign", "5 business hours")),
    dict(TEAM),
    (
        Move(timedelta(hours=10, minutes=17, seconds=31), "pause or resume", 0),
        Move(timedelta(hours=1, seconds=48), "pause or resume", 0),
    ),
)


@given(scripts)
@example(PAUSED_IN_MID_MINUTE)
def test_deadlines_are_whole_minutes_within_the_cycle(script: Script) -> None:
    """None lies beyond the close, none is past when it is set."""
    for each in live(script).transitions:
        for step in each.after.open_steps:
            if step.due_at is None:
                continue
            assert step.due_at <= each.after.closes_at
            assert (step.due_at.second, step.due_at.microsecond) == (0, 0)
            before = each.before.steps.get(step.key)
            if before is None or before.due_at != step.due_at:
                assert step.due_at > each.now - timedelta(minutes=1)


# --- what is over is over ---


@given(scripts)
def test_a_step_that_has_ended_never_changes_again(script: Script) -> None:
    """Its status is final, and so is everything about it."""
    for each in live(script, to_the_end=True).transitions:
        for key, step in each.before.steps.items():
            if not step.is_open:
                assert each.after.steps[key] == step


@given(scripts)
def test_no_opening_is_ever_forgotten(script: Script) -> None:
    """Steps are added, never taken away; each round has its own key."""
    for each in live(script).transitions:
        assert list(each.after.steps)[: len(each.before.steps)] == list(each.before.steps)
        for step in each.after.steps.values():
            assert step.key == (step.step if step.round == 1 else f"{step.step}~{step.round}")


@given(scripts)
def test_an_ended_cycle_has_nothing_open_and_nothing_to_wait_for(script: Script) -> None:
    """And whatever happens to it changes nothing."""
    life = live(script, to_the_end=True)
    assert life.state.ending is not None
    assert life.state.open_steps == ()
    assert wakes(life.layout, life.state) == {}
    again = advance(life.layout, life.state, TimePassed({"minutes": 99}), life.now)
    assert (again.state, again.commands) == (life.state, ())


@given(scripts)
def test_every_cycle_ends_by_its_close_when_only_time_passes(script: Script) -> None:
    """In a bounded number of wakes."""
    life = live(script, to_the_end=True)
    assert life.state.ending is not None
    assert life.state.ending.at <= life.state.closes_at
    assert len(life.transitions) < 1000
    assert sum(isinstance(command, EndCycle) for command in life.commands) == 1


@given(scripts)
def test_no_loop_opens_a_step_more_than_twelve_times(script: Script) -> None:
    """Only what is repeated by the calendar goes on."""
    life = live(script, to_the_end=True)
    for step in life.state.steps.values():
        if life.layout.plan.by_id[step.step].every is None:
            assert step.round <= MAX_ROUNDS


# --- ladders ---


@given(scripts)
def test_a_rung_fires_once_for_each_deadline_a_person_set(script: Script) -> None:
    """A pause does not fire it again; only an extension starts the ladder anew."""
    fired: set[tuple[StepKey, str, int]] = set()
    for each in live(script, to_the_end=True).transitions:
        if isinstance(each.event, DeadlineExtended):
            fired = {rung for rung in fired if rung[0] != each.event.step}
        for command in each.commands:
            if isinstance(command, RemindOwner | NotifyPerson):
                rung = (command.step.key, command.kind, command.rung)
                assert rung not in fired
                fired.add(rung)


@given(scripts)
def test_a_ladder_is_only_climbed_upwards(script: Script) -> None:
    """Unless the deadline was extended."""
    for each in live(script, to_the_end=True).transitions:
        for key, before in each.before.steps.items():
            extended = isinstance(each.event, DeadlineExtended) and each.event.step == key
            assert extended or each.after.steps[key].rungs_passed >= before.rungs_passed


# --- time ---


@given(scripts)
def test_a_wake_lies_ahead_and_is_gone_once_it_was_dealt_with(script: Script) -> None:
    """So the workflow never spins: after each turn the next wake is later than now."""
    life = live(script, to_the_end=True)
    for each in life.transitions:
        for wake in wakes(life.layout, each.after).values():
            assert each.now < wake.at <= each.after.closes_at


@given(scripts)
def test_there_is_one_wake_for_each_open_step_at_most_and_one_for_the_cycle(
    script: Script,
) -> None:
    """One armed timer per step, for its next rung only."""
    life = live(script)
    for each in life.transitions:
        keys = set(wakes(life.layout, each.after)) - {"cycle"}
        assert keys <= {step.key for step in each.after.open_steps}


@given(scripts, st.integers(0, 99))
def test_looking_between_wakes_changes_nothing(script: Script, percent: int) -> None:
    """Nothing falls due that no wake was asked for."""
    life = live(script)
    wake = next_wake(life.layout, life.state)
    if wake is None:
        return
    between = life.now + (wake - life.now) * percent / 100
    looked = advance(life.layout, life.state, TimePassed(), between)
    assert looked.commands == ()
    assert replace(looked.state, sequence=life.state.sequence) == life.state


def _without_openings_by_time(plan: Plan) -> Plan:
    """Leave out all that opens or ends steps as time passes."""
    steps = tuple(
        replace(
            step,
            at=None,
            every=None,
            fixes=None,
            ladder=tuple(rung for rung in step.ladder if not isinstance(rung.act, Expire)),
        )
        for step in plan.steps
    )
    return replace(plan, steps=steps, readiness=None)


@given(scripts, st.integers(0, 40))
def test_one_late_look_does_all_that_many_looks_in_time_would_have(
    script: Script, days: int
) -> None:
    """
    Every rung fires once, however late the clock is looked at.

    This holds for ladders. A step that opens late (by its date, or after one that expired) has
    its time counted from the moment it really opened, so that nobody is late before they knew.
    """
    life = live(replace(script, plan=_without_openings_by_time(script.plan)))
    until = life.now + timedelta(days=days)
    jumped = advance(life.layout, life.state, TimePassed(), until)
    walked = Life(life.layout, life.state, life.now)
    walked.let_time_pass(until)
    if jumped.state.ending is not None:
        assert walked.state.ending is not None
        return
    assert jumped.state.steps == walked.state.steps
    assert sorted(map(str, _told(jumped.commands))) == sorted(map(str, _told(walked.commands)))


def _told(commands: Any) -> list[tuple[str, str, int]]:
    return [
        (command.kind, command.step.key, command.rung)
        for command in commands
        if isinstance(command, RemindOwner | NotifyPerson)
    ]


# --- the function itself ---


@given(scripts)
def test_the_engine_gives_the_same_answer_to_the_same_question(script: Script) -> None:
    """It keeps nothing, and leaves the state it was given as it was."""
    life = live(script)
    for each in life.transitions:
        again = advance(life.layout, each.before, each.event, each.now)
        assert (again.state, again.commands) == (each.after, each.commands)


@given(scripts)
def test_each_transition_takes_the_next_number(script: Script) -> None:
    """The ledger has no gaps and no doubles."""
    life = live(script, to_the_end=True)
    numbers = [each.after.sequence for each in life.transitions]
    assert numbers == list(range(1, len(numbers) + 1))


@given(scripts, moves)
def test_asking_for_a_refusal_changes_nothing(script: Script, move: object) -> None:
    """A refused event is not handed to the engine: state and ledger stay as they were."""
    life = live(script)
    for event, refusal in life.refusals:
        before = life.state
        repeated = refuse(life.layout, before, event, life.now)
        assert life.state is before
        assert all(part for part in (refusal.code, refusal.message, refusal.hint))
        assert all(each.event is not event for each in life.transitions) or repeated is None


@given(scripts)
def test_the_commands_alone_tell_how_every_step_stands(script: Script) -> None:
    """A projection that carries them out shows what the engine knows."""
    shown: dict[StepKey, StepState] = {}
    opened: set[StepKey] = set()
    for each in live(script, to_the_end=True).transitions:
        for command in each.commands:
            _project(command, shown, opened)
        assert shown == each.after.steps
        assert opened == {step.key for step in each.after.open_steps}


def _project(command: Command, shown: dict[StepKey, StepState], opened: set[StepKey]) -> None:
    match command:
        case OpenStep(step=step):
            assert step.key not in shown
            opened.add(step.key)
        case CloseStep(step=step):
            assert step.key in opened or step.status == "skipped"
            opened.discard(step.key)
        case (
            RecordAttempt(step=step)
            | MoveDeadline(step=step)
            | RemindOwner(step=step)
            | NotifyPerson(step=step)
            | MoveOwner(step=step)
        ):
            assert step.key in opened
        case RecordReadiness() | PauseCycle() | ResumeCycle() | TellProgramOwner() | EndCycle():
            return
    shown[step.key] = step


# --- on the wire ---

STATE: TypeAdapter[CycleState] = TypeAdapter(CycleState)
START: TypeAdapter[CycleStart] = TypeAdapter(CycleStart)
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
COMMANDS: TypeAdapter[list[Command]] = TypeAdapter(list[Command])


@given(scripts)
def test_states_events_and_commands_survive_being_written_and_read(script: Script) -> None:
    """So that a workflow goes on after a replay exactly where it was."""
    life = live(script)
    assert STATE.validate_json(STATE.dump_json(life.state)) == life.state
    assert COMMANDS.validate_json(COMMANDS.dump_json(life.commands)) == life.commands
    for each in life.transitions:
        assert EVENT.validate_json(EVENT.dump_json(each.event)) == each.event


@given(scripts)
def test_a_cycle_that_was_written_and_read_lives_the_same_life(script: Script) -> None:
    """The plan and the calendar travel with it."""

    class Carried(Script):
        @property
        def start(self) -> CycleStart:
            return START.validate_json(START.dump_json(super().start))

    assert START.validate_json(START.dump_json(script.start)) == script.start
    carried = live(Carried(script.plan, script.team, script.moves), to_the_end=True)
    assert carried.state == live(script, to_the_end=True).state


# --- the one thing that a late look changes ---


def test_a_step_that_opens_late_has_its_whole_time() -> None:
    """Its deadline counts from when its owner could know of it."""
    script = Script(
        plans.plan(
            plans.step("call", "1 business day", ladder=["when due: expire"]),
            plans.step("sign", "1 business day", after=plans.ended("call")),
        ),
        dict(TEAM),
        (),
    )
    life = live(script)
    late = local("2026-12-10 12:00")
    jumped = advance(life.layout, life.state, TimePassed(), late).state.steps[StepKey("sign")]
    assert jumped.due_at == local("2026-12-11 17:00")
    life.let_time_pass(late)
    assert life.state.steps[StepKey("sign")].due_at == local("2026-12-03 17:00")
