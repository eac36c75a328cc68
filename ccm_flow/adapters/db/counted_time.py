"""The month's countable time as billing wants it."""

from zoneinfo import ZoneInfo

from sqlmodel import Session, col

from ccm_flow.adapters.db.tables import EnrollmentRow
from ccm_flow.adapters.db.time_counting import count_minutes
from ccm_flow.core.billing.model import ProgramId, TimeFact, Worker
from ccm_flow.core.credentials import Credential, StaffKind, staff_kind
from ccm_flow.core.month import Month


def time_facts(
    session: Session, row: EnrollmentRow, month: Month, zone: ZoneInfo
) -> tuple[TimeFact, ...]:
    """List the entries of a month that count, the earliest first."""
    judged = count_minutes(session, month, col(EnrollmentRow.id) == row.id).get(row.id)
    if judged is None:
        return ()
    left_out = {entry.id for entry, _ in judged.counted.not_counted}
    return tuple(
        TimeFact(
            id=entry.id,
            started_at=entry.started_at.astimezone(zone),
            seconds=entry.seconds,
            worker=_worker(entry.credential),
            program=ProgramId(entry.program),
        )
        for entry in judged.entries
        if entry.id not in left_out
    )


def _worker(credential: Credential | None) -> Worker:
    """Say whose minutes they are; an entry that counts has a credential."""
    if credential is not None and staff_kind(credential) is StaffKind.PRACTITIONER:
        return Worker.PRACTITIONER
    return Worker.CLINICAL_STAFF
