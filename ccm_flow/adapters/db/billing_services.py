"""What else was billed for a patient around a month: by others, and by this clinic."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Final

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.billing_text import read_facts, read_result
from ccm_flow.adapters.db.own_practitioners import own_practitioners, who_billed
from ccm_flow.adapters.db.service_store import services_in_force
from ccm_flow.adapters.db.tables import BillingLineRow, EnrollmentRow, LineActRow
from ccm_flow.core.billing.model import Code, Service
from ccm_flow.core.handoff import LineAct
from ccm_flow.core.ids import EnrollmentId, PersonId
from ccm_flow.core.month import Month

_AROUND: Final = timedelta(days=92)
"""How far before and after the month billed services are looked at."""


def services_around(
    session: Session, enrollment: EnrollmentRow, month: Month, once: Collection[Code]
) -> tuple[Service, ...]:
    """
    List what others billed around a month, and the lines of this clinic beside this one.

    Of codes that may be paid `once`, everything that was ever billed is among them.
    """
    own = own_practitioners(session, enrollment.clinic_id)
    first, last = month.first_day - _AROUND, month.last_day + _AROUND
    found = [
        Service(Code(row.code), row.starts_on, who_billed(own, row.practitioner))
        for row in services_in_force(session, enrollment.patient_id)
        if first <= row.starts_on <= last or row.code in once
    ]
    return (*found, *_own_lines(session, enrollment, month))


def _own_lines(session: Session, enrollment: EnrollmentRow, month: Month) -> Iterable[Service]:
    """
    Give the approved lines of the patient here, but not the one that is being judged.

    Of two programs in the same month both lines may still be drafts: then the later enrollment
    gives way to the earlier one, so that they never hold each other up.
    """
    before = _enrolled_before(session, enrollment)
    for row, approved in _newest_lines(session, enrollment):
        same = row.enrollment_id == enrollment.id and row.month == month
        gives_way = row.month == month and row.enrollment_id in before
        if not same and (approved or gives_way):
            practitioner = PersonId(read_facts(row.facts)["billing"]["practitioner"]["id"])
            for line in read_result(row.result).lines:
                yield Service(line.code, line.on, practitioner)


def _newest_lines(session: Session, enrollment: EnrollmentRow) -> list[tuple[BillingLineRow, bool]]:
    """Give each month's line in each program of the patient, and whether it was approved."""
    rows = session.exec(
        select(BillingLineRow)
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(BillingLineRow.enrollment_id))
        .where(
            EnrollmentRow.patient_id == enrollment.patient_id,
            EnrollmentRow.clinic_id == enrollment.clinic_id,
        )
        .order_by(col(BillingLineRow.revision))
    ).all()
    approved = set(
        session.exec(
            select(LineActRow.line_id).where(
                LineActRow.act == LineAct.APPROVED,
                col(LineActRow.enrollment_id).in_({row.enrollment_id for row in rows}),
            )
        )
    )
    # What was approved stands for its month until a later revision is approved too.
    newest: dict[tuple[EnrollmentId, Month], tuple[BillingLineRow, bool]] = {}
    for row in rows:
        key = (row.enrollment_id, row.month)
        if row.id in approved or not newest.get(key, (row, False))[1]:
            newest[key] = (row, row.id in approved)
    return [newest[key] for key in sorted(newest)]


def _enrolled_before(session: Session, enrollment: EnrollmentRow) -> set[EnrollmentId]:
    rows = session.exec(
        select(EnrollmentRow).where(
            EnrollmentRow.patient_id == enrollment.patient_id,
            EnrollmentRow.clinic_id == enrollment.clinic_id,
        )
    )
    mine = (enrollment.created_at, enrollment.id)
    return {row.id for row in rows if (row.created_at, row.id) < mine}
