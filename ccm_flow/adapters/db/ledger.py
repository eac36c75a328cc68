"""
Adds to the ledger what people do to the record outside a cycle's flow.

Flow events are keyed by (cycle, sequence, position) and written by `projection`. Everything else
goes into a stream of its own, such as `record:<enrollment>`, numbered from 1.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, func, select

from ccm_flow.adapters.db.tables.ledger import LedgerEventRow
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PersonId


def record_stream(enrollment: EnrollmentId) -> str:
    """Name the stream of one enrollment's record."""
    return f"record:{enrollment}"


def append(
    session: Session,
    clinic: ClinicId,
    stream: str,
    *,
    kind: str,
    actor: PersonId | None,
    at: datetime,
    detail: Mapping[str, object],
) -> None:
    """
    Add one line in the session's transaction; it is kept or lost with the rest of it.

    `detail` holds ids and numbers, never what was said about a patient.
    """
    _one_at_a_time(session, stream)
    key = CycleId(stream)
    latest = session.exec(
        select(func.max(LedgerEventRow.sequence)).where(LedgerEventRow.cycle_id == key)
    ).one()
    session.add(
        LedgerEventRow(
            clinic_id=clinic,
            cycle_id=key,
            sequence=(latest or 0) + 1,
            position=0,
            at=at,
            kind=kind,
            actor=actor,
            detail=dict(detail),
        )
    )
    session.flush()


def _one_at_a_time(session: Session, stream: str) -> None:
    """Let writers of a stream wait for each other; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.exec(select(func.pg_advisory_xact_lock(func.hashtext(stream))))
