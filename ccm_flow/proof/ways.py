"""In which ways a step comes to open: the steps, and what else, that lead to it."""

from collections.abc import Iterator
from typing import NamedTuple

from ccm_flow.core.expressions import Expr
from ccm_flow.core.ids import StepId
from ccm_flow.core.plan import READINESS, Plan, PlanStep, Requirement, Trigger

Steps = frozenset[StepId]


class Way(NamedTuple):
    """One way in which a step comes to open."""

    steps: Steps
    """Every step that takes part, the one it is about too; all steps of a loop, unless it is
    entered once more because something stops the month."""
    trigger: Trigger | None = None
    missing: frozenset[Requirement] = frozenset()
    """What stops the month when the readiness check starts."""


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


def atoms(expr: Expr) -> Iterator[tuple[str, ...]]:
    """Give the questions an `after` joins: `("outcome", "call", "reached")`."""
    if not isinstance(expr, tuple):
        return
    if expr[0] in ("and", "or"):
        for part in expr[1:]:
            yield from atoms(part)
    else:
        yield expr
