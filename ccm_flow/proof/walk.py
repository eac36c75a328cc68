"""One course of events on the engine, call by call."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from ccm_flow.core.commands import CloseStep, Command, OpenStep
from ccm_flow.core.engine import MonthPlan, Refusal, advance
from ccm_flow.core.events import (
    AttemptMade,
    CyclePaused,
    Event,
    FactsChanged,
    MonthClosed,
    PersonEvent,
    StepCompleted,
    TimePassed,
    Triggered,
)
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import StepId
from ccm_flow.core.state import CycleState, StepState

Events = tuple[tuple[datetime, Event], ...]


@dataclass(frozen=True, slots=True)
class Course:
    """All that happened, with its instants, and what the record said before."""

    facts: Facts
    events: Events

    @property
    def length(self) -> tuple[int, int]:
        """Give what makes one course shorter than another: what people do, then all of it."""
        done = sum(not isinstance(event, TimePassed) for _, event in self.events)
        return done, len(self.events)


class Node(NamedTuple):
    """One state that was reached, and how."""

    state: CycleState
    now: datetime
    open: tuple[StepState, ...] = ()
    """The steps that are open in this state."""
    triggered: bool = False
    """Whether the thread's event from outside has happened."""
    paused_at: datetime | None = None
    late: StepId | None = None
    """The step whose deadline was let pass, where only one may be late in a course."""
    parent: "Node | None" = None
    events: Events = ()
    """What happened since the parent."""

    def course(self) -> Course:
        """Give all that happened, from the start."""
        found: list[tuple[datetime, Event]] = []
        node = self
        while node.parent is not None:
            found[:0] = node.events
            node = node.parent
        return Course(node.state.facts, tuple(found))


class Call(NamedTuple):
    """One call of the engine."""

    before: CycleState
    at: datetime
    event: Event
    after: CycleState
    commands: tuple[Command, ...]


def with_facts(event: Event, facts: Facts) -> Event:
    """Let an event tell what else the record says; what it says itself comes first."""
    match event:
        case TimePassed():
            return TimePassed({**facts, **(event.facts or {})})
        case StepCompleted() | AttemptMade() | Triggered() | MonthClosed():
            return replace(event, facts={**facts, **(event.facts or {})})
        case FactsChanged():
            return FactsChanged({**facts, **event.facts})
        case _:
            return event  # the others tell nothing of the record


class Walk:
    """Goes on from a node; everybody who watches hears of each call of the engine."""

    def __init__(self, layout: MonthPlan, node: Node, watch: "Watch") -> None:
        self._layout, self._node, self._watch = layout, node, watch
        self.state, self.now = node.state, node.now
        self.open, self.late = node.open, node.late
        self.triggered, self.paused_at = node.triggered, node.paused_at
        self._events: list[tuple[datetime, Event]] = []
        self.touched: set[StepId] = set()
        """The steps that opened, were skipped as they would open, or ended."""

    def take(self, event: Event, at: datetime) -> None:
        """Hand an event to the engine."""
        before = self.state
        turn = advance(self._layout, before, event, at)
        self.state, self.now = turn.state, at
        if turn.commands:  # nothing opens, ends or moves without one
            self.open = turn.state.open_steps
            for command in turn.commands:
                if isinstance(command, (OpenStep, CloseStep)):
                    self.touched.add(command.step.step)
        self._events.append((at, event))
        if isinstance(event, Triggered):
            self.triggered = True
        elif isinstance(event, CyclePaused):
            self.paused_at = at
        self._watch.called(self, Call(before, at, event, turn.state, turn.commands))

    def course(self) -> Course:
        """Give all that happened, from the start."""
        return self.node().course()

    def node(self) -> Node:
        """Give where this walk has come to."""
        return Node(
            state=self.state,
            now=self.now,
            open=self.open,
            triggered=self.triggered,
            paused_at=self.paused_at,
            late=self.late,
            parent=self._node,
            events=tuple(self._events),
        )


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told of what happens in an exploration."""

    called: Callable[[Walk, Call], None]
    refused: Callable[[Node, PersonEvent, Refusal], None]
