"""Steps as people see them, and how each stands to its deadline."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from ccm_flow.adapters.db.tables import AttemptRow, StepRow
from ccm_flow.adapters.db.views_names import People, PlanWords
from ccm_flow.app.views_patient import AttemptView, BlockerView, StepView, Timing
from ccm_flow.core.state import StepStatus


def timing_of(
    status: StepStatus, due_at: datetime | None, ended_at: datetime | None, now: datetime
) -> Timing:
    """Say how a step stands to its deadline; a clock that stands still is never late."""
    late = due_at is not None and (ended_at or now) > due_at
    match status:
        case StepStatus.OPEN:
            return Timing.OVERDUE if late else Timing.OPEN
        case StepStatus.DONE:
            return Timing.LATE if late else Timing.MET
        case StepStatus.EXPIRED:
            return Timing.MISSED
        case StepStatus.WITHDRAWN:
            return Timing.MISSED if late else Timing.NOT_NEEDED
        case StepStatus.SKIPPED:
            return Timing.NOT_NEEDED


def blockers_of(found: Iterable[Any]) -> tuple[BlockerView, ...]:
    """Give what the last readiness check found missing, as a cycle's row keeps it."""
    return tuple(BlockerView(item["requirement"], item["detail"]) for item in found)


def step_view(
    step: StepRow,
    attempts: Sequence[AttemptRow],
    handle: str,
    people: People,
    words: PlanWords,
    *,
    now: datetime,
) -> StepView:
    """Describe one opening of a step."""
    return StepView(
        handle=handle,
        key=step.key,
        title=step.title,
        status=step.status,
        timing=timing_of(step.status, step.due_at, step.ended_at, now),
        owner=step.owner_id,
        owner_name=people.name(step.owner_id),
        role=step.owner_role,
        role_title=words.role(step.owner_role),
        opened_at=step.opened_at,
        due_at=step.due_at,
        ended_at=step.ended_at,
        ended_by_name=people.name(step.ended_by) if step.ended_by else None,
        outcome=step.outcome,
        outcome_title=words.outcome(step.key, step.outcome),
        because=step.because,
        urgency=step.urgency,
        escalated=step.escalated,
        attempts=tuple(attempt_view(row, people) for row in attempts),
        attempts_allowed=step.attempts_allowed,
        not_before=step.not_before,
        outcomes=words.choices(step.key) if step.status is StepStatus.OPEN else (),
        assigned=step.assigned,
    )


def attempt_view(row: AttemptRow, people: People) -> AttemptView:
    """Describe one try at contact."""
    return AttemptView(row.number, row.at, row.channel, row.result, people.name(row.by))
