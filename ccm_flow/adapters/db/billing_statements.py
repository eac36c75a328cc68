"""What people stated about a patient's billing, in the database."""

import uuid
from collections import defaultdict
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.enrollment_changes import locked_enrollment
from ccm_flow.adapters.db.ledger import append
from ccm_flow.adapters.db.tables import BillingFactRow, EnrollmentRow
from ccm_flow.core.billing.stated import FactKind, Stated, Statement, stated_for
from ccm_flow.core.ids import EnrollmentId, PersonId, record_stream
from ccm_flow.core.month import Month


def stated_in(
    session: Session, scope: ColumnElement[bool], month: Month
) -> dict[EnrollmentId, Stated]:
    """Give what stands for a month, for the enrollments that `scope` chooses and that have any."""
    return {
        enrollment: stated_for(
            (Statement(row.kind, row.month, row.value, row.at) for row in rows), month
        )
        for enrollment, rows in _statements(session, scope).items()
    }


def statements_of(session: Session, enrollment: EnrollmentId) -> list[BillingFactRow]:
    """List every statement about a patient, the earliest first."""
    return _statements(session, col(EnrollmentRow.id) == enrollment).get(enrollment, [])


def _statements(
    session: Session, scope: ColumnElement[bool]
) -> dict[EnrollmentId, list[BillingFactRow]]:
    query = (
        select(BillingFactRow)
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(BillingFactRow.enrollment_id))
        .where(scope)
        .order_by(col(BillingFactRow.at), col(BillingFactRow.id))
    )
    found: dict[EnrollmentId, list[BillingFactRow]] = defaultdict(list)
    for row in session.exec(query):
        found[row.enrollment_id].append(row)
    return found


def add_statement(
    session: Session,
    enrollment: EnrollmentId,
    month: Month,
    said: tuple[FactKind, str],
    *,
    by: PersonId,
    at: datetime,
) -> BillingFactRow:
    """Keep a statement and its line in the ledger; earlier ones stay."""
    held = locked_enrollment(session, enrollment)
    kind, value = said
    row = BillingFactRow(
        id=uuid.uuid4().hex,
        clinic_id=held.clinic_id,
        enrollment_id=enrollment,
        month=month,
        kind=kind,
        value=value,
        by=by,
        at=at,
    )
    session.add(row)
    append(
        session,
        held.clinic_id,
        record_stream(enrollment),
        "billing_fact_stated",
        actor=by,
        at=at,
        detail={"month": str(month), "fact": kind.value, "value": value},
    )
    return row
