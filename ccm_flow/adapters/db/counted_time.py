"""The month's countable time as billing wants it."""

from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.tables import EnrollmentRow, StaffRoleRow, TimeEntryRow
from ccm_flow.core.billing.model import ProgramId, TimeFact, Worker
from ccm_flow.core.month import Month


def time_facts(
    session: Session, row: EnrollmentRow, month: Month, zone: ZoneInfo
) -> tuple[TimeFact, ...]:
    """List the entries of a month that count, the earliest first."""
    entries = session.exec(
        select(TimeEntryRow)
        .where(TimeEntryRow.enrollment_id == row.id, TimeEntryRow.month == month)
        .order_by(col(TimeEntryRow.started_at), col(TimeEntryRow.id))
    ).all()
    replaced = {entry.corrects for entry in entries}
    practitioners = set(
        session.exec(
            select(StaffRoleRow.person_id).where(
                StaffRoleRow.clinic_id == row.clinic_id, StaffRoleRow.role == "practitioner"
            )
        )
    )
    return tuple(
        TimeFact(
            id=entry.id,
            started_at=entry.started_at.astimezone(zone),
            seconds=entry.seconds,
            worker=Worker.PRACTITIONER
            if entry.person_id in practitioners
            else Worker.CLINICAL_STAFF,
            program=ProgramId(row.program),
        )
        for entry in entries
        if entry.id not in replaced
    )
