"""Puts the evidence packet of a patient's month together from the record."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import col, select

from ccm_flow.adapters.db.billing_facts import practitioner_of
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.name_search import Names
from ccm_flow.adapters.db.packet_evidence import (
    care_plan_of,
    consents_of,
    contacts_of,
    notes_of,
)
from ccm_flow.adapters.db.packet_ledger import ledger_of
from ccm_flow.adapters.db.packet_people import PeopleOfRecord
from ccm_flow.adapters.db.packet_time import time_of
from ccm_flow.adapters.db.patient_rows import patient_record
from ccm_flow.adapters.db.rationales import latest_rationale
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    CycleRow,
    EnrollmentRow,
    PatientRow,
    RiskRationaleRow,
)
from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.app.candidates import judge_record
from ccm_flow.app.packet import (
    FORMAT,
    Packet,
    PacketClinic,
    PacketCodes,
    PacketCondition,
    PacketEligibility,
    PacketPatient,
)
from ccm_flow.app.packet_seal import need_in_words
from ccm_flow.app.records import CoverageRecord, PatientRecord
from ccm_flow.app.statuses import TimeSource
from ccm_flow.core.ids import ClinicId, EnrollmentId
from ccm_flow.core.month import Month
from ccm_flow.core.patient_facts import CodeSystem, CoverageFact
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.verdict import Eligibility, Evidence


class SqlPacketRecord:
    """Implements `ccm_flow.app.packet.PacketRecord`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def packet(
        self, enrollment: EnrollmentId, month: Month, codes: PacketCodes, *, demo: bool
    ) -> Packet:
        """Put a patient's month together."""
        with reading(self._engine) as session:
            row = session.get_one(EnrollmentRow, enrollment)
            clinic = session.get_one(ClinicRow, row.clinic_id)
            zone = ZoneInfo(clinic.time_zone)
            people = PeopleOfRecord(session)
            record = patient_record(session, row.patient_id)
            verdict = judge_record(record, load_condition_groups(), month.last_day, zone=zone)
            patient = _patient(record, verdict.coverage, month)
            practitioner = people.signer(practitioner_of(session, row, month))
            rationale = latest_rationale(session, row.patient_id)
            eligibility = _eligibility(row, verdict, rationale, zone, people)
            entries, counted = time_of(session, row, month, people)
            simulated = any(entry.source == TimeSource.SIMULATED for entry in entries)
            return Packet(
                format=FORMAT,
                demo=demo or simulated,
                month=month,
                program=row.program,
                clinic=PacketClinic(clinic.name, clinic.time_zone),
                patient=patient,
                practitioner=practitioner,
                need=need_in_words(patient, eligibility, practitioner, month),
                eligibility=eligibility,
                care_plan=care_plan_of(session, enrollment, month, zone, people),
                consents=consents_of(session, enrollment, people),
                contacts=contacts_of(session, enrollment, month, people),
                time=entries,
                counted_seconds=counted,
                notes=notes_of(session, enrollment, month, people),
                codes=codes,
                ledger=ledger_of(session, enrollment, month, people),
            )

    def enrollments(self, clinic: ClinicId, month: Month) -> Sequence[EnrollmentId]:
        """List the patients who have the month, by name."""
        query = (
            select(CycleRow.enrollment_id)
            .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
            .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
            .where(
                CycleRow.clinic_id == clinic,
                CycleRow.month == month,
                CycleRow.kind == PlaybookKind.MONTHLY,
            )
        )
        with reading(self._engine) as session:
            ordered = query.order_by(*Names(session, clinic).order(), col(CycleRow.id))
            return [EnrollmentId(one) for one in session.exec(ordered)]


def _patient(record: PatientRecord, coverage: CoverageFact | None, month: Month) -> PacketPatient:
    insured = _insurance(record, month.last_day)
    parts = (record.address.get(name) for name in ("line", "city", "state", "postal_code"))
    return PacketPatient(
        name=" ".join(part for part in (record.given_name, record.family_name) if part),
        mrn=record.mrn,
        birth_date=record.birth_date,
        sex=record.sex,
        phone=record.phone,
        address=", ".join(part for part in parts if part),
        payer=coverage.payer if coverage else insured.payer if insured else "",
        member_id=insured.member_id if insured else None,
    )


def _insurance(record: PatientRecord, on: date) -> CoverageRecord | None:
    """Give the insurance of a day, one with a member id before others."""
    current = [
        one
        for one in record.coverages
        if (one.starts_on is None or one.starts_on <= on)
        and (one.ends_on is None or on <= one.ends_on)
    ]
    return max(
        current,
        key=lambda one: (one.member_id is not None, one.starts_on or date.min, one.source_id),
        default=None,
    )


def _eligibility(
    row: EnrollmentRow,
    verdict: Eligibility,
    rationale: RiskRationaleRow | None,
    zone: ZoneInfo,
    people: PeopleOfRecord,
) -> PacketEligibility:
    coverage = verdict.coverage
    visit = row.initiating_visit_at
    return PacketEligibility(
        conditions=tuple(_condition(one) for one in verdict.evidence),
        risk_rationale=rationale.text if rationale else None,
        risk_by=people.name(rationale.by) if rationale else None,
        risk_at=rationale.at if rationale else None,
        coverage=f"{coverage.payer} ({coverage.kind.value.replace('_', ' ')})"
        if coverage
        else "no Medicare Part B on file",
        coverage_from=coverage.starts_on if coverage else None,
        coverage_until=coverage.ends_on if coverage else None,
        initiating_visit=visit.astimezone(zone).date() if visit else verdict.last_visit_on,
    )


def _condition(one: Evidence) -> PacketCondition:
    return PacketCondition(
        group=one.group_title,
        code_system=one.system.value,
        code=one.code,
        display=one.display,
        icd10=one.code if one.system is CodeSystem.ICD10 else None,
        since=one.onset_on,
    )
