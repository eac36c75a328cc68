"""What a script may say of one step's patient, clinic, owner and month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.patient_rows import patient_record
from ccm_flow.adapters.db.plan_rows import plan_of
from ccm_flow.adapters.db.tables import (
    CareTeamMemberRow,
    ClinicRow,
    CycleRow,
    EnrollmentRow,
    PersonRow,
    StepRow,
)
from ccm_flow.adapters.db.views_names import PlanWords
from ccm_flow.adapters.ehr.condition_groups import load_condition_groups, spoken_condition
from ccm_flow.app.candidates import judge_record
from ccm_flow.app.notes import PRACTITIONER
from ccm_flow.app.records import PatientRecord
from ccm_flow.core.ids import CycleId, StepKey

PROGRAMS: Mapping[str, str] = MappingProxyType(
    {
        "CCM": "Chronic Care Management",
        "PCM": "Principal Care Management",
        "APCM": "Advanced Primary Care Management",
        "TCM": "Transitional Care Management",
    }
)
"""What patients call a program."""
_DAYS: Mapping[str, str] = MappingProxyType(
    {
        "mon": "Monday",
        "tue": "Tuesday",
        "wed": "Wednesday",
        "thu": "Thursday",
        "fri": "Friday",
        "sat": "Saturday",
        "sun": "Sunday",
    }
)
_MESES = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)


@dataclass(frozen=True, slots=True)
class StepScript:
    """Which script a step has, the patient's language, and what fills the script in."""

    name: str | None
    title: str
    language: str
    fields: Mapping[str, Mapping[str, object]]
    """What is not on file is left out, so that it is never made up."""
    spanish: Mapping[str, Mapping[str, object]]
    """What is said otherwise in Spanish, e.g. dates."""

    def fields_in(self, language: str) -> dict[str, dict[str, object]]:
        """Give the fields as they are said in a language; a copy, to be filled up."""
        other = self.spanish if language == "es" else {}
        return {group: {**said, **other.get(group, {})} for group, said in self.fields.items()}


def step_script(engine: Engine, cycle: CycleId, key: StepKey, now: datetime) -> StepScript:
    """Collect what the script of a step needs."""
    with reading(engine) as session:
        row = session.get_one(CycleRow, cycle)
        step = session.get_one(StepRow, (cycle, key))
        clinic = session.get_one(ClinicRow, row.clinic_id)
        plan = plan_of(session, row.playbook_sha256)
        owner = session.get_one(EnrollmentRow, row.enrollment_id)
        record = patient_record(session, owner.patient_id)
        zone = ZoneInfo(clinic.time_zone)
        today = now.astimezone(zone).date()
        spec = PlanWords(plan).step(key)
        fields = {
            "patient": _patient(record, today),
            "clinic": _clinic(clinic),
            "staff": _staff(session, step, PlanWords(plan)),
            "practitioner": _practitioner(session, owner),
            "step": _step(step, zone),
            "month": _month(row),
            "program": {"name": PROGRAMS.get(plan.program, plan.program), "share": ""},
        }
        risk = str(row.facts.get("risk", "")) or None
        script = plan.step_of(spec.id, risk).script if spec else None
        return StepScript(
            script,
            step.title,
            fields["patient"]["language"] or "en",
            fields,
            {"patient": {"conditions": _conditions(record, today, "es")}, "step": _due(step, zone)},
        )


def _conditions(record: PatientRecord, today: date, language: str) -> str:
    verdict = judge_record(record, load_condition_groups(), today)
    return ", ".join(spoken_condition(group, language) for group in verdict.groups)


def _due(step: StepRow, zone: ZoneInfo) -> dict[str, object]:
    """Give the deadline's day as it is said in Spanish."""
    if step.due_at is None:
        return {}
    local = step.due_at.astimezone(zone)
    return {"due": f"{local.day} de {_MESES[local.month - 1]}"}


def _patient(record: PatientRecord, today: date) -> dict[str, str]:
    born = record.birth_date
    found = {
        "name": f"{record.given_name} {record.family_name}".strip(),
        "first_name": record.given_name.partition(" ")[0],
        "last_name": record.family_name,
        "language": record.language.partition("-")[0].lower(),
        "caregiver": "",
        "conditions": _conditions(record, today, "en"),
    }
    if born is not None:
        before = (today.month, today.day) < (born.month, born.day)
        found |= {"birth_date": born.isoformat(), "age": str(today.year - born.year - before)}
    return found


def _clinic(clinic: ClinicRow) -> dict[str, str]:
    working = [day for day in _DAYS if day in clinic.working_days.split()]
    days = ", ".join(_DAYS[day] for day in working)
    if working == list(_DAYS)[:5]:
        days = "Monday to Friday"
    found = {"name": clinic.name, "hours": f"{days}, {clinic.opens} to {clinic.closes}"}
    numbers = {"phone": clinic.phone, **((clinic.profile or {}).get("outreach") or {})}
    return found | {name: number for name, number in numbers.items() if number}


def _staff(session: Session, step: StepRow, words: PlanWords) -> dict[str, str]:
    name = session.get_one(PersonRow, step.owner_id).name
    return {"name": name, "first_name": _first(name), "role": words.role(step.owner_role)}


def _first(name: str) -> str:
    """Give what somebody calls themselves on the phone: `Dr. Chen` stays whole."""
    first, _, rest = name.partition(" ")
    return name if first.endswith(".") and rest else first


def _practitioner(session: Session, owner: EnrollmentRow) -> dict[str, str]:
    query = select(CareTeamMemberRow.person_id).where(
        CareTeamMemberRow.enrollment_id == owner.id, CareTeamMemberRow.role == PRACTITIONER
    )
    person = owner.practitioner_id or session.exec(query).first()
    return {"name": session.get_one(PersonRow, person).name} if person else {}


def _step(step: StepRow, zone: ZoneInfo) -> dict[str, str]:
    found = {"title": step.title, "attempt": str(step.attempts_made + 1)}
    if step.attempts_allowed:
        found["attempts"] = str(step.attempts_allowed)
    if step.due_at is not None:
        local = step.due_at.astimezone(zone)
        found["due"] = f"{local:%b} {local.day}"
    return found


def _month(row: CycleRow) -> dict[str, str]:
    return {
        "name": f"{row.month.first_day:%B %Y}",
        "minutes": str(row.facts.get("minutes", 0)),
    }
