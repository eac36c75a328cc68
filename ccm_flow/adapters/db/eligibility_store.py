"""What eligibility is judged on, and the verdicts that are kept, in the database."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.happening_reach import not_voided
from ccm_flow.adapters.db.once import once
from ccm_flow.adapters.db.own_practitioners import own_practitioners, who_billed
from ccm_flow.adapters.db.patient_rows import patient_records
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.tables import (
    EligibilityReviewRow,
    EnrollmentRow,
    HappeningRow,
    PatientRow,
    RiskRationaleRow,
    ServiceRow,
)
from ccm_flow.app.candidates import StaffKnowledge
from ccm_flow.app.eligible import Review
from ccm_flow.app.records import PatientRecord
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.happening import HappeningKind
from ccm_flow.core.ids import ClinicId, PatientId
from ccm_flow.core.month import Month
from ccm_flow.core.patient_facts import RationaleFact, ServiceFact


class SqlEligibilityStore:
    """Implements `ccm_flow.app.eligible.EligibilityStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._patients = SqlPatientStore(engine)

    def records(self, clinic: ClinicId) -> Iterator[tuple[PatientId, PatientRecord]]:
        """Give every patient of a clinic, ordered by name."""
        return self._patients.records(clinic)

    def some(
        self, clinic: ClinicId, patients: Collection[PatientId]
    ) -> Sequence[tuple[PatientId, PatientRecord]]:
        """Give those of some patients who are the clinic's, ordered by name."""
        which = (col(PatientRow.clinic_id) == clinic) & col(PatientRow.id).in_(patients)
        with reading(self._engine) as session:
            return patient_records(session, which)

    def known(self, clinic: ClinicId) -> Mapping[PatientId, StaffKnowledge]:
        """Give services, the latest rationale, the recorded visit and a death told of anybody."""
        with reading(self._engine) as session:
            services = _services(session, clinic)
            rationales = _rationales(session, clinic)
            visits = _visits(session, clinic)
            deaths = _deaths(session, clinic)
        return {
            patient: StaffKnowledge(
                tuple(services.get(patient, ())),
                rationales.get(patient),
                visits.get(patient),
                deaths.get(patient),
            )
            for patient in {*services, *rationales, *visits, *deaths}
        }

    def statuses(self, clinic: ClinicId) -> Mapping[PatientId, EnrollmentStatus]:
        """Tell how far those are who were enrolled; the newest enrollment counts."""
        query = select(EnrollmentRow.patient_id, EnrollmentRow.status).where(
            EnrollmentRow.clinic_id == clinic
        )
        with reading(self._engine) as session:
            rows = session.exec(query.order_by(col(EnrollmentRow.created_at)))
            return {PatientId(patient): EnrollmentStatus(status) for patient, status in rows}

    def not_reviewed(self, clinic: ClinicId, month: Month) -> Sequence[PatientId]:
        """List the patients without a verdict for a month who were alive before it."""
        reviewed = select(EligibilityReviewRow.patient_id).where(
            EligibilityReviewRow.clinic_id == clinic, EligibilityReviewRow.month == month
        )
        query = select(PatientRow.id).where(
            PatientRow.clinic_id == clinic,
            col(PatientRow.deceased_at).is_(None),
            col(PatientRow.id).not_in(reviewed),
        )
        with reading(self._engine) as session:
            return [PatientId(patient) for patient in session.exec(query)]

    def keep(self, clinic: ClinicId, month: Month, reviews: Sequence[Review], now: datetime) -> int:
        """Keep verdicts, each patient's once for the month; returns how many were new."""
        with writing(self._engine) as session:
            there = set(
                session.exec(
                    select(EligibilityReviewRow.patient_id).where(
                        EligibilityReviewRow.clinic_id == clinic,
                        EligibilityReviewRow.month == month,
                    )
                )
            )
            new = [_row(clinic, month, one, now) for one in reviews if one.patient not in there]
            session.add_all(new)
            return len(new)

    def eligible_before(self, clinic: ClinicId, month: Month) -> Mapping[PatientId, bool]:
        """Give each patient's latest verdict of an earlier month."""
        query = (
            select(EligibilityReviewRow.patient_id, EligibilityReviewRow.eligible)
            .where(
                EligibilityReviewRow.clinic_id == clinic,
                col(EligibilityReviewRow.month) < month,
            )
            .order_by(col(EligibilityReviewRow.month))
        )
        with reading(self._engine) as session:
            return {PatientId(patient): eligible for patient, eligible in session.exec(query)}


def _row(clinic: ClinicId, month: Month, review: Review, now: datetime) -> EligibilityReviewRow:
    verdict = review.verdict
    return EligibilityReviewRow(
        id=once("review", f"{review.patient}/{month}"),
        clinic_id=clinic,
        patient_id=review.patient,
        month=month,
        judged_on=verdict.on,
        eligible=verdict.is_candidate,
        reasons=[reason.value for reason in verdict.reasons],
        needs=[need.value for need in verdict.needs],
        groups=list(verdict.groups),
        evidence=[dict(row) for row in review.evidence],
        written_at=now,
    )


def _services(session: Session, clinic: ClinicId) -> dict[PatientId, list[ServiceFact]]:
    own = own_practitioners(session, clinic)
    rows = session.exec(
        select(ServiceRow)
        .join(PatientRow, col(PatientRow.id) == col(ServiceRow.patient_id))
        .where(PatientRow.clinic_id == clinic)
        .order_by(col(ServiceRow.starts_on), col(ServiceRow.id))
    ).all()
    taken_back = {row.voids for row in rows}
    found: dict[PatientId, list[ServiceFact]] = {}
    for row in rows:
        if row.voids is None and row.id not in taken_back:
            fact = ServiceFact(
                code=row.code,
                starts_on=row.starts_on,
                ends_on=row.ends_on,
                practitioner=row.practitioner,
                own=who_billed(own, row.practitioner) in own.values(),
                source=f"{row.origin.value}: service {row.source_id or row.id}",
            )
            found.setdefault(row.patient_id, []).append(fact)
    return found


def _rationales(session: Session, clinic: ClinicId) -> dict[PatientId, RationaleFact]:
    query = (
        select(RiskRationaleRow)
        .join(PatientRow, col(PatientRow.id) == col(RiskRationaleRow.patient_id))
        .where(PatientRow.clinic_id == clinic)
        .order_by(col(RiskRationaleRow.at), col(RiskRationaleRow.id))
    )
    return {
        row.patient_id: RationaleFact(row.text, row.tier, row.at.date(), row.by)
        for row in session.exec(query)
    }


def _visits(session: Session, clinic: ClinicId) -> dict[PatientId, datetime]:
    query = select(EnrollmentRow.patient_id, EnrollmentRow.initiating_visit_at).where(
        EnrollmentRow.clinic_id == clinic, col(EnrollmentRow.initiating_visit_at).is_not(None)
    )
    return {PatientId(patient): at for patient, at in session.exec(query) if at is not None}


def _deaths(session: Session, clinic: ClinicId) -> dict[PatientId, datetime]:
    """Give the deaths that somebody told and nobody took back, also of people never enrolled."""
    query = (
        select(HappeningRow)
        .where(
            HappeningRow.clinic_id == clinic,
            HappeningRow.kind == HappeningKind.DEATH,
            not_voided(),
        )
        .order_by(col(HappeningRow.received_at).desc())
    )
    return {row.patient_id: row.at for row in session.exec(query)}
