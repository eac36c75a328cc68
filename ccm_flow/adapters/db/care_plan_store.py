"""Care plans in the database: versions, approvals and shares, all append-only."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session

from ccm_flow.adapters.db.care_plan_rows import (
    add_share,
    add_version,
    approvals,
    approved_on,
    latest_version,
    plan_in,
    shares,
    versions_of,
)
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.once import once
from ccm_flow.adapters.db.patient_rows import patient_record
from ccm_flow.adapters.db.signatures import lock_record, record_line
from ccm_flow.adapters.db.tables import (
    CarePlanApprovalRow,
    CarePlanRow,
    CarePlanShareRow,
    ClinicRow,
    EnrollmentRow,
    PatientRow,
)
from ccm_flow.adapters.db.views_names import People, patient_name
from ccm_flow.app.care_plans import (
    ApprovalView,
    CarePlanView,
    NoCarePlanError,
    PlanMovedOnError,
    ShareView,
    ShareWay,
    ShareWith,
    VersionView,
    changes_between,
    check_complete,
)
from ccm_flow.app.records import plain_display
from ccm_flow.core.care_plan import CarePlan, is_current, problems_of
from ccm_flow.core.care_plan_text import draft_plan
from ccm_flow.core.ids import EnrollmentId, PersonId
from ccm_flow.core.signing import fingerprint


class SqlCarePlanStore:
    """Writes and shows the care plans of a clinic's patients."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write(
        self,
        enrollment: EnrollmentId,
        plan: CarePlan,
        by: PersonId,
        now: datetime,
        *,
        upon: int | None = None,
        told_in: str | None = None,
    ) -> int:
        """
        Keep the next version; returns its number.

        `upon` is the version it was written upon, 0 for none. Told a second time under the same
        id, it changes nothing.

        Raises:
            PlanMovedOnError: somebody else has written a version since.
        """
        with writing(self._engine) as session:
            lock_record(session, enrollment)
            id_ = once("plan", told_in)
            there = session.get(CarePlanRow, id_)
            if there is not None:
                return there.version
            newest = latest_version(session, enrollment)
            if newest is not None:
                _check_upon(session, newest, upon)
            return add_version(session, enrollment, plan, by, now, id_=id_).version

    def share(
        self,
        enrollment: EnrollmentId,
        given: tuple[ShareWith, ShareWay],
        by: PersonId,
        now: datetime,
        *,
        upon: int | None = None,
        told_in: str | None = None,
    ) -> int:
        """
        Keep that the newest version was given to somebody; returns its number.

        `upon` is the version that was shown to who says so; without it the newest is meant. Told
        a second time under the same id, it changes nothing.

        Raises:
            NoCarePlanError: there is no version.
            PlanMovedOnError: a version was written since the one that was shown.
        """
        with writing(self._engine) as session:
            lock_record(session, enrollment)
            id_ = once("share", told_in)
            there = session.get(CarePlanShareRow, id_)
            if there is not None:
                return _version_of(session, there)
            row = _shown(session, enrollment, upon)
            add_share(session, row, given, by, now, id_=id_)
            return row.version

    def approve(
        self,
        enrollment: EnrollmentId,
        by: PersonId,
        now: datetime,
        *,
        upon: int | None = None,
        told_in: str | None = None,
    ) -> int:
        """
        Keep that a practitioner stands by the newest version; returns its number.

        `upon` is the version that was shown to the practitioner; without it the newest is meant.
        Told a second time under the same id, it changes nothing.

        Raises:
            NoCarePlanError: there is no version.
            PlanMovedOnError: a version was written since the one that was shown.
            IncompleteCarePlanError: the version lacks something.
        """
        with writing(self._engine) as session:
            lock_record(session, enrollment)
            id_ = once("approval", told_in)
            there = session.get(CarePlanApprovalRow, id_)
            if there is not None:
                return _version_of(session, there)
            row = _shown(session, enrollment, upon)
            check_complete(plan_in(row))
            session.add(
                CarePlanApprovalRow(
                    id=id_,
                    care_plan_id=row.id,
                    by=by,
                    at=now,
                    sha256=fingerprint(row.elements),
                )
            )
            record_line(session, enrollment, "care_plan_approved", by=by, now=now, what=row.id)
            return row.version

    def latest(self, enrollment: EnrollmentId) -> CarePlan | None:
        """Give the newest version's content."""
        with reading(self._engine) as session:
            row = latest_version(session, enrollment)
            return None if row is None else plan_in(row)

    def version(self, enrollment: EnrollmentId, version: int) -> CarePlan:
        """Give what a version says; an empty plan where there is no such version."""
        with reading(self._engine) as session:
            known = {row.version: row for row in versions_of(session, enrollment)}
            return plan_in(known[version]) if version in known else CarePlan()

    def newest(self, enrollment: EnrollmentId) -> int:
        """Give the newest version's number; 0 where there is none."""
        with reading(self._engine) as session:
            row = latest_version(session, enrollment)
            return row.version if row is not None else 0

    def draft(self, enrollment: EnrollmentId) -> CarePlan:
        """Prefill a plan: the newest version, or what was imported, marked to be confirmed."""
        with reading(self._engine) as session:
            row = latest_version(session, enrollment)
            if row is not None:
                return plan_in(row)
            patient = session.get_one(EnrollmentRow, enrollment).patient_id
            record = patient_record(session, patient)
            return draft_plan(
                conditions=dict.fromkeys(
                    plain_display(one.display)
                    for one in record.conditions
                    if one.clinical_status == "active"
                ),
                medicines=dict.fromkeys(
                    one.display for one in record.medications if one.status == "active"
                ),
            )

    def view(self, enrollment: EnrollmentId, now: datetime) -> CarePlanView:
        """Show a patient's plan with all its versions; raises `NoCarePlanError`."""
        with reading(self._engine) as session:
            _newest(session, enrollment)
            return _view(session, enrollment, now)


def _newest(session: Session, enrollment: EnrollmentId) -> CarePlanRow:
    row = latest_version(session, enrollment)
    if row is None:
        raise NoCarePlanError(enrollment[:8])
    return row


def _version_of(session: Session, told: CarePlanShareRow | CarePlanApprovalRow) -> int:
    """Give the version that was given or approved when it was told before."""
    return session.get_one(CarePlanRow, told.care_plan_id).version


def _shown(session: Session, enrollment: EnrollmentId, upon: int | None) -> CarePlanRow:
    """Give the newest version, when it is the one that a person has looked at."""
    row = _newest(session, enrollment)
    _check_upon(session, row, upon, "Read it, then say so again.")
    return row


def _check_upon(session: Session, newest: CarePlanRow, upon: int | None, hint: str = "") -> None:
    """Refuse what was meant for an older version; raises `PlanMovedOnError`."""
    if upon is not None and newest.version != upon:
        by_name = People(session, {newest.written_by}).name(newest.written_by)
        raise PlanMovedOnError(newest.version, by_name, hint)


def _view(session: Session, enrollment: EnrollmentId, now: datetime) -> CarePlanView:
    owner = session.get_one(EnrollmentRow, enrollment)
    clinic = session.get_one(ClinicRow, owner.clinic_id)
    zone = ZoneInfo(clinic.time_zone)
    rows = versions_of(session, enrollment)
    given = approvals(session, rows)
    shared = shares(session, rows)
    signers = {row.by for row in given} | {row.by for row in shared}
    people = People(session, {row.written_by for row in rows} | signers)
    newest = rows[0]
    of_newest = [row for row in given if row.care_plan_id == newest.id]
    written = newest.written_at.astimezone(zone).date()
    plan = plan_in(newest)
    return CarePlanView(
        clinic=clinic.id,
        enrollment=enrollment,
        patient_name=patient_name(session.get_one(PatientRow, owner.patient_id)),
        time_zone=clinic.time_zone,
        as_of=now,
        plan=plan,
        problems=problems_of(plan),
        current=is_current(written, approved_on(of_newest, zone), now.astimezone(zone).date()),
        shared=any(row.care_plan_id == newest.id for row in shared),
        versions=tuple(
            _version(row, older, people, given, shared)
            for row, older in zip(rows, [*rows[1:], None], strict=True)
        ),
    )


def _version(
    row: CarePlanRow,
    older: CarePlanRow | None,
    people: People,
    given: Sequence[CarePlanApprovalRow],
    shared: Sequence[CarePlanShareRow],
) -> VersionView:
    sha256 = fingerprint(row.elements)
    return VersionView(
        version=row.version,
        written_at=row.written_at,
        written_by=row.written_by,
        written_by_name=people.name(row.written_by),
        changes=changes_between(plan_in(older) if older else None, plan_in(row)),
        approvals=tuple(
            ApprovalView(one.by, people.name(one.by), one.at, holds=one.sha256 == sha256)
            for one in given
            if one.care_plan_id == row.id
        ),
        shares=tuple(
            ShareView(one.to_whom, one.how, one.by, people.name(one.by), one.at)
            for one in shared
            if one.care_plan_id == row.id
        ),
    )
