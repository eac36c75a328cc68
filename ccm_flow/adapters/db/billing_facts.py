"""Everything that billing one enrollment's month depends on, from the record."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.billing_consent import consent_fact
from ccm_flow.adapters.db.billing_services import services_around
from ccm_flow.adapters.db.billing_statements import stated_in
from ccm_flow.adapters.db.billing_steps import decisions_of, discharges_of
from ccm_flow.adapters.db.consents import practitioner_changes
from ccm_flow.adapters.db.counted_time import time_facts
from ccm_flow.adapters.db.own_practitioners import PRACTITIONER
from ccm_flow.adapters.db.tables import (
    CarePlanRow,
    CarePlanShareRow,
    CareTeamMemberRow,
    ClinicRow,
    CoverageRow,
    EncounterRow,
    EnrollmentRow,
    PersonRow,
)
from ccm_flow.core.billing.model import (
    BillingFacts,
    CarePlanFact,
    Place,
    Practitioner,
    PractitionerKind,
    ProgramId,
)
from ccm_flow.core.credentials import Credential
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import EnrollmentId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.patient_facts import CoverageKind

NOBODY: Final = PersonId("nobody")
"""Stands for a billing practitioner whom nobody has named."""
_VISIT_KINDS: Final = ("ambulatory", "home", "virtual")
_KINDS: Final = {
    Credential.NP: PractitionerKind.NURSE_PRACTITIONER,
    Credential.PA: PractitionerKind.PHYSICIAN_ASSISTANT,
    Credential.CNS: PractitionerKind.CLINICAL_NURSE_SPECIALIST,
    Credential.CNM: PractitionerKind.NURSE_MIDWIFE,
}
_QMB: Final = re.compile(r"\bQMB\b|qualified medicare beneficiary", re.IGNORECASE)
_QMB_KINDS: Final = (CoverageKind.DUAL, CoverageKind.MEDICAID)


def billing_facts(
    session: Session, enrollment: EnrollmentId, month: Month, live: Facts
) -> BillingFacts:
    """Collect a month's billing facts; `live` are the facts that playbooks ask about."""
    row = session.get_one(EnrollmentRow, enrollment)
    clinic = session.get_one(ClinicRow, row.clinic_id)
    zone = ZoneInfo(clinic.time_zone)
    practitioner = practitioner_of(session, row, month)
    stated = stated_in(session, enrollment, month)
    discharges = discharges_of(session, enrollment, month, zone)
    once = {act.code for act in stated.performed}
    return BillingFacts(
        month=month,
        programs=frozenset({ProgramId(row.program), *discharges.values()}),
        practitioner=Practitioner(practitioner, _kind(session, practitioner)),
        enrolled_on=(row.activated_at or row.created_at).astimezone(zone).date(),
        consent=consent_fact(session, row, month, practitioner, zone),
        care_plan=_care_plan(session, enrollment, month, zone),
        time=time_facts(session, row, month, zone),
        decision_making=stated.decision_making or decisions_of(session, enrollment, month),
        condition_groups=int(live["conditions"]),
        qmb=_insured_as_qmb(session, row, month) if stated.qmb is None else stated.qmb,
        initiating_visit_on=_visit(session, row, zone),
        services=services_around(session, row, month, once),
        performed=stated.performed,
        discharges=tuple(discharges),
        device=stated.device,
        attested=stated.attested,
        place=clinic.billing_place or Place.OFFICE,
        locality=clinic.billing_locality,
        place_of_service=clinic.place_of_service,
    )


def practitioner_of(session: Session, row: EnrollmentRow, month: Month) -> PersonId:
    """Give who bills at a month's end: the one named, else whoever has the role."""
    named = row.practitioner_id
    for change in reversed(practitioner_changes(session, row)):
        if change.on > month.last_day:
            named = change.before
    if named is not None:
        return named
    member = session.get(CareTeamMemberRow, (row.id, PRACTITIONER))
    return NOBODY if member is None else member.person_id


def _kind(session: Session, practitioner: PersonId) -> PractitionerKind:
    """Say who bills, by the credential in the clinic's file; a physician when it gives none."""
    person = session.get(PersonRow, practitioner)
    if person is None or person.credential is None:
        return PractitionerKind.PHYSICIAN
    return _KINDS.get(person.credential, PractitionerKind.PHYSICIAN)


def _insured_as_qmb(session: Session, row: EnrollmentRow, month: Month) -> bool:
    """Tell whether an insurance of the month is named as that of a qualified beneficiary."""
    query = select(CoverageRow).where(
        CoverageRow.patient_id == row.patient_id, col(CoverageRow.kind).in_(_QMB_KINDS)
    )
    return any(
        _QMB.search(coverage.payer) is not None
        and (coverage.starts_on is None or coverage.starts_on <= month.last_day)
        and (coverage.ends_on is None or coverage.ends_on >= month.first_day)
        for coverage in session.exec(query)
    )


def _care_plan(
    session: Session, enrollment: EnrollmentId, month: Month, zone: ZoneInfo
) -> CarePlanFact | None:
    """Give what there was of the care plan by the end of the month."""
    written = session.exec(
        select(CarePlanRow.written_at).where(CarePlanRow.enrollment_id == enrollment)
    )
    versions = _days(written, month, zone)
    if not versions:
        return None
    given = session.exec(
        select(CarePlanShareRow.at)
        .join(CarePlanRow, col(CarePlanRow.id) == col(CarePlanShareRow.care_plan_id))
        .where(CarePlanRow.enrollment_id == enrollment)
    )
    shared = _days(given, month, zone)
    return CarePlanFact(
        established_on=versions[0],
        shared_on=shared[0] if shared else None,
        revised_on=versions[-1] if len(versions) > 1 else None,
    )


def _days(instants: Iterable[datetime], month: Month, zone: ZoneInfo) -> list[date]:
    days = sorted(instant.astimezone(zone).date() for instant in instants)
    return [day for day in days if day <= month.last_day]


def _visit(session: Session, row: EnrollmentRow, zone: ZoneInfo) -> date | None:
    """Give the latest visit that may start the program: recorded by staff, or imported."""
    if row.initiating_visit_at is not None:
        return row.initiating_visit_at.astimezone(zone).date()
    visit = session.exec(
        select(EncounterRow.starts_at)
        .where(
            EncounterRow.patient_id == row.patient_id,
            col(EncounterRow.kind).in_(_VISIT_KINDS),
            col(EncounterRow.starts_at) <= row.created_at,
        )
        .order_by(col(EncounterRow.starts_at).desc())
    ).first()
    return None if visit is None else visit.astimezone(zone).date()
