"""
Threads of work: which steps have to be tried out together.

Steps that never meet need not be combined: what one of them does changes nothing for the other.
So the proof looks at one thread at a time, from a step that opens by itself to the step it is
about. Steps that are joined (`after: [a, b]`) and loops belong to one thread.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ccm_flow.core.ids import StepId
from ccm_flow.core.plan import READINESS, Expire, Plan, Requirement, Trigger, Urgency
from ccm_flow.proof.ways import Steps, Way, Ways

_ENDLESS = 99
"""More rounds than the engine allows."""


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
    one_late: bool = False
    """Whether in one course only one of them may be missed, however often it opens."""
    few_attempts: bool = False
    """Whether attempts at contact succeed at first or at last, not in between."""
    pause: bool = False
    """Whether the month may be paused once."""
    endings: bool = False
    """Whether the patient may leave or die, or the month be closed, at any moment."""
    lost: Requirement | None = None
    """What the month needs and loses again, once, after it was ready."""
    rounds: int | None = None
    """How often a step that opens again is followed, when not as often as elsewhere."""


def endless(plan: Plan) -> tuple[Thread, ...]:
    """Give threads that follow, to the engine's own limit, the loops that no outcome leaves."""
    ways = Ways(plan)
    loops = dict.fromkeys(loop for loop in Ways(plan).loops if _never_left(plan, loop))
    found = []
    for loop in loops:
        for way in ways.of(min(loop))[:1]:
            steps = way.steps | loop
            found.append(Thread(min(loop), steps, way.trigger, None, way.missing, rounds=_ENDLESS))
    return tuple(found)


def _never_left(plan: Plan, loop: Steps) -> bool:
    steps = [plan.by_id[step] for step in loop]
    if any(step.when is not None or step.skip_if or step.optional for step in steps):
        return False
    expire = any(isinstance(rung.act, Expire) for step in steps for rung in step.ladder)
    outcomes = [outcome for step in steps for outcome in step.outcomes]
    return not expire and all(outcome.go in loop for outcome in outcomes)


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
    rest = (*_unfixed(plan), *_lost(plan), *_paused(plan, ways, ordinary), *_ended_early(plan))
    return (*reversed(unique.values()), *rest)


def narrower(plan: Plan, thread: Thread, most_late: int) -> tuple[Thread, ...]:
    """
    Cut a thread in which too much meets; empty when it cannot be cut.

    First, what goes round: the first round goes with the rest in every way, the loop goes round
    in every way by itself, and further rounds go with the rest in every outcome, done on time.
    Then, one step at a time is late, and all others are done on time.

    Args:
        plan: the playbook.
        thread: what to cut.
        most_late: how many steps may be late in every combination. Where more meet, attempts at
            contact succeed at first or at last; the steps that attempt it have threads of their
            own, with every number of attempts.
    """
    if len(thread.late) > most_late and not thread.few_attempts:
        few = replace(thread, few_attempts=True)
        return (*narrower(plan, few, most_late), *_alone(plan, thread))
    loops = [loop for loop in Ways(plan).loops if len(loop) > 1 and loop <= thread.steps]
    if thread.rounds is None and loops and len(thread.late) > 1:
        found = [replace(thread, rounds=1), replace(thread, late=frozenset())]
        return (*found, *_first_ways(plan, thread, [min(loop) for loop in loops]))
    if len(thread.late) > 1 and not thread.one_late:
        return (replace(thread, one_late=True),)
    return ()


def _alone(plan: Plan, thread: Thread) -> list[Thread]:
    """Give the thread of each step that attempts contact, which the wide one no longer shows."""
    tried = [step.id for step in plan.steps if step.id in thread.steps and step.attempts]
    return _first_ways(plan, thread, tried)


def _first_ways(plan: Plan, thread: Thread, steps: Iterable[StepId]) -> list[Thread]:
    """Give the plainest thread about each of these steps, if it is narrower than the whole."""
    ways = Ways(plan)
    firsts = [(step, ways.of(step)[0]) for step in steps]
    return [
        Thread(step, way.steps, way.trigger, None, way.missing, way.steps)
        for step, way in firsts
        if way.steps < thread.steps
    ]


def covers(wide: Thread, thread: Thread) -> bool:
    """Tell whether everything that is tried in a thread is tried in a wider one too."""
    rounds = wide.rounds is None or wide.rounds == thread.rounds
    as_late = thread.late <= wide.late and (thread.one_late or not wide.one_late or not thread.late)
    few = thread.few_attempts or wide.few_attempts
    plain = replace(
        thread, steps=wide.steps, late=wide.late, one_late=wide.one_late, few_attempts=few
    )
    same = replace(plain, about=wide.about, rounds=wide.rounds) == wide
    apart = thread.pause or thread.lost is not None or thread.endings or thread.rounds == _ENDLESS
    return same and rounds and as_late and thread.steps <= wide.steps and not apart


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


def _lost(plan: Plan) -> list[Thread]:
    """Let each requirement be lost again once the month was ready, e.g. coverage ends."""
    requires = plan.readiness.requires if plan.readiness else ()
    handed_over = frozenset(step.id for step in plan.followers.get(READINESS, ()))
    found = []
    for one in requires:
        fixing = frozenset(step.id for step in plan.fixing if step.fixes is one)
        if one is not Requirement.CONTACT:  # who was reached stays reached
            about = min(fixing, default=plan.steps[0].id)
            found.append(Thread(about, fixing | handed_over, lost=one, late=fixing, rounds=1))
    return found


def _ended_early(plan: Plan) -> list[Thread]:
    first = plan.steps[:1]
    return [Thread(step.id, frozenset(), endings=True) for step in first]
