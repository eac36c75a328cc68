"""Lists the cycles that run, with the version each runs on."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Engine, func
from sqlmodel import col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.plan_rows import plan_of
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
        query = select(CycleRow).join(PlaybookVersionRow).where(*_on_another(clinic, plan))
        with reading(self._engine) as session:
            rows = session.exec(query.order_by(col(CycleRow.id))).all()
            plans = {one: plan_of(session, one) for one in {row.playbook_sha256 for row in rows}}
            return [
                RunningCycle(
                    row.id, row.enrollment_id, row.month, row.opened_at, plans[row.playbook_sha256]
                )
                for row in rows
            ]

    def count(self, clinic: ClinicId, plan: Plan) -> int:
        """Count them."""
        query = select(func.count()).select_from(CycleRow).join(PlaybookVersionRow)
        with reading(self._engine) as session:
            return session.exec(query.where(*_on_another(clinic, plan))).one()


def _on_another(clinic: ClinicId, plan: Plan) -> tuple[ColumnElement[bool], ...]:
    """Choose the running cycles of a playbook that are on another version of it."""
    return (
        col(CycleRow.clinic_id) == clinic,
        col(CycleRow.status) != CycleStatus.ENDED,
        col(PlaybookVersionRow.playbook) == plan.playbook,
        col(PlaybookVersionRow.sha256) != plan.sha256,
    )
