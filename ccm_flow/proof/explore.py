"""Explores one thread of a playbook on the real engine, breadth first."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ccm_flow.core.engine import CYCLE, MonthPlan, open_cycle, refuse, wakes
from ccm_flow.core.events import CycleOpened, Event, FactsChanged, TimePassed
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import StepId, StepKey
from ccm_flow.core.plan import Plan
from ccm_flow.core.state import CycleState, CycleStatus, StepState
from ccm_flow.proof.findings import Bounds
from ccm_flow.proof.moments import Moments
from ccm_flow.proof.moves import Moves
from ccm_flow.proof.record import ADDED, choices, conditions, facts_at_start, judging, loose, risks
from ccm_flow.proof.sameness import Key, Sameness
from ccm_flow.proof.setting import Setting
from ccm_flow.proof.threads import Thread
from ccm_flow.proof.walk import Node, Walk, Watch, with_facts


@dataclass
class Count:
    """How much was explored so far, over all threads."""

    bounds: Bounds
    goes_on: Callable[[], bool] = lambda: True
    """Says whether there is time left."""
    states: int = 0
    rounds_cut: int = 0
    stopped: bool = False


class Explorer:
    """Walks through every state of one thread."""

    def __init__(
        self, plan: Plan, setting: Setting, thread: Thread, *, count: Count, watch: Watch
    ) -> None:
        facts = facts_at_start(plan, thread.missing)
        self._plan, self._thread = plan, thread
        self._start = setting.start(plan, facts)
        self._layout = MonthPlan.of(self._start)
        self._moments = Moments(self._layout)
        self._moves = Moves(plan, thread, self._moments)
        self._choices = choices(conditions(plan, thread.steps), facts)
        self._added = [name for name in ADDED if self._choices and name in self._choices[0]]
        self._loose = loose(plan, self._choices)
        self._judging = judging(plan, self._loose)
        self._count, self._watch = count, watch
        self._rounds = thread.rounds or count.bounds.rounds
        self._key = Sameness(plan, self._moments, self._rounds, self._loose).key
        self._seen: set[Key] = set()
        self._queue: deque[Node] = deque()
        self._again: deque[Node] = deque()
        """What goes round: looked at when nothing else is left."""
        self.first_rounds_done = False

    def explore(self, limit: int | None = None) -> bool:
        """
        Explore until nothing new is reached; tell whether it came to that.

        Args:
            limit: how many states at most, besides the bound on all threads together.
        """
        for node in self._first():
            self._meet(node)
        while (self._queue or self._again) and not self._count.stopped:
            if not self._queue:
                self.first_rounds_done = True
                self._queue, self._again = self._again, self._queue
            node = self._queue.popleft()
            for child in self._next(node):
                self._meet(child)
            if limit is not None and len(self._seen) > limit:
                return False
        return not self._count.stopped

    def _first(self) -> Iterator[Node]:
        state = open_cycle(self._start)
        for risk in risks(self._plan, self._thread.steps) or (state.facts["risk"],):
            for chosen in self._choices or ({},):
                facts = {**state.facts, "risk": risk, **chosen}
                begun = Node(replace(state, facts=facts), self._layout.opens_at)
                yield self._walk(begun, CycleOpened(), begun.now, {}).node()

    def _meet(self, node: Node) -> None:
        """Go on from a node later, unless the same state was met before."""
        if node.state.ending is not None:
            return
        outside = (node.triggered, node.paused_at, node.late)
        key = (node.now, outside, self._key(node))
        met = len(self._seen)
        self._seen.add(key)
        if len(self._seen) == met:
            return
        if any(self._goes_too_far(step) for step in node.open):
            self._count.rounds_cut += 1
            return
        self._count.states += 1
        count = self._count
        count.stopped = count.states >= count.bounds.states or not count.goes_on()
        waits = not self.first_rounds_done and any(step.round > 1 for step in node.open)
        (self._again if waits else self._queue).append(node)

    def _goes_too_far(self, step: StepState) -> bool:
        return step.round > self._rounds and self._plan.by_id[step.step].every is None

    # --- what can come next ---

    def _next(self, node: Node) -> Iterator[Node]:
        taken = False
        for event in self._moves.of_steps(node):
            refusal = refuse(self._layout, node.state, event, node.now)
            if refusal is not None:
                self._watch.refused(node, event, refusal)
                continue
            taken = True
            yield from self._each_record(node, event, node.now)
        for event in self._moves.from_outside(node):
            yield from self._each_record(node, event, node.now)
        for late in self._moves.lates(node, acted=taken):
            yield from self._let_time_pass(node, late)

    def _each_record(self, node: Node, event: Event, at: datetime) -> Iterator[Node]:
        """
        Let an event happen with each record that conditions tell apart.

        What the record says only for conditions makes no difference when none was asked.
        """
        unasked: list[Facts] = []
        for chosen in self._records(node.state):
            firm = {name: chosen[name] for name in chosen if name not in self._loose}
            if firm in unasked:
                continue
            walk = self._walk(node, event, at, chosen)
            yield walk.node()
            if not walk.touched & self._judging:
                unasked.append(firm)

    def _records(self, state: CycleState) -> list[Facts]:
        """Give what the record may say next: first what it says already, if that is one of them."""
        if not self._choices:
            return [{}]
        kept = [chosen for chosen in self._choices if self._may_become(state, chosen)]
        kept.sort(key=lambda chosen: not chosen.items() <= state.facts.items())
        return kept or [{}]

    def _may_become(self, state: CycleState, chosen: Facts) -> bool:
        """Tell whether the record may change so: minutes are only ever added."""
        return all(int(chosen[name]) >= int(state.facts[name]) for name in self._added)

    def _walk(self, node: Node, event: Event, at: datetime, chosen: Facts) -> Walk:
        walk = Walk(self._layout, node, self._watch)
        told = event
        if not chosen.items() <= node.state.facts.items():
            told = with_facts(event, chosen)
            if told is event:
                self._tell(walk, chosen)
        walk.take(told, at)
        self._do_the_ordinary(walk)
        return walk

    def _tell(self, walk: Walk, chosen: Facts) -> None:
        """Let the record change before something happens that says nothing of it."""
        news = {name: chosen[name] for name in chosen if name in self._loose}
        if not news.items() <= walk.state.facts.items():
            walk.take(FactsChanged(news), walk.now)

    def _do_the_ordinary(self, walk: Walk) -> None:
        while (event := self._moves.ordinary(walk)) is not None:
            walk.take(event, walk.now)

    def _let_time_pass(self, node: Node, late: StepId | None) -> Iterator[Node]:
        """Go to the next instant at which there is a choice, or to the end."""
        for chosen in self._records(node.state) if self._loose else [{}]:
            walk = Walk(self._layout, node, self._watch)
            walk.late = late
            self._tell(walk, chosen)
            yield from self._go_on(walk)
            if not walk.touched & self._judging:
                return

    def _go_on(self, walk: Walk) -> Iterator[Node]:
        while walk.state.ending is None:
            at, is_wake, needs_facts = self._next_stop(walk)
            if needs_facts and self._choices:
                yield from self._each_record(walk.node(), TimePassed(), at)
                return
            if is_wake:
                walk.take(TimePassed(), at)
            walk.now = at
            self._do_the_ordinary(walk)
            if self._moves.is_choice(walk):
                break
        yield walk.node()

    def _next_stop(self, walk: Walk) -> tuple[datetime, bool, bool]:
        """
        Give the next instant that matters, whether it is a wake, and whether it needs facts.

        Wakes that only tell somebody something are left out: the engine makes up for them.
        """
        due = wakes(self._layout, walk.state)
        wake = min(wake.at for key, wake in due.items() if self._changes(walk.state, key))
        others = [at for at in self._stops(walk) if walk.now < at < wake]
        if others:
            return min(others), False, False
        return wake, True, due[CYCLE].at == wake

    def _changes(self, state: CycleState, key: StepKey) -> bool:
        if key == CYCLE:
            return True
        return self._moments.still_moves(state.steps[key])

    def _stops(self, walk: Walk) -> Iterator[datetime]:
        for step in walk.open:
            if step.step in self._thread.steps:
                yield from self._moves.moments_of(step, walk.late)
            elif walk.state.status is not CycleStatus.PAUSED:
                yield self._moves.ordinary_moment(step)
        thread = self._thread
        if thread.endings or thread.lost or (thread.trigger and not walk.triggered):
            yield from self._moments.days
        if walk.state.status is CycleStatus.PAUSED and walk.paused_at is not None:
            yield from self._moments.resumptions(walk.paused_at)
