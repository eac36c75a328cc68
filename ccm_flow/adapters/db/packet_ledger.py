"""The extract of the ledger that goes into a packet, with its chain of hashes."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session, col, or_, select

from ccm_flow.adapters.db.billing_months import end_of_month
from ccm_flow.adapters.db.packet_people import PeopleOfRecord
from ccm_flow.adapters.db.tables import CycleRow, LedgerEventRow, NoteRow
from ccm_flow.app.packet import PacketEvent
from ccm_flow.app.packet_seal import event_content
from ccm_flow.core.canonical import chain
from ccm_flow.core.ids import EnrollmentId, record_stream
from ccm_flow.core.month import Month


def ledger_of(
    session: Session, enrollment: EnrollmentId, month: Month, people: PeopleOfRecord
) -> tuple[PacketEvent, ...]:
    """
    Give what the ledger has of the patient's month and of their record, in the order it was kept.

    The record's stream is given up to the month's end, for consent and plan may be older, and
    what was done later about this very month: signatures and approvals.
    """
    cycles = select(col(CycleRow.id)).where(
        CycleRow.enrollment_id == enrollment, CycleRow.month == month
    )
    rows = session.exec(
        select(LedgerEventRow)
        .where(
            or_(
                col(LedgerEventRow.cycle_id).in_(cycles),
                LedgerEventRow.cycle_id == record_stream(enrollment),
            )
        )
        .order_by(
            col(LedgerEventRow.at),
            col(LedgerEventRow.cycle_id),
            col(LedgerEventRow.sequence),
            col(LedgerEventRow.position),
        )
    ).all()
    end, notes = end_of_month(month), _notes(session, enrollment, month)
    belonging = [
        row
        for row in rows
        if row.cycle_id != record_stream(enrollment)
        or row.at < end
        or row.detail.get("month") == str(month)
        or row.detail.get("what") in notes
    ]
    return _chained(belonging, people)


def _notes(session: Session, enrollment: EnrollmentId, month: Month) -> set[str]:
    query = select(NoteRow.id).where(NoteRow.enrollment_id == enrollment, NoteRow.month == month)
    return set(session.exec(query))


def _chained(rows: Sequence[LedgerEventRow], people: PeopleOfRecord) -> tuple[PacketEvent, ...]:
    events: list[PacketEvent] = []
    before = ""
    for row in rows:
        event = PacketEvent(
            at=row.at,
            stream=row.cycle_id,
            number=f"{row.sequence}.{row.position}",
            kind=row.kind,
            actor=people.maybe(row.actor),
            detail=row.detail,
            sha256="",
        )
        before = chain(before, event_content(event))
        events.append(replace(event, sha256=before))
    return tuple(events)
