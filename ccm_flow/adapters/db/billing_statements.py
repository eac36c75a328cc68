"""What people stated about a patient's billing, in the database."""

import uuid
from datetime import datetime

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.enrollment_changes import locked_enrollment
from ccm_flow.adapters.db.ledger import append
from ccm_flow.adapters.db.tables import BillingFactRow
from ccm_flow.core.billing.stated import FactKind, Stated, Statement, stated_for
from ccm_flow.core.ids import EnrollmentId, PersonId, record_stream
from ccm_flow.core.month import Month


def stated_in(session: Session, enrollment: EnrollmentId, month: Month) -> Stated:
    """Give what stands for a month."""
    rows = statements_of(session, enrollment)
    return stated_for((Statement(row.kind, row.month, row.value, row.at) for row in rows), month)


def statements_of(session: Session, enrollment: EnrollmentId) -> list[BillingFactRow]:
    """List every statement about a patient, the earliest first."""
    query = select(BillingFactRow).where(BillingFactRow.enrollment_id == enrollment)
    return list(session.exec(query.order_by(col(BillingFactRow.at), col(BillingFactRow.id))))


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
