"""What a telling does to the record at once: enrollments end, and come back when it was wrong."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from ccm_flow.adapters.db.happening_reach import not_voided
from ccm_flow.adapters.db.keep_consent import write_answer
from ccm_flow.adapters.db.ledger import append
from ccm_flow.adapters.db.tables import EnrollmentRow, HappeningRow, LedgerEventRow
from ccm_flow.app.care import Work
from ccm_flow.app.happenings import EnrollmentChange, Happening
from ccm_flow.app.statuses import ConsentKind, EnrollmentStatus
from ccm_flow.core.happening import ENDS, HappeningKind
from ccm_flow.core.ids import ClinicId, PatientId, record_stream

ENDED: Final = "enrollment_ended"
BACK: Final = "enrollment_brought_back"
_AFTER: Final = {
    HappeningKind.DEATH: EnrollmentStatus.ENDED,
    HappeningKind.WITHDRAWAL: EnrollmentStatus.WITHDRAWN,
}
OVER: Final = (EnrollmentStatus.DECLINED, EnrollmentStatus.WITHDRAWN, EnrollmentStatus.ENDED)
"""Nobody works for the patient any more."""
_AGREED: Final = (EnrollmentStatus.CONSENTED, EnrollmentStatus.ACTIVE)


def apply_at_once(session: Session, told: Happening, now: datetime) -> None:
    """End enrollments, or bring them back; each change is a line of the ledger."""
    if told.kind not in ENDS:
        return
    for row in _enrollments(session, told):
        if told.voids is None:
            _end(session, told, row, now)
        elif row.status is _AFTER[told.kind] and not _still_stands(session, told, row):
            _bring_back(session, told, row, now)


def changes_of(session: Session, told: HappeningRow) -> tuple[EnrollmentChange, ...]:
    """List the enrollments that a telling changed, by the ledger."""
    return tuple(
        EnrollmentChange(
            row.id,
            EnrollmentStatus(line.detail["before"]),
            EnrollmentStatus(line.detail["after"]),
        )
        for row in session.exec(_of_patient(told.patient_id, told.clinic_id)).all()
        for line in _lines(session, row)
        if line.detail["happening"] == told.id
    )


def _end(session: Session, told: Happening, row: EnrollmentRow, now: datetime) -> None:
    if row.status in OVER:
        return
    before, after = row.status, _AFTER[told.kind]
    dead = told.kind is HappeningKind.DEATH
    row.status, row.ended_at = after, told.at
    row.ended_because = "deceased" if dead else told.detail or after.value
    _write(session, told, row, ENDED, before=before, now=now)
    if not dead and before in _AGREED:
        said = Work(note=told.detail)
        write_answer(
            session, ConsentKind.REVOKED, row, told.id, by=told.told_by, work=said, now=now
        )


def _bring_back(session: Session, told: Happening, row: EnrollmentRow, now: datetime) -> None:
    """Undo what the telling did, by what the ledger says was so before."""
    ended = [line for line in _lines(session, row) if line.kind == ENDED]
    wrong = [line for line in ended if line.detail["kind"] == told.kind.value]
    if not wrong:
        return  # a cycle's own outcome ended it, not a telling
    before = row.status
    row.status = EnrollmentStatus(wrong[-1].detail["before"])
    row.ended_at = row.ended_because = None
    _write(session, told, row, BACK, before=before, now=now)


def _write(
    session: Session,
    told: Happening,
    row: EnrollmentRow,
    kind: str,
    *,
    before: EnrollmentStatus,
    now: datetime,
) -> None:
    detail = {
        "happening": told.id,
        "kind": told.kind.value,
        "before": before.value,
        "after": row.status.value,
        "because": told.detail,
        "source": told.source,
    }
    append(
        session,
        row.clinic_id,
        record_stream(row.id),
        kind,
        actor=told.told_by,
        at=now,
        detail=detail,
    )


def _lines(session: Session, row: EnrollmentRow) -> Sequence[LedgerEventRow]:
    query = select(LedgerEventRow).where(
        LedgerEventRow.cycle_id == record_stream(row.id),
        col(LedgerEventRow.kind).in_((ENDED, BACK)),
    )
    return session.exec(query.order_by(col(LedgerEventRow.sequence))).all()


def _enrollments(session: Session, told: Happening) -> Sequence[EnrollmentRow]:
    """Give the enrollments it concerns, locked until the transaction ends."""
    query = _of_patient(told.patient, told.clinic)
    if told.enrollment is not None:
        query = query.where(EnrollmentRow.id == told.enrollment)
    return session.exec(query.with_for_update()).all()


def _of_patient(patient: PatientId, clinic: ClinicId) -> SelectOfScalar[EnrollmentRow]:
    return (
        select(EnrollmentRow)
        .where(EnrollmentRow.patient_id == patient, EnrollmentRow.clinic_id == clinic)
        .order_by(col(EnrollmentRow.id))
    )


def _still_stands(session: Session, told: Happening, row: EnrollmentRow) -> bool:
    """Tell whether somebody else told the same, and nobody has taken that back."""
    query = select(HappeningRow.id).where(
        HappeningRow.patient_id == told.patient,
        HappeningRow.kind == told.kind,
        not_voided(),
        col(HappeningRow.enrollment_id).is_(None) | (HappeningRow.enrollment_id == row.id),
    )
    return session.exec(query).first() is not None
