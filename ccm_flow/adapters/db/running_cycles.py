"""Lists the cycles that run, with the version each runs on."""

from collections.abc import Sequence

from sqlalchemy import Engine
from sqlmodel import col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.projection import read_plan
from ccm_flow.adapters.db.tables import CycleRow, PlaybookVersionRow
from ccm_flow.app.migrate import RunningCycle
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.plan import Plan
from ccm_flow.core.state import CycleStatus


class SqlRunningCycles:
    """Implements `ccm_flow.app.migrate.RunningCycles`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def running(self, clinic: ClinicId, plan: Plan) -> Sequence[RunningCycle]:
        """List a clinic's running cycles of a playbook that run on another version of it."""
        query = (
            select(CycleRow, PlaybookVersionRow.plan)
            .join(PlaybookVersionRow)
            .where(
                CycleRow.clinic_id == clinic,
                CycleRow.status != CycleStatus.ENDED,
                PlaybookVersionRow.playbook == plan.playbook,
                PlaybookVersionRow.sha256 != plan.sha256,
            )
            .order_by(col(CycleRow.id))
        )
        with reading(self._engine) as session:
            return [
                RunningCycle(row.id, row.enrollment_id, row.month, row.opened_at, read_plan(text))
                for row, text in session.exec(query)
            ]
