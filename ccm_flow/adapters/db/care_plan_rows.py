"""The rows of care plans: versions, approvals and shares, all append-only."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.signatures import lock_record, record_line
from ccm_flow.adapters.db.tables import (
    CarePlanApprovalRow,
    CarePlanRow,
    CarePlanShareRow,
    ClinicRow,
    EnrollmentRow,
)
from ccm_flow.app.care_plans import ShareWay, ShareWith
from ccm_flow.core.care_plan import CarePlan, is_current, problems_of
from ccm_flow.core.care_plan_text import plain_plan, read_plan
from ccm_flow.core.ids import EnrollmentId, PersonId


def versions_of(session: Session, enrollment: EnrollmentId) -> Sequence[CarePlanRow]:
    """Give all versions of a patient's plan, the newest first."""
    query = select(CarePlanRow).where(CarePlanRow.enrollment_id == enrollment)
    return session.exec(query.order_by(col(CarePlanRow.version).desc())).all()


def latest_version(session: Session, enrollment: EnrollmentId) -> CarePlanRow | None:
    """Give the newest version of a patient's plan."""
    return next(iter(versions_of(session, enrollment)), None)


def plan_in(row: CarePlanRow) -> CarePlan:
    """Read the plan that a version holds; what an older program wrote is read as far as it fits."""
    return read_plan(row.elements).plan


def add_version(
    session: Session,
    enrollment: EnrollmentId,
    plan: CarePlan,
    by: PersonId,
    now: datetime,
    *,
    id_: str | None = None,
) -> CarePlanRow:
    """Keep a plan as the next version."""
    lock_record(session, enrollment)
    before = latest_version(session, enrollment)
    row = CarePlanRow(
        id=id_ or uuid.uuid4().hex,
        enrollment_id=enrollment,
        version=before.version + 1 if before else 1,
        elements=plain_plan(plan),
        written_at=now,
        written_by=by,
    )
    session.add(row)
    record_line(session, enrollment, "care_plan_written", by=by, now=now, what=row.id)
    return row


def add_share(
    session: Session,
    plan: CarePlanRow,
    given: tuple[ShareWith, ShareWay],
    by: PersonId,
    now: datetime,
    *,
    id_: str | None = None,
) -> None:
    """Keep that somebody was given a version."""
    session.add(
        CarePlanShareRow(
            id=id_ or uuid.uuid4().hex,
            care_plan_id=plan.id,
            to_whom=given[0],
            how=given[1],
            by=by,
            at=now,
        )
    )
    record_line(session, plan.enrollment_id, "care_plan_shared", by=by, now=now, what=plan.id)


def plans_that_count(
    session: Session, scope: ColumnElement[bool], now: datetime
) -> set[EnrollmentId]:
    """
    Give those of the enrollments that `scope` chooses whose newest plan counts today.

    It is complete, current and shared; today is the clinic's.
    """
    later = aliased(CarePlanRow)
    newest = select(func.max(later.version)).where(
        col(later.enrollment_id) == col(CarePlanRow.enrollment_id)
    )
    approved = select(func.max(CarePlanApprovalRow.at)).where(
        col(CarePlanApprovalRow.care_plan_id) == col(CarePlanRow.id)
    )
    shared = select(CarePlanShareRow.id).where(
        col(CarePlanShareRow.care_plan_id) == col(CarePlanRow.id)
    )
    query = (
        select(
            CarePlanRow.enrollment_id,
            CarePlanRow.id,
            CarePlanRow.written_at,
            ClinicRow.time_zone,
            approved.scalar_subquery(),
        )  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CarePlanRow.enrollment_id))
        .join(ClinicRow, col(ClinicRow.id) == col(EnrollmentRow.clinic_id))
        .where(scope, col(CarePlanRow.version) == newest.scalar_subquery(), shared.exists())
    )
    found = session.exec(query).all()
    complete = _complete(session, [version for _, version, *_ in found])

    def is_current_at(zone: ZoneInfo, written_at: datetime, approved_at: datetime | None) -> bool:
        written = written_at.astimezone(zone).date()
        looked_at = approved_at.astimezone(zone).date() if approved_at else None
        return is_current(written, looked_at, now.astimezone(zone).date())

    return {
        EnrollmentId(enrollment)
        for enrollment, version, written_at, zone, approved_at in found
        if version in complete and is_current_at(ZoneInfo(zone), written_at, approved_at)
    }


_known_complete: dict[str, bool] = {}
"""Whether a version is complete, by its id: a version never changes."""
_REMEMBERED: Final = 100_000


def _complete(session: Session, versions: Sequence[str]) -> set[str]:
    """Give those of some versions that lack nothing; each is read once."""
    known = {id_: _known_complete.get(id_) for id_ in versions}
    new = [id_ for id_, complete in known.items() if complete is None]
    if new:
        rows = session.exec(select(CarePlanRow).where(col(CarePlanRow.id).in_(new)))
        read = {row.id: not problems_of(plan_in(row)) for row in rows}
        if len(_known_complete) > _REMEMBERED:
            _known_complete.clear()
        _known_complete.update(read)
        known.update(read)
    return {id_ for id_, complete in known.items() if complete}


def approvals(session: Session, rows: Sequence[CarePlanRow]) -> Sequence[CarePlanApprovalRow]:
    """Give the approvals of some versions, the oldest first."""
    ids = [row.id for row in rows]
    query = select(CarePlanApprovalRow).where(col(CarePlanApprovalRow.care_plan_id).in_(ids))
    return session.exec(query.order_by(col(CarePlanApprovalRow.at))).all()


def shares(session: Session, rows: Sequence[CarePlanRow]) -> Sequence[CarePlanShareRow]:
    """Give the shares of some versions, the oldest first."""
    ids = [row.id for row in rows]
    query = select(CarePlanShareRow).where(col(CarePlanShareRow.care_plan_id).in_(ids))
    return session.exec(query.order_by(col(CarePlanShareRow.at))).all()


def approved_on(given: Sequence[CarePlanApprovalRow], zone: ZoneInfo) -> date | None:
    """Give the day of the latest approval."""
    return max((row.at.astimezone(zone).date() for row in given), default=None)


def share_words(fields: Mapping[str, object]) -> tuple[ShareWith, ShareWay]:
    """Read from a note's fields to whom and how a plan was given; a copy to the patient else."""
    ways = {"on paper": ShareWay.COPY, "by portal": ShareWay.PORTAL, "by mail": ShareWay.MAIL}
    to_caregiver = fields.get("given_to") == ShareWith.CAREGIVER.value
    whom = ShareWith.CAREGIVER if to_caregiver else ShareWith.PATIENT
    return whom, ways.get(str(fields.get("how")), ShareWay.COPY)
