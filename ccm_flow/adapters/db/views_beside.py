"""The patient as they stand beside the work."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Final

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.care_plan_rows import latest_version, plan_in
from ccm_flow.adapters.db.patient_rows import patient_record
from ccm_flow.adapters.db.tables import CycleRow, EnrollmentRow, PatientRow, StepRow
from ccm_flow.adapters.db.time_counting import count_minutes
from ccm_flow.adapters.db.views_names import People, Plans, patient_name
from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.app.candidates import judge_record
from ccm_flow.app.records import PatientRecord, plain_display
from ccm_flow.app.step_view import Contacted, PatientBeside
from ccm_flow.core.plan import Plan, Requirement
from ccm_flow.core.state import StepStatus

_OTHER: Final = "Other"
_LOOKED_AT: Final = 60
"""How many ended steps are looked through for the last contact."""
_TAKEN: Final = ("active", "")
_ACTIVE: Final = ("active", "recurrence", "relapse", "unknown", "")


def patient_beside(
    session: Session,
    item: tuple[StepRow, CycleRow, EnrollmentRow, PatientRow],
    plan: Plan,
    today: date,
    risk: str | None,
) -> PatientBeside:
    """Give what somebody who works on a step must know of the patient."""
    _, cycle, enrolled, row = item
    record = patient_record(session, row.id)
    version = latest_version(session, enrolled.id)
    care_plan = plan_in(version) if version else None
    judged = count_minutes(session, cycle.month, col(EnrollmentRow.id) == enrolled.id)
    goal = plan.readiness if plan.readiness else None
    asks = goal is not None and Requirement.MINUTES in goal.requires
    return PatientBeside(
        patient=row.id,
        enrollment=enrolled.id,
        name=patient_name(row),
        first_name=record.given_name.partition(" ")[0],
        mrn=record.mrn,
        age=_age(record.birth_date, today),
        sex=record.sex,
        phone=record.phone,
        language=record.language.partition("-")[0].lower(),
        preferred_channel=record.preferred_channel,
        contact_hours=record.contact_hours,
        conditions=_conditions(record, today),
        medications=tuple(
            dict.fromkeys(one.display for one in record.medications if one.status in _TAKEN)
        ),
        last_contact=_last_contact(session, enrolled),
        goals=care_plan.goals if care_plan else (),
        plan=care_plan,
        minutes=judged[enrolled.id].counted.minutes if judged else 0,
        minutes_goal=goal.minimum_minutes if goal is not None and asks else None,
        risk=risk or "standard",
    )


def _age(born: date | None, today: date) -> int | None:
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _conditions(record: PatientRecord, today: date) -> dict[str, tuple[str, ...]]:
    """Group the active conditions as eligibility counts them; what it does not count comes last."""
    verdict = judge_record(record, load_condition_groups(), today)
    found: dict[str, list[str]] = defaultdict(list)
    for evidence in verdict.evidence:
        found[evidence.group_title].append(evidence.display)
    counted = {line for lines in found.values() for line in lines}
    active = (one.display for one in record.conditions if one.clinical_status in _ACTIVE)
    others = [line for line in active if line not in counted]
    groups = {title: _distinct(lines) for title, lines in found.items()}
    return groups | ({_OTHER: _distinct(others)} if others else {})


def _distinct(lines: Iterable[str]) -> tuple[str, ...]:
    """Leave out what is there twice, and the kind that SNOMED's names end with."""
    return tuple(dict.fromkeys(plain_display(line) for line in lines))


def _last_contact(session: Session, enrolled: EnrollmentRow) -> Contacted | None:
    query = (
        select(StepRow, CycleRow.playbook_sha256)
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(
            CycleRow.enrollment_id == enrolled.id,
            StepRow.status == StepStatus.DONE,
            col(StepRow.ended_at).is_not(None),
        )
        .order_by(col(StepRow.ended_at).desc())
        .limit(_LOOKED_AT)
    )
    rows = session.exec(query).all()
    plans = Plans(session, {sha256 for _, sha256 in rows})
    for step, sha256 in rows:
        spec = plans.words(sha256).step(step.key)
        chosen = (
            next((one for one in spec.outcomes if one.id == step.outcome), None) if spec else None
        )
        if chosen is not None and chosen.contact and step.ended_at is not None:
            by = People(session, {step.ended_by or ""}).name(step.ended_by)
            return Contacted(step.ended_at, step.title, by)
    return None
