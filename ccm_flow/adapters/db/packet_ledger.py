"""The extract of the ledger that goes into a packet, with its chain of hashes."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session, col, or_, select

from ccm_flow.adapters.db.packet_people import PeopleOfRecord
from ccm_flow.adapters.db.tables import CycleRow, LedgerEventRow
from ccm_flow.app.packet import PacketEvent, event_content
from ccm_flow.core.canonical import chain
from ccm_flow.core.ids import EnrollmentId
from ccm_flow.core.month import Month


def ledger_of(
    session: Session, enrollment: EnrollmentId, month: Month, people: PeopleOfRecord
) -> tuple[PacketEvent, ...]:
    """
    Give what the ledger has of the patient's month and of their record, in the order it was kept.

    The record's stream is given whole: consent, signatures and approvals may be older.
    """
    cycles = select(col(CycleRow.id)).where(
        CycleRow.enrollment_id == enrollment, CycleRow.month == month
    )
    rows = session.exec(
        select(LedgerEventRow)
        .where(
            or_(
                col(LedgerEventRow.cycle_id).in_(cycles),
                LedgerEventRow.cycle_id == f"record:{enrollment}",
            )
        )
        .order_by(
            col(LedgerEventRow.at),
            col(LedgerEventRow.cycle_id),
            col(LedgerEventRow.sequence),
            col(LedgerEventRow.position),
        )
    ).all()
    return _chained(rows, people)


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
