"""Lines of the ledger that no cycle's flow writes: what happens to the record itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, func, select

from ccm_flow.adapters.db.ledger_chain import add_lines
from ccm_flow.adapters.db.tables.ledger import LedgerEventRow
from ccm_flow.core.ids import ClinicId, CycleId


def append(
    session: Session,
    clinic: ClinicId,
    stream: CycleId,
    kind: str,
    *,
    actor: str,
    at: datetime,
    detail: Mapping[str, Any],
) -> None:
    """
    Add a line to a stream such as `record:<enrollment>`; the caller holds a lock on its owner.

    Lines are numbered within their stream, so that two writers at once cannot both be right.
    """
    last = session.exec(
        select(func.max(LedgerEventRow.sequence)).where(LedgerEventRow.cycle_id == stream)
    ).one()
    line = LedgerEventRow(
        clinic_id=clinic,
        cycle_id=stream,
        sequence=(last or 0) + 1,
        position=0,
        at=at,
        kind=kind,
        actor=actor,
        detail=dict(detail),
    )
    add_lines(session, [line])
    session.flush()
