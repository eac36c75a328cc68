"""Which recorded months a draft can be replayed on."""

from sqlalchemy import Engine, func
from sqlmodel import col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import CycleRow
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStatus


def ended_months(
    engine: Engine, clinic: ClinicId, kind: PlaybookKind, *, before: Month
) -> dict[Month, int]:
    """Count the ended cycles of each month before the running one, the newest month first."""
    query = (
        select(col(CycleRow.month), func.count())
        .where(
            CycleRow.clinic_id == clinic,
            CycleRow.kind == kind,
            CycleRow.status == CycleStatus.ENDED,
            col(CycleRow.month) < before,
        )
        .group_by(col(CycleRow.month))
        .order_by(col(CycleRow.month).desc())
    )
    with reading(engine) as session:
        return dict(session.exec(query).all())
