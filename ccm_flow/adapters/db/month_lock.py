"""Whether a patient's month takes no more time."""

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.tables import EnrollmentRow, MonthActRow
from ccm_flow.core.handoff import MonthAct
from ccm_flow.core.handoff import is_closed as closed_by
from ccm_flow.core.ids import EnrollmentId
from ccm_flow.core.month import Month


def is_closed(session: Session, enrollment: EnrollmentId, month: Month) -> bool:
    """Tell whether the patient's clinic has closed a month and not opened it again."""
    acts = session.exec(
        select(MonthActRow.act)
        .join(EnrollmentRow, col(EnrollmentRow.clinic_id) == col(MonthActRow.clinic_id))
        .where(EnrollmentRow.id == enrollment, MonthActRow.month == month)
        .order_by(col(MonthActRow.number))
    )
    return closed_by([MonthAct(act) for act in acts])
