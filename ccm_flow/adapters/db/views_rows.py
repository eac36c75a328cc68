"""Everything the record has about one cycle, read at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.projection import steps_of
from ccm_flow.adapters.db.tables import (
    AttemptRow,
    CycleRow,
    LedgerEventRow,
    MessageRow,
    NoteRow,
    StepRow,
    TimeEntryRow,
)
from ccm_flow.adapters.db.time_counting import stands
from ccm_flow.adapters.db.views_timeline import people_in
from ccm_flow.core.plan import PlaybookKind


@dataclass(frozen=True)
class CycleRows:
    """Everything read about one cycle."""

    steps: list[StepRow]
    attempts: Sequence[AttemptRow]
    ledger: Sequence[LedgerEventRow]
    messages: Sequence[MessageRow]
    efforts: Sequence[tuple[str, int, int]]
    notes: tuple[int, int]

    def people(self) -> set[str]:
        """Name everybody that the rows mention."""
        owners = {step.owner_id for step in self.steps}
        enders = {step.ended_by for step in self.steps if step.ended_by}
        callers = {attempt.by for attempt in self.attempts}
        told = {message.to_person for message in self.messages}
        return {*owners, *enders, *callers, *told, *people_in(self.ledger)}


def read_rows(session: Session, cycle: CycleRow) -> CycleRows:
    """Read all of a cycle."""
    activity = col(TimeEntryRow.activity)
    efforts = session.exec(
        select(activity, func.sum(TimeEntryRow.seconds), func.count())
        .where(*_work_of(cycle), stands())
        .group_by(activity)
        .order_by(activity)
    ).all()
    notes = session.exec(
        select(func.count(), func.count(col(NoteRow.signed_at))).where(NoteRow.cycle_id == cycle.id)
    ).one()
    return CycleRows(
        steps=steps_of(session, cycle.id),
        attempts=session.exec(
            select(AttemptRow)
            .where(AttemptRow.cycle_id == cycle.id)
            .order_by(col(AttemptRow.step_key), col(AttemptRow.number))
        ).all(),
        ledger=session.exec(
            select(LedgerEventRow)
            .where(LedgerEventRow.cycle_id == cycle.id)
            .order_by(col(LedgerEventRow.sequence), col(LedgerEventRow.position))
        ).all(),
        messages=session.exec(
            select(MessageRow)
            .where(MessageRow.cycle_id == cycle.id)
            .order_by(col(MessageRow.sent_at), col(MessageRow.id))
        ).all(),
        efforts=efforts,
        notes=(notes[0], notes[1]),
    )


def _work_of(cycle: CycleRow) -> tuple[bool, ...]:
    """Choose the work: all of the month's for a month, that of the cycle for an enrollment."""
    if cycle.kind is PlaybookKind.ENROLLMENT:
        return (TimeEntryRow.cycle_id == cycle.id,)
    return (
        TimeEntryRow.enrollment_id == cycle.enrollment_id,
        TimeEntryRow.month == cycle.month,
    )
