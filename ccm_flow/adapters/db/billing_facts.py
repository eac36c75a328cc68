"""Everything that billing one enrollment's month depends on, from the record."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.billing_consent import consent_fact
from ccm_flow.adapters.db.billing_services import services_around
from ccm_flow.adapters.db.billing_statements import stated_in
from ccm_flow.adapters.db.billing_steps import decisions_of, discharges_of
from ccm_flow.adapters.db.consents import answers_where, changes_where, consents_in_force
from ccm_flow.adapters.db.counted_time import time_facts
from ccm_flow.adapters.db.own_practitioners import PRACTITIONER
from ccm_flow.adapters.db.tables import (
    CarePlanRow,
    CarePlanShareRow,
    CareTeamMemberRow,
    ClinicRow,
    ConsentRow,
    CoverageRow,
    EncounterRow,
    EnrollmentRow,
    PersonRow,
)
from ccm_flow.adapters.db.time_counting import CountedMonth, count_minutes
from ccm_flow.core.billing.model import (
    BillingFacts,
    CarePlanFact,
    DecisionMaking,
    Discharge,
    Place,
    Practitioner,
    PractitionerKind,
    ProgramId,
    Service,
)
from ccm_flow.core.billing.stated import Stated
from ccm_flow.core.consent import InForce
from ccm_flow.core.credentials import Credential
from ccm_flow.core.eligibility import VISIT_KINDS
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import EnrollmentId, PatientId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.patient_facts import CoverageKind

NOBODY: Final = PersonId("nobody")
"""Stands for a billing practitioner whom nobody has named."""
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
    """
    Collect a month's billing facts; `live` are the facts that playbooks ask about.

    Raises:
        KeyError: there is no such enrollment.
    """
    return all_billing_facts(session, {enrollment: live}, month)[enrollment]


def all_billing_facts(
    session: Session, live: Mapping[EnrollmentId, Facts], month: Month
) -> dict[EnrollmentId, BillingFacts]:
    """Do the same for several enrollments; the queries are as many for one as for all."""
    scope = col(EnrollmentRow.id).in_(live)
    found = session.exec(
        select(EnrollmentRow, ClinicRow)
        .join(ClinicRow, col(ClinicRow.id) == col(EnrollmentRow.clinic_id))
        .where(scope)
    ).all()
    read = _Read.of(session, scope, [row for row, _ in found], month)
    return {row.id: _facts(read, row, clinic, month, live[row.id]) for row, clinic in found}


@dataclass(frozen=True)
class _Read:
    """What was read about everybody."""

    practitioners: Mapping[EnrollmentId, PersonId]
    kinds: Mapping[PersonId, PractitionerKind]
    stated: Mapping[EnrollmentId, Stated]
    discharges: Mapping[EnrollmentId, Mapping[Discharge, ProgramId]]
    given: Mapping[EnrollmentId, InForce]
    answers: Mapping[EnrollmentId, list[ConsentRow]]
    plans: Mapping[EnrollmentId, list[datetime]]
    shares: Mapping[EnrollmentId, list[datetime]]
    counted: Mapping[EnrollmentId, CountedMonth]
    decisions: Mapping[EnrollmentId, DecisionMaking | None]
    qmb: Collection[PatientId]
    visits: Mapping[EnrollmentId, datetime]
    services: Mapping[EnrollmentId, tuple[Service, ...]]

    @classmethod
    def of(
        cls,
        session: Session,
        scope: ColumnElement[bool],
        rows: Collection[EnrollmentRow],
        month: Month,
    ) -> "_Read":
        practitioners = _practitioners(session, scope, rows, month)
        stated = stated_in(session, scope, month)
        once = {id_: {act.code for act in one.performed} for id_, one in stated.items()}
        given = consents_in_force(session, scope, month)
        return cls(
            practitioners=practitioners,
            kinds=_kinds(session, set(practitioners.values())),
            stated=stated,
            discharges=discharges_of(session, scope, month),
            given=given,
            answers=answers_where(session, scope),
            plans=_plans(session, scope),
            shares=_shares(session, scope),
            counted=count_minutes(session, month, scope, given),
            decisions=decisions_of(session, scope, month),
            qmb=_insured_as_qmb(session, scope, month),
            visits=_visits(session, scope),
            services=services_around(session, rows, month, once),
        )


def _facts(
    read: _Read, row: EnrollmentRow, clinic: ClinicRow, month: Month, live: Facts
) -> BillingFacts:
    zone = ZoneInfo(clinic.time_zone)
    practitioner = read.practitioners[row.id]
    stated = read.stated.get(row.id) or Stated()
    discharges = read.discharges.get(row.id, {})
    consent = consent_fact(read.given.get(row.id), read.answers.get(row.id, []), practitioner, zone)
    visit_at = row.initiating_visit_at or read.visits.get(row.id)
    return BillingFacts(
        month=month,
        programs=frozenset({ProgramId(row.program), *discharges.values()}),
        practitioner=Practitioner(
            practitioner, read.kinds.get(practitioner, PractitionerKind.PHYSICIAN)
        ),
        enrolled_on=(row.activated_at or row.created_at).astimezone(zone).date(),
        consent=consent,
        care_plan=_care_plan(read, row.id, month, zone),
        time=time_facts(read.counted.get(row.id), zone),
        decision_making=stated.decision_making or read.decisions.get(row.id),
        condition_groups=int(live["conditions"]),
        qmb=row.patient_id in read.qmb if stated.qmb is None else stated.qmb,
        initiating_visit_on=visit_at.astimezone(zone).date() if visit_at else None,
        services=read.services[row.id],
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
    return _practitioners(session, col(EnrollmentRow.id) == row.id, [row], month)[row.id]


def _practitioners(
    session: Session, scope: ColumnElement[bool], rows: Collection[EnrollmentRow], month: Month
) -> dict[EnrollmentId, PersonId]:
    changes = changes_where(session, scope)
    members = session.exec(
        select(CareTeamMemberRow.enrollment_id, CareTeamMemberRow.person_id)
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CareTeamMemberRow.enrollment_id))
        .where(scope, CareTeamMemberRow.role == PRACTITIONER)
    )
    in_role = {EnrollmentId(id_): PersonId(person) for id_, person in members}
    found = {}
    for row in rows:
        named = row.practitioner_id
        for change in reversed(changes.get(row.id, [])):
            if change.on > month.last_day:
                named = change.before
        found[row.id] = named if named is not None else in_role.get(row.id, NOBODY)
    return found


def _kinds(session: Session, people: Collection[PersonId]) -> dict[PersonId, PractitionerKind]:
    """Say who bills, by the credential in the clinic's file; a physician when it gives none."""
    rows = session.exec(
        select(PersonRow.id, PersonRow.credential).where(col(PersonRow.id).in_(people))
    )
    return {
        PersonId(id_): _KINDS.get(Credential(credential), PractitionerKind.PHYSICIAN)
        for id_, credential in rows
        if credential is not None
    }


def _insured_as_qmb(session: Session, scope: ColumnElement[bool], month: Month) -> set[PatientId]:
    """Give the patients of whom an insurance of the month is that of a qualified beneficiary."""
    query = (
        select(CoverageRow)
        .join(EnrollmentRow, col(EnrollmentRow.patient_id) == col(CoverageRow.patient_id))
        .where(scope, col(CoverageRow.kind).in_(_QMB_KINDS))
    )
    return {
        coverage.patient_id
        for coverage in session.exec(query)
        if _QMB.search(coverage.payer) is not None
        and (coverage.starts_on is None or coverage.starts_on <= month.last_day)
        and (coverage.ends_on is None or coverage.ends_on >= month.first_day)
    }


def _plans(session: Session, scope: ColumnElement[bool]) -> dict[EnrollmentId, list[datetime]]:
    """Give when the versions of care plans were written."""
    return _instants(
        session.exec(
            select(CarePlanRow.enrollment_id, CarePlanRow.written_at)
            .join(EnrollmentRow, col(EnrollmentRow.id) == col(CarePlanRow.enrollment_id))
            .where(scope)
        )
    )


def _shares(session: Session, scope: ColumnElement[bool]) -> dict[EnrollmentId, list[datetime]]:
    """Give when care plans were shared."""
    return _instants(
        session.exec(
            select(CarePlanRow.enrollment_id, CarePlanShareRow.at)
            .join(CarePlanShareRow, col(CarePlanShareRow.care_plan_id) == col(CarePlanRow.id))
            .join(EnrollmentRow, col(EnrollmentRow.id) == col(CarePlanRow.enrollment_id))
            .where(scope)
        )
    )


def _instants(rows: Iterable[tuple[str, datetime]]) -> dict[EnrollmentId, list[datetime]]:
    found: dict[EnrollmentId, list[datetime]] = defaultdict(list)
    for enrollment, at in rows:
        found[EnrollmentId(enrollment)].append(at)
    return found


def _care_plan(
    read: _Read, enrollment: EnrollmentId, month: Month, zone: ZoneInfo
) -> CarePlanFact | None:
    """Give what there was of the care plan by the end of the month."""
    versions = _days(read.plans.get(enrollment, ()), month, zone)
    if not versions:
        return None
    shared = _days(read.shares.get(enrollment, ()), month, zone)
    return CarePlanFact(
        established_on=versions[0],
        shared_on=shared[0] if shared else None,
        revised_on=versions[-1] if len(versions) > 1 else None,
    )


def _visits(session: Session, scope: ColumnElement[bool]) -> dict[EnrollmentId, datetime]:
    """Give the latest imported visit that may start the program, up to the enrollment."""
    query = (
        select(EnrollmentRow.id, func.max(EncounterRow.starts_at))
        .join(EncounterRow, col(EncounterRow.patient_id) == col(EnrollmentRow.patient_id))
        .where(
            scope,
            col(EncounterRow.kind).in_(VISIT_KINDS),
            col(EncounterRow.starts_at) <= col(EnrollmentRow.created_at),
        )
        .group_by(col(EnrollmentRow.id))
    )
    return {EnrollmentId(id_): at for id_, at in session.exec(query) if at is not None}


def _days(instants: Iterable[datetime], month: Month, zone: ZoneInfo) -> list[date]:
    days = sorted(instant.astimezone(zone).date() for instant in instants)
    return [day for day in days if day <= month.last_day]
