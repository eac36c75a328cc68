"""The board of a month as people see it; instants are aware and in UTC."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ccm_flow.app.readiness import PatientBlockers
from ccm_flow.app.views import MonthState
from ccm_flow.app.views_funnel import FunnelRow
from ccm_flow.core.board import Column, MonthSeen, column_of
from ccm_flow.core.ids import CycleId, EnrollmentId, StepKey
from ccm_flow.core.plan import Requirement
from ccm_flow.core.words import Phase

_NEVER: Final = datetime.max.replace(tzinfo=UTC)
ENDED: Final = (
    MonthState.READY,
    MonthState.NOT_READY,
    MonthState.WITHDRAWN,
    MonthState.DECEASED,
)
_FOR_THE_BILL: Final = (Phase.READINESS, Phase.REPORTING)
_PAPER: Final = (Requirement.MINUTES, Requirement.PRACTITIONER_MINUTES, Requirement.SIGNED_NOTES)


@dataclass(frozen=True, slots=True)
class OpenStep:
    """One open step of a patient's month."""

    cycle: CycleId
    key: StepKey
    title: str
    phase: str
    owner_name: str
    due_at: datetime | None
    """None while the cycle is paused."""


@dataclass(frozen=True, slots=True)
class PatientMonth:
    """What the board asks about one patient's month."""

    enrollment: EnrollmentId
    patient_name: str
    cycle: CycleId | None
    state: MonthState
    because: str | None
    """Why the month ended as it did."""
    minutes: int
    contacts: int
    missing_at_end: tuple[str, ...]
    """The blockers of the last check, in words, of a month that ended."""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One patient on the board, with what comes next."""

    enrollment: EnrollmentId
    patient_name: str
    column: Column
    state: str
    because: str | None
    """Why the month ended as it did."""
    minutes: int
    minimum_minutes: int
    """0 where the month's minimum is not known, e.g. before enrollment."""
    missing: tuple[str, ...]
    """The blockers, in words."""
    next_title: str | None
    cycle: CycleId | None
    key: StepKey | None
    """Of the next step, when it is open."""
    owner_name: str | None
    due_at: datetime | None
    late: bool


def board_rows(
    months: Iterable[PatientMonth],
    blocked: Iterable[PatientBlockers],
    steps: Mapping[CycleId, list[OpenStep]],
    enrolling: Iterable[FunnelRow],
    *,
    now: datetime,
    tonight: datetime,
) -> dict[Column, list[BoardRow]]:
    """Put everybody into their column, what is due first on top; `tonight` is the day's end."""
    looks = {one.enrollment: one for one in blocked}
    rows = [_on_the_way(one) for one in enrolling]
    for month in months:
        mine = steps.get(month.cycle, []) if month.cycle else []
        rows.append(_in_month(month, looks.get(month.enrollment), mine, now=now, tonight=tonight))
    columns: dict[Column, list[BoardRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.due_at or _NEVER, row.patient_name)):
        columns[row.column].append(row)
    return {column: columns[column] for column in Column}


def _on_the_way(one: FunnelRow) -> BoardRow:
    return BoardRow(
        enrollment=one.enrollment,
        patient_name=one.patient_name,
        column=column_of(MonthSeen(enrolling=True)),
        state=one.stage.value,
        because=None,
        minutes=0,
        minimum_minutes=0,
        missing=(),
        next_title=one.step_title,
        cycle=None,
        key=None,
        owner_name=one.owner_name,
        due_at=one.due_at,
        late=one.late,
    )


def _in_month(
    month: PatientMonth,
    look: PatientBlockers | None,
    steps: list[OpenStep],
    *,
    now: datetime,
    tonight: datetime,
) -> BoardRow:
    blockers = look.missing if look else ()
    care = [step for step in steps if step.phase not in _FOR_THE_BILL]
    seen = MonthSeen(
        ended=month.state in ENDED,
        ended_ready=month.state is MonthState.READY,
        running=month.state is MonthState.RUNNING,
        reached=month.contacts > 0,
        late=any(_is_late(step, now) for step in care),
        follow_up_open=any(_needs_somebody(step, tonight) for step in care),
        documented=not any(line.requirement in _PAPER for line in blockers),
        missing=len(blockers),
        open_steps=len(care),
    )
    first = min(steps, key=lambda step: step.due_at or _NEVER, default=None)
    ahead = look.next if look and first is None else None
    due = first.due_at if first else ahead.due_at if ahead else None
    return BoardRow(
        enrollment=month.enrollment,
        patient_name=month.patient_name,
        column=column_of(seen),
        state=month.state.value,
        because=month.because,
        minutes=month.minutes,
        minimum_minutes=look.minimum_minutes if look else 0,
        missing=tuple(line.detail for line in blockers) or month.missing_at_end,
        next_title=first.title if first else ahead.title if ahead else None,
        cycle=first.cycle if first else None,
        key=first.key if first else None,
        owner_name=first.owner_name if first else ahead.owner_name if ahead else None,
        due_at=due,
        late=due is not None and due < now,
    )


def _needs_somebody(step: OpenStep, tonight: datetime) -> bool:
    """Tell whether a step is a question, or a follow-up for today; a routine review can wait."""
    due_today = step.due_at is not None and step.due_at <= tonight
    return step.phase == Phase.ESCALATION or (step.phase == Phase.FOLLOW_UP and due_today)


def _is_late(step: OpenStep, now: datetime) -> bool:
    return step.due_at is not None and step.due_at < now
