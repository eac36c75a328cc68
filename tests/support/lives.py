"""
Random playbooks and random lives of a cycle, for properties that hold for all of them.

A `Script` is plain data, so that hypothesis can shrink it; `live` plays it on the engine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache

from hypothesis import strategies as st

from ccm_flow.core.commands import Command
from ccm_flow.core.deadlines import Budget, Unit
from ccm_flow.core.engine import (
    MonthPlan,
    Refusal,
    advance,
    layout_after,
    open_cycle,
    refuse,
    wakes,
)
from ccm_flow.core.events import (
    AttemptMade,
    CycleOpened,
    CyclePaused,
    CycleResumed,
    DeadlineExtended,
    Event,
    FactsChanged,
    MonthClosed,
    PatientDied,
    PatientWithdrew,
    PersonEvent,
    StepCompleted,
    StepReassigned,
    StepSkipped,
    TimePassed,
    Triggered,
)
from ccm_flow.core.expressions import Expr
from ccm_flow.core.facts import FactValue
from ccm_flow.core.ids import OutcomeId, PersonId, RoleId, StepId, StepKey
from ccm_flow.core.plan import (
    AttemptPlan,
    Outcome,
    Plan,
    PlanStep,
    Requirement,
    Trigger,
    Urgency,
)
from ccm_flow.core.state import CycleStart, CycleState, CycleStatus, StepState
from tests.support.plans import ROLES, attempts, budget, outcome, plan, readiness, rule, rung, step
from tests.support.scenario import TEAM, scenario

NAMES = tuple(StepId(name) for name in ("ask", "brief", "call", "draft", "edit", "file"))
DONE, OTHER = OutcomeId("done"), OutcomeId("other")
FIXED = (Requirement.CONSENT, Requirement.MINUTES, Requirement.SIGNED_NOTES)


@cache
def _december() -> CycleStart:
    return scenario("a random life", plan()).start


# --- playbooks ---

roles = st.sampled_from(ROLES).map(RoleId)
dues = st.sampled_from(
    [
        "1 business day",
        "4 business hours",
        "3 business days",
        "2 days",
        "1 week",
        "90 minutes",
        "5 hours",
        "business day 1",
        "business day 8",
        "business day -2",
        "day 20",
        "month end",
        "month end - 2 business days",
        "month end + 4 days",
    ]
).map(rule)
dates = st.sampled_from(
    ["business day 2", "business day 5", "day 13", "day 1", "business day -5", "month end + 1 day"]
).map(rule)
repeats = st.sampled_from(["1 week", "1 business day", "3 days", "6 business hours"]).map(budget)
record_conditions: st.SearchStrategy[Expr] = st.sampled_from(
    [
        None,
        ("<", ("fact", "minutes"), 20),
        ("fact", "consent"),
        ("or", ("==", ("fact", "risk"), "high"), (">", ("fact", "unsigned_notes"), 0)),
    ]
)
conditions = st.one_of(
    st.none(), st.none(), record_conditions, st.just((">", ("fact", "days_left"), 5))
)
ladders = st.sampled_from(
    [
        [],
        ["1 business day before: remind"],
        ["when due: notify lead"],
        ["when due: reassign nurse", "1 business day late: reassign practitioner"],
        ["2 hours before: remind", "30 minutes late: notify nurse", "1 week late: notify lead"],
        ["1 week before: remind", "3 business hours before: remind", "when due: expire"],
        ["1 business day before: remind", "when due: notify lead", "2 business days late: expire"],
        ["when due: expire as other"],
        ["2 business days before: notify biller", "1 business hour late: expire as other"],
        ["15 business days before: remind", "1 day late: reassign biller"],
    ]
).map(lambda lines: tuple(map(rung, lines)))
tries = st.sampled_from([None, None, (1, "1 business day"), (3, "2 business hours"), (2, "1 week")])


def _afters(earlier: Sequence[StepId], with_readiness: bool) -> st.SearchStrategy[Expr]:
    """Ask about steps that come before in the playbook, as the checker demands."""
    asks: list[Expr] = [
        ask
        for name in earlier
        for ask in (
            ("done", name),
            ("ended", name),
            ("outcome", name, DONE),
            ("outcome", name, OTHER),
            ("outcome", name, "expired"),
        )
    ]
    if with_readiness:
        asks += [("outcome", "readiness", "ready"), ("outcome", "readiness", "not_ready")]
    single = st.sampled_from(asks)
    return st.one_of(single, st.tuples(st.sampled_from(["and", "or"]), single, single))


WAYS = ("start", "after", "after", "at", "at after", "on", "on", "fixes", "every", "every")


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a playbook that the checker would accept."""
    with_readiness = draw(st.booleans())
    names = NAMES[: draw(st.integers(3, len(NAMES)))]
    steps = [draw(_steps(names, number, with_readiness)) for number in range(len(names))]
    ready = readiness(*FIXED, starts="business day -5") if with_readiness else None
    return plan(*steps, ready=ready)


@st.composite
def _steps(draw: st.DrawFn, names: Sequence[StepId], number: int, with_readiness: bool) -> PlanStep:
    way = draw(st.sampled_from(WAYS))
    if number == 0:
        way = "start"
    elif way == "fixes" and not with_readiness:
        way = "after"
    made = replace(
        step(names[number], owner=draw(roles), optional=draw(st.booleans())),
        due=draw(dues),
        ladder=draw(ladders),
        outcomes=(outcome(DONE), draw(_others(names))),
        attempts=_tries(draw(tries)),
        urgent_due=budget("2 business hours") if way == "on" else None,
        when=draw(record_conditions if way == "fixes" else conditions),
    )
    if "after" in way:
        made = replace(made, after=draw(_afters(names[:number], with_readiness)))
    if "at" in way.split():
        made = replace(made, at=draw(dates))
    if way == "on":
        made = replace(made, on=draw(st.sampled_from([Trigger.ESCALATION, Trigger.DISCHARGE])))
    if way == "fixes":
        made = replace(made, fixes=draw(st.sampled_from(FIXED)))
    if way == "every":
        made = replace(made, every=draw(repeats))
    return made


def _tries(given: tuple[int, str] | None) -> AttemptPlan | None:
    return None if given is None else replace(attempts(*given), then=OTHER)


def _others(names: Sequence[StepId]) -> st.SearchStrategy[Outcome]:
    """Draw what the outcome `other` leads to: nothing, a step, or (rarely) the cycle's end."""
    plain = outcome(OTHER)
    goes = [replace(plain, go=name) for name in names[1:]]
    ends = [outcome(OTHER, end="not_ready", because="said so")]
    return st.sampled_from([plain, *goes, *goes, *ends])


teams = st.lists(st.sampled_from(ROLES[:-1]), unique=True).map(
    lambda held: {role: TEAM[role] for role in (*held, "lead")}
)

# --- lives ---

KINDS = (
    "wait",
    *["complete"] * 5,
    *["complete other"] * 4,
    *["try"] * 3,
    *["facts"] * 4,
    *["trigger"] * 3,
    *["extend"] * 3,
    *["pause or resume"] * 3,
    "resume",
    "pause",
    "skip",
    "reassign",
)
ENDS = ("withdraw", "die", "close")
WAITS = tuple(
    timedelta(minutes=minutes, seconds=seconds)
    for minutes, seconds in [(0, 0), (1, 0), (17, 31), (59, 59), (120, 0), (437, 0)]
) + tuple(timedelta(hours=hours) for hours in (9, 15, 24, 33, 72, 150))


@dataclass(frozen=True)
class Move:
    """Some time passes, then somebody does something."""

    wait: timedelta
    kind: str
    pick: int
    """Chooses the step, the role, the value."""


def _move(number: int) -> Move:
    """Tell one move apart from the others by a number, which is quick to draw and to shrink."""
    number, wait = divmod(number, len(WAITS))
    pick, kind = divmod(number, len(KINDS))
    return Move(WAITS[wait], KINDS[kind], pick)


moves = st.integers(0, len(WAITS) * len(KINDS) * 12 - 1).map(_move)
last_moves = st.builds(
    Move, st.sampled_from(WAITS), st.sampled_from(("wait", "wait", "wait", *ENDS)), st.just(0)
)


@dataclass(frozen=True)
class Script:
    """A playbook, a team and what happens."""

    plan: Plan
    team: dict[str, str]
    moves: tuple[Move, ...]

    @property
    def start(self) -> CycleStart:
        """The cycle's first input: December 2026 in New York."""
        team = {RoleId(role): PersonId(person) for role, person in self.team.items()}
        return replace(_december(), plan=self.plan, team=team)


scripts = st.builds(
    Script,
    plans(),
    teams,
    st.builds(
        lambda all_, last: (*all_, last), st.lists(moves, min_size=8, max_size=24), last_moves
    ),
)


@dataclass(frozen=True)
class Transition:
    """One call of the engine."""

    before: CycleState
    event: Event
    now: datetime
    after: CycleState
    commands: tuple[Command, ...]


@dataclass
class Life:
    """All that happened to one cycle."""

    layout: MonthPlan
    state: CycleState
    now: datetime
    transitions: list[Transition] = field(default_factory=list)
    refusals: list[tuple[PersonEvent, Refusal]] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Hand an event to the engine now."""
        turn = advance(self.layout, self.state, event, self.now)
        self.transitions.append(Transition(self.state, event, self.now, turn.state, turn.commands))
        self.state = turn.state
        self.layout = layout_after(self.layout, event)

    def offer(self, event: PersonEvent) -> None:
        """Do as the workflow does: refuse it, or hand it to the engine."""
        refusal = refuse(self.layout, self.state, event, self.now)
        if refusal is not None:
            self.refusals.append((event, refusal))
        else:
            self.take(event)

    def let_time_pass(self, until: datetime) -> None:
        """Wake the cycle whenever it asks for it."""
        while (at := next_wake(self.layout, self.state)) is not None and at <= until:
            assert at > self.now, f"the wake at {at} was not dealt with at {self.now}"
            self.now = at
            self.take(TimePassed())
        self.now = max(self.now, until)

    @property
    def commands(self) -> list[Command]:
        """Everything the engine wanted done, in order."""
        return [command for each in self.transitions for command in each.commands]


def next_wake(layout: MonthPlan, state: CycleState) -> datetime | None:
    """Say when the cycle wants to be looked at next."""
    return min((wake.at for wake in wakes(layout, state).values()), default=None)


def live(script: Script, *, to_the_end: bool = False) -> Life:
    """Play a script; with `to_the_end` only time passes after it."""
    start = script.start
    layout = MonthPlan.of(start)
    life = Life(layout, open_cycle(start), layout.opens_at)
    life.take(CycleOpened())
    go_on(life, script.moves)
    if to_the_end:
        life.let_time_pass(layout.closes_at)
    return life


def go_on(life: Life, moves: Sequence[Move]) -> None:
    """Let more happen to a cycle."""
    for move in moves:
        life.let_time_pass(life.now + move.wait)
        event = event_of(move, life)
        if event is not None:
            life.offer(event)


def event_of(move: Move, life: Life) -> PersonEvent | None:
    """Turn a move into an event that fits what is open, or that the engine must refuse."""
    person, pick = PersonId("ann"), move.pick
    match move.kind:
        case "trigger":
            return _trigger(pick, life)
        case "pause":
            return CyclePaused(person, "hospital")
        case "resume":
            return CycleResumed(person)
        case "pause or resume":
            paused = life.state.status is CycleStatus.PAUSED
            return CycleResumed(person) if paused else CyclePaused(person, "hospital")
        case "facts":
            return FactsChanged(_facts(pick))
        case "withdraw":
            return PatientWithdrew(person, "moved away")
        case "die":
            return PatientDied(person)
        case "close":
            return MonthClosed(person)
        case _:
            return _step_event(move, life)


def _facts(pick: int) -> dict[str, FactValue]:
    choices: list[dict[str, FactValue]] = [
        {"minutes": 25},
        {"minutes": 3},
        {"consent": True},
        {"consent": False},
        {"unsigned_notes": 2},
        {"unsigned_notes": 0, "minutes": 20, "consent": True},
        {"risk": "high"},
        {"minuts": 1},
    ]
    return choices[pick % len(choices)]


def _trigger(pick: int, life: Life) -> Triggered:
    """Let something happen that a step starts on, or if there is no such step, anything."""
    known = [step.on for step in life.layout.plan.steps if step.on is not None]
    trigger = known[pick % len(known)] if known else Trigger.LAB_RESULT
    return Triggered(trigger, PersonId("ann"), "asked", (None, *Urgency)[pick % 3])


def _step_event(move: Move, life: Life) -> PersonEvent | None:
    """Do something to an open step; when none is open, sometimes to one that has ended."""
    pick = move.pick
    opened: list[StepState] = list(life.state.open_steps)
    if not opened and pick % 6 == 0:
        opened = list(life.state.steps.values())
    if not opened:
        return _trigger(pick, life)
    state = opened[pick % len(opened)]
    key, by, role = StepKey(state.key), state.owner.person, state.owner.role
    match move.kind:
        case "complete":
            return StepCompleted(key, DONE, by, role, facts={"minutes": pick * 3})
        case "complete other":
            return StepCompleted(key, OTHER, by, role)
        case "try":
            return AttemptMade(key, OutcomeId("no_answer"), by, role)
        case "skip":
            return StepSkipped(key, by, role, "not needed")
        case "reassign":
            to = RoleId(ROLES[pick % len(ROLES)])
            person = life.state.team.get(to, life.state.team[RoleId("lead")])
            return StepReassigned(key, person, to, by, "day off")
        case "extend":
            return DeadlineExtended(key, by, "more time", Budget(pick, list(Unit)[pick % 6]))
        case _:
            return None
