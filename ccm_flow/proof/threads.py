"""
Threads of work: which steps have to be tried out together.

Steps that never meet need not be combined: what one of them does changes nothing for the other.
So the proof looks at one thread at a time, from a step that opens by itself to the step it is
about. Steps that are joined (`after: [a, b]`) and loops belong to one thread.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from ccm_flow.core.expressions import Expr
from ccm_flow.core.ids import StepId
from ccm_flow.core.plan import (
    READINESS,
    Expire,
    Plan,
    PlanStep,
    Requirement,
    Trigger,
    Urgency,
)

Steps = frozenset[StepId]


class Way(NamedTuple):
    """One way in which a step comes to open."""

    steps: Steps
    """Every step that takes part, the one it is about too; all steps of a loop, unless it is
    entered once more because something stops the month."""
    trigger: Trigger | None = None
    missing: frozenset[Requirement] = frozenset()
    """What stops the month when the readiness check starts."""


@dataclass(frozen=True, slots=True)
class Thread:
    """One way through the playbook that is tried out in full."""

    about: StepId
    steps: Steps
    """These are done in every way and at every moment; all others in their ordinary way."""
    trigger: Trigger | None = None
    urgency: Urgency | None = None
    missing: frozenset[Requirement] = frozenset()
    late: Steps = frozenset()
    """The steps whose deadlines may be missed."""
    pause: bool = False
    """Whether the month may be paused once."""
    endings: bool = False
    """Whether the patient may leave or die, or the month be closed, at any moment."""
    rounds: int | None = None
    """How often a step that opens again is followed, when not as often as elsewhere."""


_MOST_WAYS = 40
"""For one step; more are merged into one that tries them together."""


class Ways:
    """Works out, for every step of a plan, the ways in which it comes to open."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._loops = _loops(plan)
        self._known: dict[StepId, tuple[Way, ...]] = {}

    @property
    def loops(self) -> tuple[Steps, ...]:
        """Give the steps that lead to each other, and each other step alone."""
        return tuple(dict.fromkeys(self._loops.values()))

    def of(self, step: StepId) -> tuple[Way, ...]:
        """Give the ways in which a step comes to open; none when nothing can open it."""
        if step not in self._known:
            self._known[step] = ()  # while it is looked into, a circle adds nothing
            members = self._loops[step]
            whole = {
                Way(way.steps | (frozenset([member]) if way.missing else members), *way[1:])
                for member in members
                for way in self._entries(member, members)
            }
            for member in members:
                self._known[member] = _few(whole)
        return self._known[step]

    def _entries(self, step_id: StepId, inside: Steps) -> set[Way]:
        """Give the ways that lead into a loop through one of its steps."""
        step = self._plan.by_id[step_id]
        found: set[Way] = set()
        if step.on is not None:
            found.add(Way(frozenset([step_id]), step.on))
        elif step.fixes is not None:
            found.add(Way(frozenset([step_id]), missing=frozenset([step.fixes])))
        elif step.after is not None:
            found |= self._after(step.after, inside)
        elif self._plan.opens_at_start(step) or step.at is not None:
            found.add(Way(frozenset([step_id])))
        for source in self._senders(step_id):
            if source.id not in inside:
                found |= self._onward(source.id)
        return found

    def _onward(self, source: StepId) -> set[Way]:
        """
        Give the ways through a step that are followed further.

        Work that starts once more because something stops the month is not: all that follows it
        is tried after its first start.
        """
        ways = self.of(source)
        return {way for way in ways if not way.missing} or set(ways)

    def _after(self, expr: Expr, inside: Steps) -> set[Way]:
        if expr[0] == "or":
            return {way for part in expr[1:] for way in self._after(part, inside)}
        if expr[0] == "and":
            found = {Way(frozenset())}
            for part in expr[1:]:
                ways = self._after(part, inside)
                found = {_both(one, two) for one in found for two in ways} if ways else found
                found = set(_few(found))
            return found
        source = StepId(expr[1])
        if source == READINESS:
            return self._readiness(expr)
        return set() if source in inside else self._onward(source)

    def _readiness(self, expr: Expr) -> set[Way]:
        """Let nothing be missing in a month that is ready, and one thing in one that is not."""
        requires = self._plan.readiness.requires if self._plan.readiness else ()
        if expr[0] == "outcome" and expr[2] == "not_ready":
            return {Way(frozenset(), missing=frozenset([one])) for one in requires}
        return {Way(frozenset())}

    def _senders(self, target: StepId) -> list[PlanStep]:
        return [
            step
            for step in self._plan.steps
            if any(outcome.go == target for outcome in step.outcomes)
        ]


def _both(one: Way, two: Way) -> Way:
    return Way(one.steps | two.steps, one.trigger or two.trigger, one.missing | two.missing)


def _few(ways: set[Way]) -> tuple[Way, ...]:
    """Leave out ways that another one contains, and merge them when there are too many."""
    kept = [way for way in ways if not any(_within(way, other) for other in ways)]
    kept.sort(key=_plainness)
    if len(kept) <= _MOST_WAYS:
        return tuple(kept)
    merged = kept[_MOST_WAYS - 1]
    for way in kept[_MOST_WAYS:]:
        merged = _both(merged, way)
    return (*kept[: _MOST_WAYS - 1], merged)


def _plainness(way: Way) -> tuple[object, ...]:
    return (bool(way.missing), way.trigger or "", len(way.steps), sorted(way.steps))


def _within(way: Way, other: Way) -> bool:
    same = (way.trigger, way.missing) == (other.trigger, other.missing)
    return same and way.steps < other.steps


def _loops(plan: Plan) -> dict[StepId, Steps]:
    """Give, for each step, the steps that it leads to and that lead back to it."""
    leads = {step.id: _leads_to(plan, step) for step in plan.steps}
    return {
        step: frozenset(other for other in leads[step] if step in leads[other]) | {step}
        for step in leads
    }


def _leads_to(plan: Plan, step: PlanStep) -> set[StepId]:
    found: set[StepId] = set()
    queue = [step.id]
    while queue:
        here = queue.pop()
        next_ = {outcome.go for outcome in plan.by_id[here].outcomes if outcome.go is not None}
        next_ |= {follower.id for follower in plan.followers.get(here, ())}
        queue.extend(next_ - found)
        found |= next_
    return found


def endless(plan: Plan) -> tuple[Thread, ...]:
    """Give threads that follow, to the engine's own limit, the loops that no outcome leaves."""
    ways = Ways(plan)
    loops = dict.fromkeys(loop for loop in _loops(plan).values() if _never_left(plan, loop))
    found = []
    for loop in loops:
        for way in ways.of(min(loop))[:1]:
            steps = way.steps | loop
            found.append(Thread(min(loop), steps, way.trigger, None, way.missing, rounds=99))
    return tuple(found)


def _never_left(plan: Plan, loop: Steps) -> bool:
    steps = [plan.by_id[step] for step in loop]
    if any(step.when is not None or step.skip_if or step.optional for step in steps):
        return False
    expire = any(isinstance(rung.act, Expire) for step in steps for rung in step.ladder)
    outcomes = [outcome for step in steps for outcome in step.outcomes]
    return not expire and all(outcome.go in loop for outcome in outcomes)


def atoms(expr: Expr) -> Iterator[tuple[str, ...]]:
    """Give the questions an `after` joins: `("outcome", "call", "reached")`."""
    if not isinstance(expr, tuple):
        return
    if expr[0] in ("and", "or"):
        for part in expr[1:]:
            yield from atoms(part)
    else:
        yield expr


def threads(plan: Plan, ordinary: Steps = frozenset()) -> tuple[Thread, ...]:
    """
    Cut a plan into the threads that together show all it can do.

    Args:
        plan: the playbook.
        ordinary: the steps that open when the month takes its ordinary course.
    """
    ways = Ways(plan)
    found: list[Thread] = []
    for step in plan.steps:
        for way in ways.of(step.id):
            found += [
                Thread(step.id, way.steps, way.trigger, urgency, way.missing, late=way.steps)
                for urgency in _urgencies(plan, way)
            ]
    kept = [thread for thread in found if not any(_covers(other, thread) for other in found)]
    unique = {(t.steps, t.trigger, t.urgency, t.missing): t for t in reversed(kept)}
    rest = (*_unfixed(plan), *_paused(plan, ways, ordinary), *_ended_early(plan))
    return (*reversed(unique.values()), *rest)


def narrower(plan: Plan, thread: Thread) -> tuple[Thread, ...]:
    """
    Cut a thread in which too much meets; empty when it cannot be cut.

    First, what goes round: the first round goes with the rest in every way, the loop goes round
    in every way by itself, and further rounds go with the rest in every outcome, done on time.
    Then, one step at a time is late, and all others are done on time.
    """
    ways = Ways(plan)
    loops = [loop for loop in ways.loops if len(loop) > 1 and loop <= thread.steps]
    if thread.rounds is None and loops and len(thread.late) > 1:
        found = [replace(thread, rounds=1), replace(thread, late=frozenset())]
        for loop in loops:
            first = ways.of(min(loop))[0]
            if first.steps < thread.steps:
                late = first.steps
                found.append(Thread(min(loop), late, first.trigger, None, first.missing, late))
        return tuple(found)
    if len(thread.late) > 1:
        return tuple(replace(thread, late=frozenset([step])) for step in sorted(thread.late))
    return ()


def _covers(wide: Thread, thread: Thread) -> bool:
    same = (wide.trigger, wide.urgency, wide.missing) == (
        thread.trigger,
        thread.urgency,
        thread.missing,
    )
    return same and thread.steps < wide.steps


def _urgencies(plan: Plan, way: Way) -> tuple[Urgency | None, ...]:
    clocks = any(step.on is way.trigger and step.urgent_due for step in plan.steps)
    return (Urgency.ROUTINE, Urgency.URGENT) if way.trigger and clocks else (None,)


def _paused(plan: Plan, ways: Ways, ordinary: Steps) -> list[Thread]:
    """Pause the month once while each step is open."""
    found = []
    for step in plan.steps:
        first = next(iter(ways.of(step.id)), None)
        if first is not None:
            late = frozenset([step.id])
            steps = late if step.id in ordinary else first.steps
            thread = Thread(step.id, steps, first.trigger, None, first.missing, late)
            found.append(replace(thread, pause=True, rounds=1))
    return found


def _unfixed(plan: Plan) -> list[Thread]:
    """Let each requirement be missing that no step puts right."""
    requires = plan.readiness.requires if plan.readiness else ()
    fixed = {step.fixes for step in plan.steps}
    about = plan.steps[0].id if plan.steps else READINESS
    return [
        Thread(about, frozenset(), missing=frozenset([one])) for one in requires if one not in fixed
    ]


def _ended_early(plan: Plan) -> list[Thread]:
    first = plan.steps[:1]
    return [Thread(step.id, frozenset(), endings=True) for step in first]
