"""
What a month still has ahead of it: the steps that are open or will open, and the next action.

It looks ahead along the ordinary course: every step ends in time with its first outcome. What
opens only because something goes otherwise (a concern, an escalation, a fixing step) is not
counted on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from ccm_flow.core.deadlines import DueRule, to_the_minute
from ccm_flow.core.engine import MonthPlan
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.expressions import Expr, holds
from ccm_flow.core.facts import DEFAULTS, Facts
from ccm_flow.core.ids import OutcomeId, PersonId, RoleId, StepId, StepKey
from ccm_flow.core.plan import (
    READINESS,
    READY,
    Outcome,
    Plan,
    PlanStep,
    Recorded,
    Requirement,
)
from ccm_flow.core.state import Blocker, Owner, StepStatus

_RECORDS: Mapping[Requirement, Recorded] = MappingProxyType(
    {
        Requirement.CONSENT: Recorded.CONSENT,
        Requirement.CARE_PLAN: Recorded.CARE_PLAN_SHARED,
        Requirement.SIGNED_NOTES: Recorded.SIGNATURE,
        Requirement.INITIATING_VISIT: Recorded.INITIATING_VISIT,
    }
)
"""What an outcome records that meets a requirement."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The newest opening of a step, as the record shows it."""

    step: StepId
    key: StepKey
    status: StepStatus
    owner: Owner
    due_at: datetime | None
    outcome: OutcomeId | None = None
    worked: timedelta = timedelta(0)
    """The time that is documented on this opening so far."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A step that somebody still has to do."""

    step: StepId
    title: str
    owner: Owner
    due_at: datetime | None
    """Of a step that is not open yet: the latest it falls due in the ordinary course."""
    expected: timedelta
    """The work it usually takes, less what is documented on it already."""
    key: StepKey | None = None
    """The opening; None while it is still to come."""

    @property
    def is_open(self) -> bool:
        """Tell whether it can be done now."""
        return self.key is not None


@dataclass(frozen=True)
class Course:
    """Where a patient's month stands: all that looking ahead needs."""

    layout: MonthPlan
    now: datetime
    facts: Facts
    """The record's live facts; those of the calendar are added."""
    team: Mapping[RoleId, PersonId]
    """Who has which role for the patient; always with the program owner's."""
    opened: Mapping[StepId, Opened] = field(default_factory=dict)

    def owner(self, role: RoleId) -> Owner:
        """Name who has a role: its person, or the program owner as the last resort."""
        person = self.team.get(role)
        if person is not None:
            return Owner(role, person)
        return Owner(self.layout.owner_role, self.team[self.layout.owner_role])


@dataclass(frozen=True, slots=True)
class NextAction:
    """What is done about a blocker, by whom and until when."""

    blocker: Blocker
    step: Ahead | None
    """None when no step of the playbook meets it: then the program owner decides."""
    owner: Owner
    opens_at: datetime | None = None
    """When the readiness check will open the step; None when it need not wait for it."""


def steps_ahead(course: Course) -> tuple[Ahead, ...]:
    """List what is open and what will open in the ordinary course, by deadline."""
    found: dict[StepId, Ahead] = {
        one.step: _open(course, one)
        for one in course.opened.values()
        if one.status is StepStatus.OPEN
    }
    waiting = [step for step in _by_the_course(course.layout.plan) if step.id not in course.opened]
    grew = True
    while grew and waiting:
        grew = False
        for step in waiting:
            if step.id not in found and _comes(course, step, found):
                found[step.id] = _coming(course, step, found)
                grew = True
    return tuple(sorted(found.values(), key=_by_deadline))


def next_actions(
    course: Course, ahead: Sequence[Ahead], blockers: Iterable[Blocker]
) -> tuple[NextAction, ...]:
    """Say for each blocker what is done next: open steps first, then coming ones, then fixing."""
    return tuple(_next_action(course, ahead, blocker) for blocker in blockers)


def _next_action(course: Course, ahead: Sequence[Ahead], blocker: Blocker) -> NextAction:
    plan = course.layout.plan
    fixing = [step for step in plan.steps if step.fixes is blocker.requirement]
    meeting = [one for one in ahead if _meets(plan.by_id[one.step], blocker.requirement)]
    ids = {step.id for step in fixing}
    choices = [
        *(one for one in ahead if one.is_open and one.step in ids),
        *(one for one in meeting if one.is_open),
        *meeting,
    ]
    if choices:
        return NextAction(blocker, choices[0], choices[0].owner)
    if not fixing:
        return NextAction(blocker, None, course.owner(plan.owner))
    opens = max(course.now, course.layout.readiness_from or course.now)
    step = _ahead(course, fixing[0], opens)
    return NextAction(blocker, step, step.owner, opens)


def _meets(step: PlanStep, requirement: Requirement) -> bool:
    """Tell whether doing a step may meet a requirement."""
    match requirement:
        case Requirement.MINUTES:
            return step.expected > timedelta(0) and any(one.contact for one in step.outcomes)
        case Requirement.CONTACT:
            return any(outcome.contact for outcome in step.outcomes)
        case _:
            wanted = _RECORDS.get(requirement)
            return any(wanted in outcome.records for outcome in step.outcomes)


def _open(course: Course, one: Opened) -> Ahead:
    step = course.layout.plan.by_id[one.step]
    expected = course.layout.plan.step_of(step.id, str(course.facts.get("risk"))).expected
    left = max(timedelta(0), expected - one.worked)
    return Ahead(one.step, step.title, one.owner, one.due_at, left, one.key)


def _coming(course: Course, step: PlanStep, found: Mapping[StepId, Ahead]) -> Ahead:
    """Describe a step that will open once those before it are done, on its date at the earliest."""
    dates = [course.now, course.layout.opening_dates.get(step.id)]
    dates += [found[id_].due_at for id_ in _named(step.after) if id_ in found]
    return _ahead(course, step, max(date for date in dates if date is not None))


def _ahead(course: Course, step: PlanStep, opens: datetime) -> Ahead:
    step = course.layout.plan.step_of(step.id, str(course.facts.get("risk")))
    due = _deadline(course, step.due, opens)
    return Ahead(step.id, step.title, course.owner(step.owner), due, step.expected)


def _deadline(course: Course, rule: DueRule, opens: datetime) -> datetime | None:
    """Derive a deadline as the engine will; a date that is over by then gives one business day."""
    layout = course.layout
    try:
        due = layout.due_at(rule, to_the_minute(opens))
        if due <= opens:
            day = layout.calendar.business_day_after(layout.calendar.date_of(opens), 1)
            due = layout.calendar.closing(day)
    except CalendarTooShortError:
        return layout.closes_at
    return min(due, layout.closes_at)


def _by_the_course(plan: Plan) -> list[PlanStep]:
    """Leave out what opens only because something goes otherwise."""
    return [step for step in plan.steps if step.on is None and step.fixes is None]


def _comes(course: Course, step: PlanStep, found: Mapping[StepId, Ahead]) -> bool:
    """Tell whether a step that was not opened yet will open in the ordinary course."""
    by_id = course.layout.plan.by_id
    sent = step.id in course.layout.plan.go_targets and any(
        _ordinary(by_id[id_]).go == step.id for id_ in found
    )
    if step.after is None:
        waits = step.at is None and step.id in course.layout.plan.go_targets
        flows = sent or not waits
    else:
        flows = sent or _comes_true(course, step.after, found)
    return flows and _needed(course, step, found)


def _needed(course: Course, step: PlanStep, found: Mapping[StepId, Ahead]) -> bool:
    """Look at `when` and `skip_if` with the minutes that the steps found so far will bring."""
    if step.when is None and not step.skip_if:
        return True
    facts = _facts_then(course, found)
    if step.when is not None and not holds(step.when, facts):
        return False
    return not any(holds(rule.when, facts) for rule in step.skip_if)


def _facts_then(course: Course, found: Mapping[StepId, Ahead]) -> Facts:
    layout, month = course.layout, course.layout.month
    today = min(max(layout.calendar.date_of(course.now), month.first_day), month.last_day)
    brought = sum((one.expected for one in found.values()), timedelta(0))
    minutes = int(course.facts.get("minutes", 0)) + int(brought.total_seconds() // 60)
    return {**DEFAULTS, **course.facts, **layout.facts_on(today), "minutes": minutes}


def _comes_true(course: Course, expr: Expr, found: Mapping[StepId, Ahead]) -> bool:
    op = expr[0]
    if op in ("and", "or"):
        parts = (_comes_true(course, part, found) for part in expr[1:])
        return all(parts) if op == "and" else any(parts)
    step = StepId(expr[1])
    if step == READINESS:
        return bool(op != "outcome" or expr[2] == READY)
    if op == "ended":
        return True
    wanted = expr[2] if op == "outcome" else None
    if step in found:
        return wanted is None or wanted == _ordinary(course.layout.plan.by_id[step]).id
    one = course.opened.get(step)
    if one is None:
        return False
    if wanted is None:
        return one.status in (StepStatus.DONE, StepStatus.SKIPPED)
    return wanted in (one.outcome, one.status)


def _ordinary(step: PlanStep) -> Outcome:
    """Give the outcome that a step usually has: authors list it first."""
    return step.outcomes[0]


def _named(expr: Expr) -> set[StepId]:
    if expr is None:
        return set()
    if expr[0] in ("and", "or"):
        return set().union(*(_named(part) for part in expr[1:]))
    return {StepId(expr[1])}


def _by_deadline(one: Ahead) -> tuple[bool, float, str]:
    return one.due_at is None, one.due_at.timestamp() if one.due_at else 0.0, one.step
