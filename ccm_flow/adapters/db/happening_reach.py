"""Which cycles must still be told of what happened: those that opened since."""

from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.plan_rows import plan_of
from ccm_flow.adapters.db.tables import (
    CycleRow,
    EnrollmentRow,
    HappeningAnswerRow,
    HappeningEffectRow,
    HappeningRow,
)
from ccm_flow.app.happenings import CycleHere
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.happening import ENDS, STAYS, HappeningKind
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStatus

OPENING: Final = timedelta(minutes=5)
"""A cycle that opened so shortly before a telling was settled may have been missed by it."""

Found = tuple[HappeningRow, CycleRow]


def not_voided() -> ColumnElement[bool]:
    """Keep the tellings that stand: neither taken back, nor themselves taking one back."""
    later = aliased(HappeningRow)
    taken_back = select(later.id).where(col(later.voids) == col(HappeningRow.id)).exists()
    return col(HappeningRow.voids).is_(None) & ~taken_back


def cycle_here(session: Session, row: CycleRow) -> CycleHere:
    """Describe a cycle with its plan."""
    return CycleHere(
        cycle=row.id,
        enrollment=row.enrollment_id,
        kind=row.kind,
        month=row.month,
        status=row.status,
        opened_at=row.opened_at,
        plan=plan_of(session, row.playbook_sha256),
    )


def unreached(session: Session) -> list[Found]:
    """Give each such cycle with the telling that it missed."""
    return [*_to_pause(session), *_to_end(session)]


def _to_pause(session: Session) -> list[Found]:
    """Cycles that opened while their patient was in hospital."""
    missed = _missed(session, STAYS, col(CycleRow.status) == CycleStatus.RUNNING)
    return [
        (told, cycle)
        for told, cycle in missed
        if told.kind is not HappeningKind.DISCHARGE and cycle.kind is not PlaybookKind.EPISODE
    ]


def _to_end(session: Session) -> list[Found]:
    """Cycles that opened although their enrollment had just ended."""
    over = col(EnrollmentRow.status).in_((EnrollmentStatus.ENDED, EnrollmentStatus.WITHDRAWN))
    return _missed(session, ENDS, over & (col(CycleRow.status) != CycleStatus.ENDED))


def _missed(
    session: Session, kinds: tuple[HappeningKind, ...], which: ColumnElement[bool]
) -> list[Found]:
    """For each cycle the last telling of these kinds, if the cycle opened after it was settled."""
    query = (
        select(HappeningRow, CycleRow, HappeningAnswerRow)
        .join(HappeningAnswerRow, col(HappeningAnswerRow.happening_id) == col(HappeningRow.id))
        .join(EnrollmentRow, col(EnrollmentRow.patient_id) == col(HappeningRow.patient_id))
        .join(CycleRow, col(CycleRow.enrollment_id) == col(EnrollmentRow.id))
        .where(
            which,
            not_voided(),
            col(HappeningRow.kind).in_(kinds),
            col(HappeningRow.enrollment_id).is_(None)
            | (col(HappeningRow.enrollment_id) == col(EnrollmentRow.id)),
        )
        .order_by(col(HappeningRow.at), col(HappeningRow.received_at))
    )
    last = {cycle.id: (told, cycle, answer) for told, cycle, answer in session.exec(query)}
    return [
        (told, cycle)
        for told, cycle, answer in last.values()
        if cycle.opened_at > answer.settled_at - OPENING and not _was_told(session, told, cycle)
    ]


def _was_told(session: Session, told: HappeningRow, cycle: CycleRow) -> bool:
    query = select(HappeningEffectRow.event).where(
        HappeningEffectRow.happening_id == told.id, HappeningEffectRow.cycle_id == cycle.id
    )
    return session.exec(query).first() is not None
