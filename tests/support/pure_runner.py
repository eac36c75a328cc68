"""Runs scenarios on the pure engine, exactly as the workflow drives it: wake by wake."""

from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

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
from ccm_flow.core.engine import MonthPlan, advance, layout_after, open_cycle, refuse, wakes
from ccm_flow.core.events import CycleOpened, Event, PersonEvent, TimePassed
from ccm_flow.core.state import CycleStart, CycleState, Ending, StepState, StepStatus
from tests.support.scenario import Message, OpenItem, Scenario, Snapshot


class PureCycle:
    """One cycle on the pure engine and the commands it has given so far."""

    def __init__(self, start: CycleStart) -> None:
        self.layout = MonthPlan.of(start)
        self.now = self.layout.opens_at
        self.state: CycleState = open_cycle(start)
        self.commands: list[Command] = []
        self.events = 0
        self.take(CycleOpened())

    def take(self, event: Event) -> None:
        """Hand an event to the engine now."""
        turn = advance(self.layout, self.state, event, self.now)
        self.state = turn.state
        self.layout = layout_after(self.layout, event)
        self.commands += turn.commands
        self.events += 1

    def let_time_pass(self, until: datetime) -> None:
        """Wake the cycle at each instant it asks for, up to and with `until`."""
        while (at := self.next_wake()) is not None and at <= until:
            assert at > self.now, f"the wake at {at} was not dealt with at {self.now}"
            self.now = at
            self.take(TimePassed())
        self.now = max(self.now, until)

    def next_wake(self) -> datetime | None:
        """Say when the cycle wants to be looked at next; None once it has ended."""
        return min((wake.at for wake in wakes(self.layout, self.state).values()), default=None)


class PureRunner:
    """A `Runner` on the pure engine."""

    def __init__(self) -> None:
        self._cycle: PureCycle | None = None

    @property
    def cycle(self) -> PureCycle:
        """The running cycle."""
        assert self._cycle is not None, "start a scenario first"
        return self._cycle

    async def start(self, scenario: Scenario) -> None:
        """Open the cycle at the scenario's first instant."""
        self._cycle = PureCycle(scenario.start)

    async def advance_to(self, instant: datetime) -> None:
        """Let time pass up to an instant, with everything that falls due until then and at it."""
        self.cycle.let_time_pass(instant)

    async def act(self, event: PersonEvent) -> str | None:
        """Let somebody do something now; give the code of the refusal if it is refused."""
        cycle = self.cycle
        refusal = refuse(cycle.layout, cycle.state, event, cycle.now)
        if refusal is not None:
            assert refusal.message.endswith(".")
            assert refusal.hint.endswith(".")
            return refusal.code
        cycle.take(event)
        return None

    async def snapshot(self) -> Snapshot:
        """Look at the cycle now."""
        return snapshot_of(self.cycle.state, self.cycle.commands)


def snapshot_of(state: CycleState, commands: Iterable[Command]) -> Snapshot:
    """Show a cycle as people see it, from its state and all it has asked for."""
    told = map(message_of, commands)
    return Snapshot(
        open=tuple(
            OpenItem(step.key, step.owner.person, step.owner.role, step.due_at, step.not_before)
            for step in state.open_steps
        ),
        ended={step.key: ended_in_words(step) for step in state.steps.values() if not step.is_open},
        tries={
            step.key: tuple(f"{each.channel} {each.result}" for each in step.attempts)
            for step in state.steps.values()
            if step.attempts
        },
        messages=tuple(message for message in told if message is not None),
        status=state.status.value,
        ending=ending_in_words(state.ending),
        blockers=(
            None
            if state.blockers is None
            else tuple(blocker.requirement.value for blocker in state.blockers)
        ),
    )


def ended_in_words(step: StepState) -> str:
    """Write how a step ended: its outcome when a person did it, otherwise its status."""
    if step.status is StepStatus.DONE:
        return str(step.outcome)
    return f"{step.status} as {step.outcome}" if step.outcome else step.status.value


def ending_in_words(ending: Ending | None) -> str | None:
    """Write an ending as scenarios do: `not_ready: minutes`."""
    if ending is None:
        return None
    reason = f": {ending.because}" if ending.because else ""
    return ending.disposition.value + reason


def message_of(command: Command) -> Message | None:
    """Give what a command tells somebody; None when it only keeps a record."""
    match command:
        case RemindOwner(step=step):
            return Message("remind", step.owner.person, step.key)
        case NotifyPerson(step=step, to=to):
            return Message("notify", to.person, step.key)
        case MoveOwner(step=step):
            return Message("reassign", step.owner.person, step.key)
        case TellProgramOwner(to=to, about=key):
            return Message("ask", to.person, key)
        case (
            OpenStep()
            | CloseStep()
            | RecordAttempt()
            | MoveDeadline()
            | RecordReadiness()
            | PauseCycle()
            | ResumeCycle()
            | EndCycle()
        ):
            return None
        case _ as never:
            assert_never(never)
