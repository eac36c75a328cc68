"""What the care record knows that playbooks may ask about."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.care_plan_rows import plan_counts
from ccm_flow.adapters.db.conflict_facts import count_conflicts
from ccm_flow.adapters.db.consents import consent_in_force
from ccm_flow.adapters.db.note_facts import unsigned_notes
from ccm_flow.adapters.db.patient_edit_store import edits_of
from ccm_flow.adapters.db.patient_rows import stored_record
from ccm_flow.adapters.db.rationales import latest_rationale
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    EncounterRow,
    EnrollmentRow,
    PatientRow,
)
from ccm_flow.adapters.db.time_counting import judge_minutes
from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.app.candidates import judge_record
from ccm_flow.app.statuses import PatientField
from ccm_flow.core.eligibility import VISIT_KINDS, VISIT_LOOK_BACK
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import EnrollmentId, PatientId
from ccm_flow.core.minutes import Counted
from ccm_flow.core.month import Month
from ccm_flow.core.patient_facts import RiskTier

HIGH_RISK_GROUPS: Final = 4
"""From so many active condition groups on, a patient counts as high risk until a person says."""


def gather_facts(session: Session, enrollment: EnrollmentId, month: Month, now: datetime) -> Facts:
    """Collect the facts of one enrollment for a month, as of now."""
    row = session.get_one(EnrollmentRow, enrollment)
    patient = session.get_one(PatientRow, row.patient_id)
    zone = ZoneInfo(session.get_one(ClinicRow, row.clinic_id).time_zone)
    edited = _edited(session, patient.id)
    today = now.astimezone(zone).date()
    groups, covered, language = _from_import(session, patient.id, patient.content_hash, today)
    counted = _minutes(session, enrollment, month)
    return {
        "minutes": counted.minutes,
        "practitioner_minutes": counted.practitioner_minutes,
        "unsigned_notes": unsigned_notes(session, enrollment, month),
        "consent": consent_in_force(session, enrollment, month) is not None,
        "care_plan": plan_counts(session, enrollment, today, zone),
        "initiating_visit": _visited(session, row, now),
        "conditions": groups,
        "coverage": covered,
        "conflicts": count_conflicts(session, row, month),
        "risk": _risk(session, patient.id, groups),
        "language": _short(edited.get(PatientField.LANGUAGE) or language) or "en",
        "preferred_channel": edited.get(PatientField.PREFERRED_CHANNEL) or "any",
    }


def _edited(session: Session, patient: PatientId) -> dict[PatientField, str]:
    """Give what people of the clinic say about a patient, the latest word for each field."""
    latest = {edit.field: edit.value for edit in edits_of(session, patient)}
    return {field: value for field, value in latest.items() if isinstance(value, str)}


def _short(language: str) -> str:
    """Give the language of a tag without its country: playbooks ask for `es`, not `es-MX`."""
    return language.partition("-")[0].lower()


def _risk(session: Session, patient: PatientId, groups: int) -> str:
    """Give the tier the practitioner stated; until then many conditions make it high."""
    stated = latest_rationale(session, patient)
    if stated is not None:
        return stated.tier.value
    return RiskTier.HIGH if groups >= HIGH_RISK_GROUPS else RiskTier.STANDARD


def _minutes(session: Session, enrollment: EnrollmentId, month: Month) -> Counted:
    """Judge the month's entries (`core.minutes` has the rules)."""
    found = judge_minutes(session, month, col(EnrollmentRow.id) == enrollment)
    return found[enrollment].counted if found else Counted()


def _visited(session: Session, enrollment: EnrollmentRow, now: datetime) -> bool:
    """Tell whether the patient was seen in the year before enrolling, or for this program."""
    if enrollment.initiating_visit_at is not None:
        return True
    since = min(enrollment.created_at, now) - VISIT_LOOK_BACK
    visit = select(EncounterRow.id).where(
        EncounterRow.patient_id == enrollment.patient_id,
        col(EncounterRow.kind).in_(VISIT_KINDS),
        col(EncounterRow.starts_at) >= since,
        col(EncounterRow.starts_at) <= now,
    )
    return session.exec(visit).first() is not None


_imported: dict[tuple[str, str, date], tuple[int, bool, str]] = {}


def _from_import(
    session: Session, patient: PatientId, content_hash: str, on: date
) -> tuple[int, bool, str]:
    """Give condition groups, Part B and language; judged once a day for each imported content."""
    key = (patient, content_hash, on)
    known = _imported.get(key)
    if known is not None:
        return known
    record = stored_record(session, patient)
    verdict = judge_record(record, load_condition_groups(), on)
    groups = len(verdict.groups)
    if len(_imported) > 20_000:
        _imported.clear()
    _imported[key] = (groups, verdict.coverage is not None, record.language)
    return _imported[key]
