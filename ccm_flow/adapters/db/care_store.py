"""The care record in the database, as the use cases need it."""

from datetime import datetime, time

from sqlalchemy import Engine
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from ccm_flow.adapters.db.care_plan_rows import latest_version, plan_in
from ccm_flow.adapters.db.consents import revoked_before, terms_of
from ccm_flow.adapters.db.drafts import drop_draft, get_draft, keep_draft
from ccm_flow.adapters.db.engine import reading, trying, writing
from ccm_flow.adapters.db.facts import gather_all_facts, gather_facts
from ccm_flow.adapters.db.keeping import click_of, keep_click, keep_records
from ccm_flow.adapters.db.plan_rows import plan_of
from ccm_flow.adapters.db.pool import clinic_pool_of, pool_of, pools_for
from ccm_flow.adapters.db.review_set_up import first_month_gaps
from ccm_flow.adapters.db.tables import (
    ClickRow,
    ClinicClosureRow,
    ClinicPlaybookRow,
    ClinicRow,
    CycleRow,
    EnrollmentRow,
    StaffRoleRow,
    StepRow,
)
from ccm_flow.app.care import (
    Click,
    ClinicView,
    CycleView,
    NoPlaybookError,
    NoSuchClinicError,
    OpenEnrollment,
)
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.app.flow import NoSuchCycleError
from ccm_flow.app.notes import NoteDraft
from ccm_flow.app.statuses import ClickState, ClinicStatus, EnrollmentStatus
from ccm_flow.core.assignment import Pool
from ccm_flow.core.care_plan import CarePlan
from ccm_flow.core.consent import ConsentTerms
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import (
    ClickId,
    ClinicId,
    CycleId,
    EnrollmentId,
    PersonId,
    RoleId,
    StepKey,
)
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.review import Finding, Item
from ccm_flow.core.state import CycleStatus

_WAITING = {
    PlaybookKind.MONTHLY: (EnrollmentStatus.ACTIVE,),
    PlaybookKind.EPISODE: (EnrollmentStatus.ACTIVE,),
    PlaybookKind.ENROLLMENT: (
        EnrollmentStatus.IDENTIFIED,
        EnrollmentStatus.INTRODUCED,
        EnrollmentStatus.CONSENTED,
    ),
}
"""Which enrollments a kind of playbook is for."""


class SqlCareRecord:
    """Implements `ccm_flow.app.care.CareRecord`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def clinic(self, clinic: ClinicId) -> ClinicView:
        """Give a clinic with its hours and closure days."""
        with reading(self._engine) as session:
            row = session.get(ClinicRow, clinic)
            if row is None or row.program_owner_id is None:
                raise NoSuchClinicError(clinic)
            closures = session.exec(
                select(ClinicClosureRow).where(ClinicClosureRow.clinic_id == clinic)
            ).all()
            hours = ClinicHours(
                time_zone=row.time_zone,
                opens=time.fromisoformat(row.opens),
                closes=time.fromisoformat(row.closes),
                working_days=frozenset(row.working_days.split()),
                closures={closure.day: closure.reason for closure in closures},
            )
            active = row.status is ClinicStatus.ACTIVE
            return ClinicView(clinic, row.name, hours, active, row.program_owner_id)

    def plan_for(self, clinic: ClinicId, kind: PlaybookKind, month: Month) -> Plan:
        """Give the version that is in force for a month."""
        with reading(self._engine) as session:
            sha256 = session.exec(
                select(ClinicPlaybookRow.sha256)
                .where(
                    ClinicPlaybookRow.clinic_id == clinic,
                    ClinicPlaybookRow.kind == kind,
                    col(ClinicPlaybookRow.from_month) <= month,
                )
                .order_by(col(ClinicPlaybookRow.from_month).desc())
            ).first()
            if sha256 is None:
                raise NoPlaybookError(kind, month)
            return plan_of(session, sha256)

    def cycle(self, cycle: CycleId) -> CycleView:
        """Give a cycle."""
        with reading(self._engine) as session:
            row = session.get(CycleRow, cycle)
            if row is None:
                raise NoSuchCycleError(cycle)
            plan = plan_of(session, row.playbook_sha256)
            return CycleView(
                cycle, row.clinic_id, row.enrollment_id, row.month, row.kind, row.status, plan
            )

    def roles_of(self, person: PersonId, clinic: ClinicId) -> frozenset[RoleId]:
        """Give a person's roles at a clinic."""
        query = select(StaffRoleRow.role).where(
            StaffRoleRow.person_id == person, StaffRoleRow.clinic_id == clinic
        )
        with reading(self._engine) as session:
            return frozenset(RoleId(role) for role in session.exec(query))

    def owner_role(self, cycle: CycleId, step: StepKey) -> RoleId | None:
        """Give the role in which a step is owned now."""
        with reading(self._engine) as session:
            row = session.get(StepRow, (cycle, step))
            return None if row is None else row.owner_role

    def facts(self, enrollment: EnrollmentId, month: Month, now: datetime) -> Facts:
        """Collect the facts of an enrollment."""
        with reading(self._engine) as session:
            return gather_facts(session, enrollment, month, now)

    def pool(self, enrollment: EnrollmentId, now: datetime) -> Pool:
        """Give who may get an enrollment's steps."""
        with reading(self._engine) as session:
            return pool_of(session, enrollment, now)

    def consent_terms(self, enrollment: EnrollmentId, now: datetime) -> ConsentTerms:
        """Give what a consent has to meet at the patient's clinic."""
        with reading(self._engine) as session:
            return terms_of(session, enrollment, now)

    def facts_if_taken(self, click: ClickId, month: Month, now: datetime) -> Facts:
        """Try it out: keep what the click records, look, and take it all back."""
        with trying(self._engine) as session:
            row = session.get_one(ClickRow, click)
            if row.state is not ClickState.DONE:
                keep_records(session, row)
                session.flush()
            enrollment = session.get_one(CycleRow, row.cycle_id).enrollment_id
            return gather_facts(session, enrollment, month, now)

    def is_kept(self, click: ClickId) -> bool:
        """Tell whether a click was kept before."""
        with reading(self._engine) as session:
            return session.get(ClickRow, click) is not None

    def care_plan(self, enrollment: EnrollmentId) -> CarePlan | None:
        """Give the newest version of a patient's care plan."""
        with reading(self._engine) as session:
            row = latest_version(session, enrollment)
            return None if row is None else plan_in(row)

    def draft(self, cycle: CycleId, step: StepKey, person: PersonId) -> NoteDraft | None:
        """Give what a person has typed for a step and not sent yet."""
        return get_draft(self._engine, cycle, step, person)

    def keep_draft(
        self, cycle: CycleId, step: StepKey, person: PersonId, draft: NoteDraft, now: datetime
    ) -> None:
        """Keep what a person has typed so far, in place of what was there."""
        keep_draft(self._engine, (cycle, step, person), draft, now)

    def drop_draft(self, cycle: CycleId, step: StepKey, person: PersonId) -> None:
        """Forget a draft; nothing happens when there is none."""
        drop_draft(self._engine, cycle, step, person)

    def keep(self, click: Click, now: datetime) -> None:
        """Keep a click and everything that was entered with it, once."""
        with writing(self._engine) as session:
            keep_click(session, click, now)

    def settle(self, click: ClickId, refused: str | None) -> None:
        """
        Note what became of a click, and keep its records when it was taken.

        What was refused may be sent again under its id and be taken then; what was taken stays so.
        """
        with writing(self._engine) as session:
            row = session.get_one(ClickRow, click)
            if row.state is ClickState.DONE:
                return
            row.state = ClickState.DONE if refused is None else ClickState.REFUSED
            row.answer = refused
            if refused is None:
                keep_records(session, row)

    def pending(self, until: datetime) -> list[Click]:
        """List clicks of which nobody knows yet what became."""
        query = select(ClickRow).where(
            ClickRow.state == ClickState.PENDING, col(ClickRow.received_at) < until
        )
        with reading(self._engine) as session:
            rows = session.exec(query.order_by(col(ClickRow.received_at))).all()
            return [click_of(row) for row in rows]

    def first_month_gaps(
        self, clinic: ClinicId, month: Month, now: datetime
    ) -> tuple[tuple[Item, Finding], ...]:
        """List what keeps a clinic from its first month; nothing once one was opened."""
        return first_month_gaps(self._engine, clinic, month, now)

    def to_open(
        self, clinic: ClinicId, kind: PlaybookKind, month: Month, now: datetime
    ) -> list[OpenEnrollment]:
        """List the enrollments whose cycle is not there yet, in a stable order."""
        opened = select(CycleRow.enrollment_id).where(CycleRow.kind == kind).correlate(None)
        if kind is PlaybookKind.MONTHLY:
            opened = opened.where(CycleRow.month == month)
        else:  # the way into the program is gone once at a time, over as many months as it takes
            opened = opened.where(CycleRow.status != CycleStatus.ENDED)
        one = aliased(EnrollmentRow)
        waiting = (
            select(one.id)
            .where(
                one.clinic_id == clinic,
                col(one.status).in_(_WAITING[kind]),
                col(one.id).not_in(opened),
            )
            .correlate(None)
        )
        with reading(self._engine) as session:
            over = revoked_before(session, clinic, month.first_day)
            scope = col(EnrollmentRow.id).in_(waiting)
            facts = gather_all_facts(session, scope, month, now)
            ids = [id_ for id_ in sorted(facts) if id_ not in over]
            if not ids:
                return []
            pools = pools_for(session, clinic_pool_of(session, clinic, now), scope)
            return [OpenEnrollment(id_, pools[id_].named, facts[id_], pools[id_]) for id_ in ids]

    def enrollment_status(self, enrollment: EnrollmentId) -> EnrollmentStatus:
        """Tell how far an enrollment is."""
        with reading(self._engine) as session:
            return session.get_one(EnrollmentRow, enrollment).status
