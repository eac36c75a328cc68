"""One course of events on the engine, call by call."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ccm_flow.core.commands import Command
from ccm_flow.core.engine import MonthPlan, Refusal, advance
from ccm_flow.core.events import CyclePaused, Event, PersonEvent, Triggered
from ccm_flow.core.state import CycleState

Course = tuple[tuple[datetime, Event], ...]
"""All that happened, with its instants."""


@dataclass(frozen=True, slots=True)
class Node:
    """One state that was reached, and how."""

    state: CycleState
    now: datetime
    triggered: bool = False
    """Whether the thread's event from outside has happened."""
    paused_at: datetime | None = None
    parent: "Node | None" = None
    events: Course = ()
    """What happened since the parent."""

    def course(self) -> Course:
        """Give all that happened, from the start."""
        found: list[tuple[datetime, Event]] = []
        node: Node | None = self
        while node is not None:
            found[:0] = node.events
            node = node.parent
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the engine."""

    before: CycleState
    at: datetime
    event: Event
    after: CycleState
    commands: tuple[Command, ...]


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
        return (*self._node.course(), *self._events)

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
    met: Callable[[Node], None]
