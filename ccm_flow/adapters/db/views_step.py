"""One step with everything that is needed to do it, in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.calendars import build_calendar, clinic_zone
from ccm_flow.adapters.db.care_team import team_of
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import (
    AttemptRow,
    ClickRow,
    CycleRow,
    EnrollmentRow,
    PatientRow,
    StepRow,
)
from ccm_flow.adapters.db.views_beside import patient_beside
from ccm_flow.adapters.db.views_names import People, Plans, PlanWords
from ccm_flow.adapters.db.views_steps import attempt_view, timing_of
from ccm_flow.app.care import ClinicView
from ccm_flow.app.statuses import ClickState
from ccm_flow.app.step_choices import StepNow, asking, choices_of
from ccm_flow.app.step_view import Sent, StepPage
from ccm_flow.app.views_patient import TeamMember
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import CycleId, OutcomeId, PersonId, RoleId, StepId, StepKey
from ccm_flow.core.plan import Channel, PlanStep, planned_channel
from ccm_flow.core.what_follows import Settled
from ccm_flow.core.worklist import OpenStep, stand

_BEHIND, _AHEAD = timedelta(days=62), timedelta(days=92)
_SENT: Final = (ClickState.PENDING, ClickState.REFUSED)
_Found = tuple[StepRow, CycleRow, EnrollmentRow, PatientRow]


class StepNotThereError(CcmError):
    """A cycle has no such step."""

    exit_code = 4
    hint = "Go back to your work list."

    def __init__(self) -> None:
        super().__init__("There is no such step.")


@dataclass(frozen=True)
class _Staff:
    """The people that the page mentions, and who has which role for the patient."""

    people: People
    team: Mapping[RoleId, PersonId]


@dataclass(frozen=True)
class _Around:
    """What the step's cycle and clinic say."""

    clinic: ClinicView
    words: PlanWords
    spec: PlanStep
    staff: _Staff
    calendar: WorkCalendar
    now: datetime

    def holder(self, role: RoleId) -> PersonId:
        """Give who has a role for the patient; the program owner where nobody does."""
        return self.staff.team.get(role, self.clinic.program_owner)


def step_page(
    engine: Engine, clinic: ClinicView, cycle: CycleId, key: StepKey, now: datetime
) -> StepPage:
    """
    Give a step of a clinic's cycle with what stands beside it.

    Raises:
        StepNotThereError: there is none, or its playbook does not know it.
    """
    with reading(engine) as session:
        item = _found(session, cycle, key)
        if item is None or item[1].clinic_id != clinic.clinic:
            raise StepNotThereError
        return _page(session, item, clinic, now)


def _found(session: Session, cycle: CycleId, key: StepKey) -> _Found | None:
    query = (
        select(StepRow, CycleRow, EnrollmentRow, PatientRow)
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(StepRow.cycle_id == cycle, StepRow.key == key)
    )
    return session.exec(query).first()


def _page(session: Session, item: _Found, clinic: ClinicView, now: datetime) -> StepPage:
    step, cycle, enrolled, _ = item
    attempts = _attempts(session, cycle.id, step.key)
    team = team_of(session, enrolled.id)
    sent = _sent(session, cycle.id, step.key)
    mentioned = {step.owner_id, step.ended_by or "", *(row.by for row in attempts), *team.values()}
    people = People(session, {*mentioned, clinic.program_owner, sent.by if sent else ""})
    around = _around(session, item, clinic, now, _Staff(people, team))
    words, spec = around.words, around.spec
    risk = str(cycle.facts.get("risk", "")) or None
    standing = stand(OpenStep(due_at=step.due_at), now, around.calendar)
    return StepPage(
        clinic=clinic.clinic,
        clinic_name=clinic.name,
        zone=clinic_zone(clinic.hours.time_zone),
        as_of=now,
        cycle=cycle.id,
        key=step.key,
        title=step.title,
        phase=step.phase,
        kind=cycle.kind,
        month=cycle.month,
        status=step.status,
        timing=timing_of(step.status, step.due_at, step.ended_at, now),
        owner=step.owner_id,
        owner_name=people.name(step.owner_id),
        role=step.owner_role,
        role_title=words.role(step.owner_role),
        due_at=step.due_at,
        left=standing.left,
        not_before=step.not_before,
        because=step.because,
        urgency=step.urgency,
        attempts=tuple(attempt_view(row, people) for row in attempts),
        attempts_allowed=step.attempts_allowed,
        channel=_channel(around, cycle, step),
        channels=tuple(dict.fromkeys(spec.attempts.channels)) if spec.attempts else (),
        optional=spec.optional,
        expected=spec.expected,
        ended_at=step.ended_at,
        ended_by_name=people.name(step.ended_by) if step.ended_by else None,
        outcome_title=words.outcome(step.key, step.outcome),
        has_script=words.plan.step_of(spec.id, risk).script is not None,
        form=words.plan.note_forms.get(spec.note) if spec.note else None,
        choices=choices_of(_now(session, around, item, risk)),
        asking=asking(words.plan, cycle.month, now, around.calendar),
        roles=_roles(around),
        patient=patient_beside(session, item, words.plan, _today(clinic, now), risk),
        sent=_sent_view(sent, people),
        assigned=step.assigned,
    )


def _around(
    session: Session,
    item: _Found,
    clinic: ClinicView,
    now: datetime,
    staff: _Staff,
) -> _Around:
    step, cycle, *_ = item
    words = Plans(session, {cycle.playbook_sha256}).words(cycle.playbook_sha256).knowing(step.key)
    spec = words.step(step.key)
    if spec is None:
        raise StepNotThereError
    risk = str(cycle.facts.get("risk", "")) or None
    today = _today(clinic, now)
    calendar = build_calendar(clinic.hours, today - _BEHIND, today + _AHEAD)
    spec = words.plan.step_of(spec.id, risk)
    return _Around(clinic, words, spec, staff, calendar, now)


def _today(clinic: ClinicView, now: datetime) -> date:
    return now.astimezone(clinic_zone(clinic.hours.time_zone)).date()


def _attempts(session: Session, cycle: CycleId, key: StepKey) -> Sequence[AttemptRow]:
    query = select(AttemptRow).where(AttemptRow.cycle_id == cycle, AttemptRow.step_key == key)
    return session.exec(query.order_by(col(AttemptRow.number))).all()


def _roles(around: _Around) -> tuple[TeamMember, ...]:
    return tuple(
        TeamMember(role.id, role.title, person, around.staff.people.name(person))
        for role in around.words.plan.roles
        for person in [around.holder(role.id)]
    )


def _now(session: Session, around: _Around, item: _Found, risk: str | None) -> StepNow:
    step, cycle, *_ = item
    names = {
        role.id: around.staff.people.name(around.holder(role.id))
        for role in around.words.plan.roles
    }
    return StepNow(
        plan=around.words.plan,
        step=around.spec,
        made=step.attempts_made,
        again=step.round > 1,
        known=_known(session, cycle.id),
        risk=risk,
        owners=names,
        calendar=around.calendar,
        at=around.now,
    )


def _known(session: Session, cycle: CycleId) -> dict[StepId, Settled]:
    """Give how the newest opening of each step of a cycle stands."""
    query = select(StepRow).where(StepRow.cycle_id == cycle).order_by(col(StepRow.round))
    return {
        row.step_id: Settled(row.status, OutcomeId(row.outcome) if row.outcome else None)
        for row in session.exec(query)
    }


def _channel(around: _Around, cycle: CycleRow, step: StepRow) -> Channel | None:
    if around.spec.attempts is None:
        return None
    facts = {"preferred_channel": "any", **cycle.facts}
    number = step.attempts_made + 1
    return planned_channel(around.words.plan, around.spec.attempts, number, facts)


def _sent(session: Session, cycle: CycleId, key: StepKey) -> ClickRow | None:
    """Give the last thing sent for a step if the flow does not have it."""
    query = select(ClickRow).where(ClickRow.cycle_id == cycle, ClickRow.step_key == key)
    last = session.exec(query.order_by(col(ClickRow.received_at).desc())).first()
    return last if last is not None and last.state in _SENT else None


def _sent_view(row: ClickRow | None, people: People) -> Sent | None:
    if row is None:
        return None
    return Sent(row.received_at, row.by, people.name(row.by), row.answer)
