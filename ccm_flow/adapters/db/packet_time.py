"""The time log of a packet: every entry of the month, counted or not, and why not."""

from datetime import timedelta

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.packet_people import PeopleOfRecord
from ccm_flow.adapters.db.tables import EnrollmentRow, TimeEntryRow
from ccm_flow.app.packet import PacketTime
from ccm_flow.core.month import Month


def time_of(
    session: Session, row: EnrollmentRow, month: Month, people: PeopleOfRecord
) -> tuple[tuple[PacketTime, ...], int]:
    """Give the month's time entries, the earliest first, and the seconds that count."""
    entries = session.exec(
        select(TimeEntryRow)
        .where(TimeEntryRow.enrollment_id == row.id, TimeEntryRow.month == month)
        .order_by(col(TimeEntryRow.started_at), col(TimeEntryRow.id))
    ).all()
    replaced = {entry.corrects for entry in entries}
    lines = tuple(_line(entry, entry.id not in replaced, people) for entry in entries)
    return lines, sum(line.seconds for line in lines if line.counted)


def _line(entry: TimeEntryRow, counted: bool, people: PeopleOfRecord) -> PacketTime:
    ended_at = entry.started_at + timedelta(seconds=entry.seconds)
    return PacketTime(
        id=entry.id,
        started_at=entry.started_at,
        ended_at=ended_at,
        seconds=entry.seconds,
        person=people.name(entry.person_id),
        credential=people.signer(entry.person_id).credential,
        activity=entry.activity.replace("_", " "),
        source=entry.source.value,
        entered_at=entry.entered_at,
        lag_seconds=int((entry.entered_at - ended_at).total_seconds()),
        counted=counted,
        why_not=None if counted else "a correction took its place",
        corrects=entry.corrects,
        reason=entry.reason,
    )
