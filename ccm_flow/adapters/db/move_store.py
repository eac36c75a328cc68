"""Signatures under the move of running months, and what came of each month."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.plan_rows import plan_of
from ccm_flow.adapters.db.tables import (
    CycleMoveRow,
    CycleRow,
    LedgerEventRow,
    MoveAnswerRow,
    MoveOrderCycleRow,
    MoveOrderRow,
    PlaybookPublicationRow,
)
from ccm_flow.app.migrate import RunningCycle
from ccm_flow.app.move_months import Answer, Answered, MoveOrder, MoveResult
from ccm_flow.core.engine.fates import Fate
from ccm_flow.core.ids import ClickId, ClinicId, CycleId, PersonId, StepKey
from ccm_flow.core.signing import Signature


class SqlMoveOrders:
    """Implements `ccm_flow.app.move_months.MoveOrders`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, order: MoveOrder) -> None:
        """Keep a signature with all its months, as one change."""
        with writing(self._engine) as session:
            if session.get(MoveOrderRow, order.id) is not None:
                return
            session.add(
                MoveOrderRow(
                    id=order.id,
                    clinic_id=order.clinic,
                    sha256=order.plan.sha256,
                    signed_by=order.by,
                    name=order.signed.name,
                    words=order.signed.words,
                    signed_at=order.signed.at,
                    fingerprint=order.fingerprint,
                )
            )
            session.flush()
            session.add_all(
                MoveOrderCycleRow(order_id=order.id, cycle_id=one.cycle, was_sha256=one.plan.sha256)
                for one in order.months
            )

    def order(self, id_: ClickId) -> MoveOrder | None:
        """Give a signature."""
        with reading(self._engine) as session:
            row = session.get(MoveOrderRow, id_)
            return None if row is None else _order(session, row)

    def unfinished(self, clinic: ClinicId, sha256: str, by: PersonId) -> MoveOrder | None:
        """Give a person's newest signature for a version if it has months that were not told."""
        query = (
            select(MoveOrderRow)
            .where(
                MoveOrderRow.clinic_id == clinic,
                MoveOrderRow.sha256 == sha256,
                MoveOrderRow.signed_by == by,
            )
            .order_by(col(MoveOrderRow.signed_at).desc())
        )
        with reading(self._engine) as session:
            row = session.exec(query).first()
            if row is None:
                return None
            order = _order(session, row)
            told = _answers(session, row.id)
            return order if any(one.cycle not in told for one in order.months) else None

    def newest(self, clinic: ClinicId, sha256: str) -> list[MoveOrder]:
        """List the signatures for a version at a clinic, the newest first."""
        query = (
            select(MoveOrderRow)
            .where(MoveOrderRow.clinic_id == clinic, MoveOrderRow.sha256 == sha256)
            .order_by(col(MoveOrderRow.signed_at).desc())
            .limit(20)
        )
        with reading(self._engine) as session:
            return [_order(session, row) for row in session.exec(query).all()]

    def answer(self, id_: ClickId, answer: Answer, at: datetime) -> None:
        """Keep what a month answered; the first answer stands."""
        with writing(self._engine) as session:
            if session.get(MoveAnswerRow, (id_, answer.running.cycle)) is not None:
                return
            session.add(
                MoveAnswerRow(
                    order_id=id_,
                    cycle_id=answer.running.cycle,
                    answer=answer.answered,
                    because=answer.because,
                    sequence=answer.sequence,
                    at=at,
                )
            )

    def result(self, order: MoveOrder) -> MoveResult:
        """Give what came of an order so far."""
        with reading(self._engine) as session:
            told = _answers(session, order.id)
            answers = []
            for one in order.months:
                row = told.get(one.cycle)
                if row is None:
                    answers.append(Answer(one, Answered.NOT_REACHED))
                else:
                    answers.append(Answer(one, row.answer, row.because, row.sequence))
            return MoveResult(order, tuple(answers), _steps(session, told.values()))

    def moved_at(self, cycle: CycleId, sha256: str) -> int | None:
        """Give the transition with which a cycle went on by a version, the last of them."""
        query = (
            select(CycleMoveRow.sequence)
            .where(CycleMoveRow.cycle_id == cycle, CycleMoveRow.sha256 == sha256)
            .order_by(col(CycleMoveRow.sequence).desc())
        )
        with reading(self._engine) as session:
            return session.exec(query).first()

    def is_approved(self, clinic: ClinicId, sha256: str, but: PersonId) -> bool:
        """Tell whether a person approved a version that a clinic published, other than one."""
        approved_by = col(PlaybookPublicationRow.approved_by)
        query = select(PlaybookPublicationRow.number).where(
            PlaybookPublicationRow.clinic_id == clinic,
            PlaybookPublicationRow.sha256 == sha256,
            approved_by.is_not(None),
            approved_by != but,
        )
        with reading(self._engine) as session:
            return session.exec(query).first() is not None


def _order(session: Session, row: MoveOrderRow) -> MoveOrder:
    query = (
        select(CycleRow, MoveOrderCycleRow.was_sha256)
        .join(MoveOrderCycleRow, col(MoveOrderCycleRow.cycle_id) == col(CycleRow.id))
        .where(MoveOrderCycleRow.order_id == row.id)
        .order_by(col(CycleRow.id))
    )
    found = session.exec(query).all()
    plans = {sha256: plan_of(session, sha256) for sha256 in {was for _, was in found}}
    months = tuple(
        RunningCycle(one.id, one.enrollment_id, one.month, one.opened_at, plans[was])
        for one, was in found
    )
    signed = Signature(row.name, row.words, row.signed_at)
    plan = plan_of(session, row.sha256)
    return MoveOrder(row.id, row.clinic_id, plan, row.signed_by, signed, months)


def _answers(session: Session, order: ClickId) -> dict[CycleId, MoveAnswerRow]:
    rows = session.exec(select(MoveAnswerRow).where(MoveAnswerRow.order_id == order))
    return {row.cycle_id: row for row in rows}


def _steps(
    session: Session, told: Iterable[MoveAnswerRow]
) -> Mapping[CycleId, Mapping[StepKey, Fate]]:
    """Read from the ledger what became of the steps of the months that moved."""
    moved = {row.cycle_id: row.sequence for row in told if row.sequence is not None}
    query = select(LedgerEventRow).where(
        col(LedgerEventRow.cycle_id).in_(moved), LedgerEventRow.kind == "plan_changed"
    )
    return {
        row.cycle_id: {StepKey(key): Fate(fate) for key, fate in row.detail["steps"].items()}
        for row in session.exec(query)
        if moved[row.cycle_id] == row.sequence
    }
