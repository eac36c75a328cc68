"""What the pages about moving running months show: steps counted, then patient by patient."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ccm_flow.adapters.db.rehearsal_names import names_of
from ccm_flow.adapters.db.views_board import patients_of
from ccm_flow.adapters.db.views_names import PlanWords
from ccm_flow.app.migrate import CycleMove, RunningCycle
from ccm_flow.app.move_months import Answered, MoveResult
from ccm_flow.core.access import Permission
from ccm_flow.core.engine.fates import Fate
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, StepKey
from ccm_flow.core.plan import Plan
from ccm_flow.web.visit import Visit

SHOWN: Final = 100
"""Patients that are listed one by one; the counts are of all of them."""
FATES: Final[Mapping[Fate, str]] = {
    Fate.KEPT: "stays as it is",
    Fate.DEADLINE_MOVED: "another deadline",
    Fate.OWNER_MOVED: "another owner",
    Fate.WITHDRAWN: "withdrawn",
    Fate.ENDED: "ended",
    Fate.ADDED: "opens",
}
ANSWERS: Final[Mapping[Answered, str]] = {
    Answered.MOVED: "moved",
    Answered.ALREADY_MOVED: "moved before",
    Answered.REFUSED: "refused",
    Answered.NOT_REACHED: "not reached",
}


@dataclass(frozen=True)
class ShownStep:
    """One open step of one patient."""

    title: str
    fate: Fate
    was_due: datetime | None = None
    due: datetime | None = None


@dataclass(frozen=True)
class ShownMonth:
    """One patient's running month."""

    enrollment: EnrollmentId
    name: str
    from_version: int
    said: str
    """Why it is refused, or what it answered."""
    is_wrong: bool
    steps: tuple[ShownStep, ...]
    """Those that do not stay as they are."""
    kept: int


@dataclass(frozen=True)
class StepCount:
    """How often one thing becomes of one step."""

    title: str
    fate: Fate
    count: int


@dataclass(frozen=True)
class Shown:
    """The whole list."""

    counts: tuple[StepCount, ...]
    months: tuple[ShownMonth, ...]
    more: int
    """Months that are not listed one by one."""
    wrong: int


def shown_preview(
    visit: Visit,
    clinic: ClinicId,
    plan: Plan,
    running: Sequence[RunningCycle],
    moves: Sequence[CycleMove],
) -> Shown:
    """Lay out what moving the months would do."""
    words = _words(plan, running)
    names = _names(visit, clinic, [one.enrollment for one in moves[:SHOWN]])
    months = _by_name(
        ShownMonth(
            one.enrollment,
            names.get(one.enrollment, "A patient"),
            one.from_version,
            one.refused,
            bool(one.refused),
            tuple(
                ShownStep(words.title(step.key), step.fate, *step.dues)
                for step in one.steps
                if step.fate is not Fate.KEPT
            ),
            sum(step.fate is Fate.KEPT for step in one.steps),
        )
        for one in moves[:SHOWN]
    )
    counted = Counter((words.title(step.key), step.fate) for one in moves for step in one.steps)
    wrong = sum(bool(one.refused) for one in moves)
    return Shown(_counts(counted), months, len(moves) - len(months), wrong)


def shown_result(visit: Visit, result: MoveResult) -> Shown:
    """Lay out what came of an order."""
    order = result.order
    words = _words(order.plan, order.months)
    wrong = {Answered.REFUSED, Answered.NOT_REACHED}
    answers = sorted(result.answers, key=lambda one: one.answered not in wrong)
    first = answers[:SHOWN]
    names = _names(visit, order.clinic, [one.running.enrollment for one in first])
    months = _by_name(
        ShownMonth(
            one.running.enrollment,
            names.get(one.running.enrollment, "A patient"),
            one.running.plan.version,
            ". ".join(filter(None, (ANSWERS[one.answered].capitalize(), one.because))),
            one.answered in wrong,
            _steps(words, result.steps, one.running.cycle),
            0,
        )
        for one in first
    )
    counted = Counter(
        (words.title(key), fate) for steps in result.steps.values() for key, fate in steps.items()
    )
    bad = sum(one.answered in wrong for one in answers)
    return Shown(_counts(counted), months, len(answers) - len(first), bad)


def _by_name(months: Iterable[ShownMonth]) -> tuple[ShownMonth, ...]:
    """Sort by name; what went wrong comes first."""
    return tuple(sorted(months, key=lambda one: (not one.is_wrong, one.name)))


def _steps(
    words: PlanWords, steps: Mapping[CycleId, Mapping[StepKey, Fate]], cycle: CycleId
) -> tuple[ShownStep, ...]:
    return tuple(ShownStep(words.title(key), fate) for key, fate in steps.get(cycle, {}).items())


def _counts(counted: Counter[tuple[str, Fate]]) -> tuple[StepCount, ...]:
    """List what changes first, the most frequent first."""
    order = sorted(
        counted.items(), key=lambda item: (item[0][1] is Fate.KEPT, -item[1], item[0][0])
    )
    return tuple(StepCount(title, fate, count) for (title, fate), count in order)


def _words(plan: Plan, running: Sequence[RunningCycle]) -> PlanWords:
    """Give the words of the new version, and of the former ones for steps that go."""
    others = {one.plan.sha256: one.plan for one in running}
    return PlanWords(plan, tuple(others.values()))


def _names(
    visit: Visit, clinic: ClinicId, enrollments: Sequence[EnrollmentId]
) -> Mapping[EnrollmentId, str]:
    """Name patients to whoever may see them there; each is written into the access log."""
    if not visit.visitor.may(Permission.SEE_PATIENTS, clinic):
        return {}
    engine = visit.parts.base.engine
    for patient in patients_of(engine, clinic, enrollments).values():
        visit.saw(patient, clinic)
    return names_of(engine, clinic, enrollments)
