"""The month's verdicts about who may be offered the program, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.name_search import Names
from ccm_flow.adapters.db.tables import EligibilityReviewRow, EnrollmentRow, PatientRow
from ccm_flow.adapters.db.views_names import patient_name
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.ids import ClinicId, EnrollmentId, PatientId
from ccm_flow.core.month import Month

PAGE: Final = 50


class Verdict(StrEnum):
    """Which verdicts a list shows."""

    WAITING = "waiting"
    """Eligible, and never enrolled."""
    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One patient with the verdict of the month."""

    patient: PatientId
    patient_name: str
    mrn: str
    birth_year: int | None
    eligible: bool
    judged_on: date
    groups: tuple[str, ...]
    reasons: tuple[str, ...]
    needs: tuple[str, ...]
    evidence: tuple[Mapping[str, Any], ...]
    enrollment: EnrollmentId | None
    status: EnrollmentStatus | None


@dataclass(frozen=True, slots=True)
class CandidateList:
    """A page of the verdicts of a month."""

    month: Month
    rows: tuple[Candidate, ...]
    found: int
    page: int
    not_judged: int
    """Living patients without a verdict for the month."""

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.found // PAGE))


def candidate_list(
    engine: Engine, clinic: ClinicId, month: Month, verdict: Verdict, *, text: str, page: int
) -> CandidateList:
    """List verdicts, the eligible first, then by name; in a fixed number of queries."""
    which = [_here(clinic, month), *_fitting(clinic, verdict)]
    with reading(engine) as session:
        names = Names(session, clinic)
        which += [names.fits(word) for word in text.split()]
        counted = select(func.count()).select_from(EligibilityReviewRow).join(PatientRow, _JOINED)
        found = session.exec(counted.where(*which)).one()
        shown = min(max(1, page), max(1, -(-found // PAGE)))
        query = (
            select(EligibilityReviewRow, PatientRow)
            .join(PatientRow, _JOINED)
            .where(*which)
            .order_by(
                col(EligibilityReviewRow.eligible).desc(),
                *names.order(),
                col(PatientRow.id),
            )
            .limit(PAGE)
            .offset((shown - 1) * PAGE)
        )
        rows = list(session.exec(query))
        enrolled = _enrolled(session, clinic, [patient.id for _, patient in rows])
        return CandidateList(
            month=month,
            rows=tuple(_candidate(review, who, enrolled.get(who.id)) for review, who in rows),
            found=found,
            page=shown,
            not_judged=_not_judged(session, clinic, month),
        )


def candidate(
    engine: Engine, clinic: ClinicId, month: Month, patient: PatientId
) -> Candidate | None:
    """Give one patient's verdict of a month; None when the clinic has none."""
    query = (
        select(EligibilityReviewRow, PatientRow)
        .join(PatientRow, _JOINED)
        .where(_here(clinic, month), PatientRow.id == patient)
    )
    with reading(engine) as session:
        found = session.exec(query).first()
        if found is None:
            return None
        enrolled = _enrolled(session, clinic, [patient])
        return _candidate(found[0], found[1], enrolled.get(patient))


_JOINED: Final = col(PatientRow.id) == col(EligibilityReviewRow.patient_id)


def _here(clinic: ClinicId, month: Month) -> ColumnElement[bool]:
    here = col(EligibilityReviewRow.clinic_id) == clinic
    return here & (col(EligibilityReviewRow.month) == month)


def _fitting(clinic: ClinicId, verdict: Verdict) -> list[ColumnElement[bool]]:
    eligible = col(EligibilityReviewRow.eligible)
    match verdict:
        case Verdict.WAITING:
            enrolled = select(EnrollmentRow.patient_id).where(EnrollmentRow.clinic_id == clinic)
            return [eligible.is_(True), col(PatientRow.id).not_in(enrolled)]
        case Verdict.ELIGIBLE:
            return [eligible.is_(True)]
        case Verdict.NOT_ELIGIBLE:
            return [eligible.is_(False)]
        case Verdict.ALL:
            return []


def _enrolled(
    session: Session, clinic: ClinicId, patients: list[PatientId]
) -> dict[PatientId, tuple[EnrollmentId, EnrollmentStatus]]:
    query = (
        select(EnrollmentRow.patient_id, EnrollmentRow.id, EnrollmentRow.status)
        .where(EnrollmentRow.clinic_id == clinic, col(EnrollmentRow.patient_id).in_(patients))
        .order_by(col(EnrollmentRow.created_at))
    )
    return {
        PatientId(patient): (EnrollmentId(id_), EnrollmentStatus(status))
        for patient, id_, status in session.exec(query)
    }


def _not_judged(session: Session, clinic: ClinicId, month: Month) -> int:
    judged = select(EligibilityReviewRow.patient_id).where(_here(clinic, month))
    query = (
        select(func.count())
        .select_from(PatientRow)
        .where(
            PatientRow.clinic_id == clinic,
            col(PatientRow.deceased_at).is_(None),
            col(PatientRow.id).not_in(judged),
        )
    )
    return session.exec(query).one()


def _candidate(
    review: EligibilityReviewRow,
    patient: PatientRow,
    enrolled: tuple[EnrollmentId, EnrollmentStatus] | None,
) -> Candidate:
    return Candidate(
        patient=patient.id,
        patient_name=patient_name(patient),
        mrn=patient.mrn,
        birth_year=patient.birth_date.year if patient.birth_date else None,
        eligible=review.eligible,
        judged_on=review.judged_on,
        groups=tuple(review.groups),
        reasons=tuple(review.reasons),
        needs=tuple(review.needs),
        evidence=tuple(review.evidence),
        enrollment=enrolled[0] if enrolled else None,
        status=enrolled[1] if enrolled else None,
    )
