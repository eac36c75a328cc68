"""Removing patients' data from the database; the ledger stays a chain that holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Table, case, or_, update
from sqlmodel import Session, col, delete, func, select

from ccm_flow.adapters.db import ledger
from ccm_flow.adapters.db.append_only_rows import changes_allowed
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.ledger_chain import content_of, link_new_lines
from ccm_flow.adapters.db.removed_rows import Part, parts_of
from ccm_flow.adapters.db.tables import (
    CycleRow,
    EnrollmentRow,
    LedgerEventRow,
    LedgerLinkRow,
    LedgerRedactionRow,
    PatientRemovalRow,
    PatientRow,
)
from ccm_flow.app.retention import Removal
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.canonical import fingerprint
from ccm_flow.core.ids import ClinicId, EnrollmentId, PatientId, patient_stream, record_stream
from ccm_flow.core.retention import REMOVAL_KIND, Keeping, removal_proof, without_texts
from ccm_flow.core.state import CycleStatus

_OVER = (EnrollmentStatus.DECLINED, EnrollmentStatus.WITHDRAWN, EnrollmentStatus.ENDED)
_LEDGER = "ledger_event"


class SqlRetention:
    """Implements `ccm_flow.app.retention.Retention`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keepings(self, clinic: ClinicId) -> Sequence[Keeping]:
        """Give what the retention of each of a clinic's patients hangs on."""
        going_on = or_(
            col(EnrollmentRow.status).not_in(_OVER),
            col(CycleRow.status) != CycleStatus.ENDED,
        )
        query = (
            select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
                PatientRow.id,
                func.max(PatientRow.updated_at),
                func.max(EnrollmentRow.ended_at),
                func.max(CycleRow.ended_at),
                func.sum(case((going_on, 1), else_=0)),
            )
            .outerjoin(EnrollmentRow, col(EnrollmentRow.patient_id) == col(PatientRow.id))
            .outerjoin(CycleRow, col(CycleRow.enrollment_id) == col(EnrollmentRow.id))
            .where(PatientRow.clinic_id == clinic)
            .group_by(PatientRow.id)
        )
        with reading(self._engine) as session:
            gone = set(session.exec(select(PatientRemovalRow.patient_id)))
            return [
                Keeping(
                    patient=PatientId(id_),
                    is_in_program=bool(open_),
                    last_at=_last(imported, ended, closed),
                    is_removed=id_ in gone,
                )
                for id_, imported, ended, closed, open_ in session.exec(query)
            ]

    def preview(self, patient: PatientId) -> Mapping[str, int]:
        """Count what would be deleted or emptied."""
        with reading(self._engine) as session:
            counts = {_name(part): _count(session, part) for part in parts_of(patient)}
            counts[_LEDGER] = len(_with_texts(session, patient))
        return {name: count for name, count in counts.items() if count}

    def remove(self, removal: Removal) -> Mapping[str, int]:
        """Remove a patient's data in one transaction, and write it into the ledger."""
        parts = list(parts_of(removal.patient))
        with writing(self._engine) as session:
            session.get_one(PatientRow, removal.patient, with_for_update=True)
            lines = _with_texts(session, removal.patient)
            counts: dict[str, int] = {_LEDGER: len(lines)}
            with changes_allowed(session, {_LEDGER, *(_name(part) for part in parts)}):
                for part in parts:
                    counts[_name(part)] = _apply(session, part)
                for line in lines:
                    line.detail = without_texts(line.detail)
            session.add(_row(removal, counts))
            session.flush()
            session.add_all(
                LedgerRedactionRow(event_id=line.id or 0, removal_id=removal.id) for line in lines
            )
            _tell(session, removal, lines)
        return {name: count for name, count in counts.items() if count}


def _last(imported: datetime, ended: datetime | None, closed: datetime | None) -> datetime:
    """Take what happened in the program; who was never in it counts from the last import."""
    known = [one for one in (ended, closed) if one is not None]
    return max(known) if known else imported


def _name(part: Part) -> str:
    table: Table = part.table.__table__  # type: ignore[attr-defined]
    return str(table.name)


def _count(session: Session, part: Part) -> int:
    return session.exec(select(func.count()).select_from(part.table).where(_chosen(part))).one()


def _chosen(part: Part) -> Any:
    """Choose the rows in which there is something to empty, or all that are deleted."""
    if part.empty is None or part.table is PatientRow:
        return part.which
    held = [col(getattr(part.table, name)).is_not(None) for name in part.empty]
    return part.which & or_(*held)


def _apply(session: Session, part: Part) -> int:
    count = _count(session, part)
    if part.empty is None:
        session.exec(delete(part.table).where(part.which))
        return count
    for name, value in part.empty.items():
        column = col(getattr(part.table, name))
        where = part.which if part.table is PatientRow else part.which & column.is_not(None)
        session.exec(update(part.table).where(where).values({name: value}))
    return count


def _with_texts(session: Session, patient: PatientId) -> list[LedgerEventRow]:
    """Give the ledger's lines about a patient in which somebody typed something."""
    enrollments = session.exec(
        select(EnrollmentRow.id).where(EnrollmentRow.patient_id == patient)
    ).all()
    cycles = select(CycleRow.id).where(col(CycleRow.enrollment_id).in_(enrollments))
    streams = [patient_stream(patient), *(record_stream(EnrollmentId(one)) for one in enrollments)]
    query = select(LedgerEventRow).where(
        or_(col(LedgerEventRow.cycle_id).in_(cycles), col(LedgerEventRow.cycle_id).in_(streams))
    )
    rows = session.exec(query.order_by(col(LedgerEventRow.id))).all()
    return [row for row in rows if without_texts(row.detail) != row.detail]


def _tell(session: Session, removal: Removal, lines: Sequence[LedgerEventRow]) -> None:
    """Write the line that accounts for every line that lost its texts."""
    link_new_lines(session)
    query = select(LedgerLinkRow.event_id, LedgerLinkRow.number).where(
        col(LedgerLinkRow.event_id).in_([line.id for line in lines])
    )
    numbers = dict(session.exec(query).all())
    proof = {numbers[line.id or 0]: fingerprint(content_of(line)) for line in lines}
    detail = {
        "removal": removal.id,
        "patient": removal.patient,
        "on_request": removal.on_request,
        "signed": removal.signed_name,
        "lines": len(lines),
        "sha256": removal_proof(proof),
    }
    stream = patient_stream(removal.patient)
    ledger.append(
        session,
        removal.clinic,
        stream,
        REMOVAL_KIND,
        actor=removal.by,
        at=removal.at,
        detail=detail,
    )


def _row(removal: Removal, counts: Mapping[str, int]) -> PatientRemovalRow:
    return PatientRemovalRow(
        id=removal.id,
        clinic_id=removal.clinic,
        patient_id=removal.patient,
        because=removal.because,
        on_request=removal.on_request,
        signed_name=removal.signed_name,
        by=removal.by,
        at=removal.at,
        counts=dict(counts),
    )
