"""The biller's question about months that were returned and are not answered yet."""

from collections.abc import Mapping

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.tables import CycleRow, LineActRow, StepRow
from ccm_flow.app.views import Why, WhyKind
from ccm_flow.core.handoff import FIXES, LineAct
from ccm_flow.core.ids import ClinicId, CycleId
from ccm_flow.core.state import StepStatus


def questions_of(session: Session, clinic: ClinicId) -> Mapping[CycleId, Why]:
    """Give the newest question about each month whose answering step is open."""
    rows = session.exec(
        select(CycleRow.id, LineActRow)
        .join(StepRow, col(StepRow.cycle_id) == col(CycleRow.id))
        .join(
            LineActRow,
            (col(LineActRow.enrollment_id) == col(CycleRow.enrollment_id))
            & (col(LineActRow.month) == col(CycleRow.month)),
        )
        .where(
            StepRow.clinic_id == clinic,
            col(StepRow.step_id).in_(FIXES),
            StepRow.status == StepStatus.OPEN,
            LineActRow.act == LineAct.RETURNED,
        )
        .order_by(col(LineActRow.at))
    )
    return {CycleId(cycle): Why(WhyKind.RETURNED, act.at, act.because or "") for cycle, act in rows}


def question_about(questions: Mapping[CycleId, Why], step: StepRow) -> Why | None:
    """Give the question that a step answers."""
    return questions.get(step.cycle_id) if step.step_id in FIXES else None
