"""Consents, care plan, contacts and notes of a packet."""

from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.cycle_plans import CyclePlans, cycle_plans
from ccm_flow.adapters.db.packet_people import PeopleOfRecord
from ccm_flow.adapters.db.tables import (
    AttemptRow,
    CarePlanApprovalRow,
    CarePlanRow,
    CarePlanShareRow,
    ConsentRow,
    CycleRow,
    NoteCosignRow,
    NoteRow,
    StepRow,
)
from ccm_flow.app.packet import (
    PacketConsent,
    PacketContact,
    PacketGoal,
    PacketNote,
    PacketPlan,
    PacketShare,
)
from ccm_flow.core.care_plan import TITLES, CarePlan, lines_of, problems_of
from ccm_flow.core.care_plan_text import read_plan
from ccm_flow.core.ids import EnrollmentId, OutcomeId, StepKey
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlanStep
from ccm_flow.core.state import StepStatus


def consents_of(
    session: Session, enrollment: EnrollmentId, people: PeopleOfRecord
) -> tuple[PacketConsent, ...]:
    """Give every answer of the patient, the earliest first: consent stands until it is revoked."""
    rows = session.exec(
        select(ConsentRow)
        .where(ConsentRow.enrollment_id == enrollment)
        .order_by(col(ConsentRow.taken_at), col(ConsentRow.id))
    )
    return tuple(
        PacketConsent(
            answer=row.kind.value,
            mode=row.mode.value,
            wording=row.content_version,
            statements=tuple(row.statements_read),
            taken_by=people.name(row.taken_by),
            taken_at=row.taken_at,
            effective_from=row.effective_from,
            last_day=row.revoked_effective,
            note=row.note,
            practitioner=people.maybe(row.practitioner_id),
            signature=row.signature,
        )
        for row in rows
    )


def care_plan_of(
    session: Session,
    enrollment: EnrollmentId,
    month: Month,
    zone: ZoneInfo,
    people: PeopleOfRecord,
) -> PacketPlan | None:
    """Give the version in force at the month's end, with everybody who was given any version."""
    rows = session.exec(
        select(CarePlanRow)
        .where(CarePlanRow.enrollment_id == enrollment)
        .order_by(col(CarePlanRow.version))
    ).all()
    in_time = [row for row in rows if row.written_at.astimezone(zone).date() <= month.last_day]
    if not in_time:
        return None
    row = in_time[-1]
    plan = read_plan(row.elements).plan
    approval = session.exec(
        select(CarePlanApprovalRow)
        .where(CarePlanApprovalRow.care_plan_id == row.id)
        .order_by(col(CarePlanApprovalRow.at).desc())
    ).first()
    return PacketPlan(
        version=row.version,
        written_by=people.name(row.written_by),
        written_at=row.written_at,
        approved_by=people.name(approval.by) if approval else None,
        approved_at=approval.at if approval else None,
        goals=tuple(PacketGoal(one.goal, one.measure, one.target, one.by) for one in plan.goals),
        elements=_elements(plan),
        shares=_shares(session, in_time, people),
        missing=problems_of(plan),
    )


def _elements(plan: CarePlan) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (title, lines)
        for name, title in TITLES.items()
        if name != "goals" and (lines := lines_of(plan, name))
    )


def _shares(
    session: Session, versions: Sequence[CarePlanRow], people: PeopleOfRecord
) -> tuple[PacketShare, ...]:
    number = {row.id: row.version for row in versions}
    rows = session.exec(
        select(CarePlanShareRow)
        .where(col(CarePlanShareRow.care_plan_id).in_(number))
        .order_by(col(CarePlanShareRow.at), col(CarePlanShareRow.id))
    )
    return tuple(
        PacketShare(
            to_whom=row.to_whom.value,
            how=f"{row.how.value}, version {number[row.care_plan_id]}",
            by=people.name(row.by),
            at=row.at,
        )
        for row in rows
    )


def contacts_of(
    session: Session, enrollment: EnrollmentId, month: Month, people: PeopleOfRecord
) -> tuple[PacketContact, ...]:
    """Give every attempt, and every step of the month that ended with the patient reached."""
    cycles = session.exec(
        select(CycleRow).where(CycleRow.enrollment_id == enrollment, CycleRow.month == month)
    ).all()
    found: list[PacketContact] = []
    plans = cycle_plans(session, cycles)
    for cycle in cycles:
        steps = {
            step.key: step
            for step in session.exec(select(StepRow).where(StepRow.cycle_id == cycle.id))
        }
        found += _attempts(session, cycle, steps, plans[cycle.id], people)
        found += _contacts(steps.values(), plans[cycle.id], people)
    return tuple(sorted(found, key=lambda one: (one.at, one.what)))


def _attempts(
    session: Session,
    cycle: CycleRow,
    steps: Mapping[StepKey, StepRow],
    plans: CyclePlans,
    people: PeopleOfRecord,
) -> list[PacketContact]:
    rows = session.exec(select(AttemptRow).where(AttemptRow.cycle_id == cycle.id))
    found = []
    for row in rows:
        step = steps[row.step_key]
        spec = plans.step(step.step_id, row.at)
        found.append(
            PacketContact(
                at=row.at,
                what=f"{step.title}, attempt {row.number}",
                channel=row.channel,
                result=_result(spec, row.result),
                reached=_reached(spec, row.result),
                by=people.name(row.by),
            )
        )
    return found


def _contacts(
    steps: Iterable[StepRow], plans: CyclePlans, people: PeopleOfRecord
) -> list[PacketContact]:
    """Give the steps without attempts that ended with the patient reached."""
    found = []
    for step in steps:
        at, outcome = step.ended_at, step.outcome
        if step.status is not StepStatus.DONE or at is None or outcome is None:
            continue
        spec = plans.step(step.step_id, at)
        if spec is None or spec.attempts is not None or not _reached(spec, outcome):
            continue
        by = people.name(step.ended_by)
        found.append(PacketContact(at, step.title, None, _result(spec, outcome), True, by))
    return found


def _reached(spec: PlanStep | None, result: str) -> bool:
    outcome = None if spec is None else spec.outcome(OutcomeId(result))
    return outcome is not None and outcome.contact


def _result(spec: PlanStep | None, result: str) -> str:
    outcome = None if spec is None else spec.outcome(OutcomeId(result))
    return outcome.title if outcome is not None else result.replace("_", " ")


def notes_of(
    session: Session, enrollment: EnrollmentId, month: Month, people: PeopleOfRecord
) -> tuple[PacketNote, ...]:
    """Give the month's notes with their signatures and amendments, the earliest first."""
    rows = session.exec(
        select(NoteRow)
        .where(NoteRow.enrollment_id == enrollment, NoteRow.month == month)
        .order_by(col(NoteRow.written_at), col(NoteRow.id))
    ).all()
    cosigned = {
        row.note_id: row
        for row in session.exec(
            select(NoteCosignRow).where(col(NoteCosignRow.note_id).in_([row.id for row in rows]))
        )
    }
    return tuple(_note(row, cosigned.get(row.id), people) for row in rows)


def _note(row: NoteRow, cosign: NoteCosignRow | None, people: PeopleOfRecord) -> PacketNote:
    return PacketNote(
        id=row.id,
        kind=row.kind.replace("_", " "),
        author=people.name(row.author_id),
        written_at=row.written_at,
        signed_by=people.maybe(row.signed_by),
        signed_at=row.signed_at,
        cosigned_by=people.name(cosign.by) if cosign else None,
        cosigned_at=cosign.at if cosign else None,
        text=row.text,
        fields=tuple((name.replace("_", " "), _said(value)) for name, value in row.fields.items()),
        amends=row.amends,
        because=row.because,
    )


def _said(value: object) -> str:
    """Write a field's value the way people say it."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
