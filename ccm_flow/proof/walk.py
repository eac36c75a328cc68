"""One course of events on the engine, call by call."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ccm_flow.core.commands import Command
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
from ccm_flow.core.state import CycleState

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


@dataclass(frozen=True, slots=True)
class Node:
    """One state that was reached, and how."""

    state: CycleState
    now: datetime
    triggered: bool = False
    """Whether the thread's event from outside has happened."""
    paused_at: datetime | None = None
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


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the engine."""

    before: CycleState
    at: datetime
    event: Event
    after: CycleState
    commands: tuple[Command, ...]


def with_facts(event: Event, facts: Facts) -> Event:
    """Let an event tell what else the record says; what it says itself comes first."""
    match event:
        case TimePassed() | StepCompleted() | AttemptMade() | Triggered() | MonthClosed():
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
        self.triggered, self.paused_at = node.triggered, node.paused_at
        self._events: list[tuple[datetime, Event]] = []

    def take(self, event: Event, at: datetime) -> None:
        """Hand an event to the engine."""
        before = self.state
        turn = advance(self._layout, before, event, at)
        self.state, self.now = turn.state, at
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
            self.state, self.now, self.triggered, self.paused_at, self._node, tuple(self._events)
        )


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told of what happens in an exploration."""

    called: Callable[[Walk, Call], None]
    refused: Callable[[Node, PersonEvent, Refusal], None]
