"""Everything that billing one enrollment's month depends on, from the record."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.billing_text import read_facts, read_result
from ccm_flow.adapters.db.counted_time import time_facts
from ccm_flow.adapters.db.service_store import services_in_force
from ccm_flow.adapters.db.tables import (
    BillingLineRow,
    CarePlanRow,
    CarePlanShareRow,
    CareTeamMemberRow,
    ClinicRow,
    ConsentRow,
    EncounterRow,
    EnrollmentRow,
    LineActRow,
)
from ccm_flow.app.statuses import ConsentKind
from ccm_flow.core.billing.model import (
    BillingFacts,
    CarePlanFact,
    Code,
    ConsentFact,
    Practitioner,
    ProgramId,
    Service,
)
from ccm_flow.core.facts import Facts
from ccm_flow.core.handoff import LineAct
from ccm_flow.core.ids import EnrollmentId, PatientId, PersonId, RoleId
from ccm_flow.core.month import Month

PRACTITIONER: Final = RoleId("practitioner")
NOBODY: Final = PersonId("nobody")
"""Stands for a billing practitioner whom nobody has named."""
_AROUND: Final = timedelta(days=92)
"""How far before and after the month billed services are looked at."""
_VISIT_KINDS: Final = ("ambulatory", "home", "virtual")


def billing_facts(
    session: Session, enrollment: EnrollmentId, month: Month, live: Facts
) -> BillingFacts:
    """Collect a month's billing facts; `live` are the facts that playbooks ask about."""
    row = session.get_one(EnrollmentRow, enrollment)
    zone = ZoneInfo(session.get_one(ClinicRow, row.clinic_id).time_zone)
    practitioner = practitioner_of(session, row)
    return BillingFacts(
        month=month,
        programs=frozenset({ProgramId(row.program)}),
        practitioner=Practitioner(practitioner),
        enrolled_on=(row.activated_at or row.created_at).astimezone(zone).date(),
        consent=_consent(session, enrollment, practitioner, zone),
        care_plan=_care_plan(session, enrollment, month, zone),
        time=time_facts(session, row, month, zone),
        condition_groups=int(live["conditions"]),
        initiating_visit_on=_visit(session, row, zone),
        services=_services(session, row.patient_id, enrollment, month),
    )


def practitioner_of(session: Session, row: EnrollmentRow) -> PersonId:
    """Give the billing practitioner: the one named, else whoever has the role for the patient."""
    if row.practitioner_id is not None:
        return row.practitioner_id
    member = session.get(CareTeamMemberRow, (row.id, PRACTITIONER))
    return NOBODY if member is None else member.person_id


def _consent(
    session: Session, enrollment: EnrollmentId, practitioner: PersonId, zone: ZoneInfo
) -> ConsentFact | None:
    """Give the patient's latest answer; what was revoked was accepted until its last day."""
    answers = session.exec(
        select(ConsentRow)
        .where(ConsentRow.enrollment_id == enrollment)
        .order_by(col(ConsentRow.taken_at).desc())
    ).all()
    if not answers:
        return None
    latest = answers[0]
    accepted = next((one for one in answers if one.kind is ConsentKind.ACCEPTED), None)
    if latest.kind is ConsentKind.REVOKED and accepted is not None:
        taken_at = accepted.taken_at.astimezone(zone)
        bound = accepted.practitioner_id or practitioner
        return ConsentFact(True, taken_at, bound, latest.revoked_effective)
    is_accepted = latest.kind is ConsentKind.ACCEPTED
    bound = latest.practitioner_id or practitioner
    return ConsentFact(is_accepted, latest.taken_at.astimezone(zone), bound)


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


def _services(
    session: Session, patient: PatientId, enrollment: EnrollmentId, month: Month
) -> tuple[Service, ...]:
    """List what others billed around the month, and what was approved here for other months."""
    first, last = month.first_day - _AROUND, month.last_day + _AROUND
    found = [
        Service(Code(row.code), row.starts_on, PersonId(row.practitioner) or None)
        for row in services_in_force(session, patient)
        if first <= row.starts_on <= last
    ]
    return (*found, *_own_services(session, enrollment, month))


def _own_services(session: Session, enrollment: EnrollmentId, month: Month) -> list[Service]:
    query = (
        select(BillingLineRow)
        .join(LineActRow, col(LineActRow.line_id) == col(BillingLineRow.id))
        .where(
            BillingLineRow.enrollment_id == enrollment,
            BillingLineRow.month != month,
            LineActRow.act == LineAct.APPROVED,
        )
        .order_by(col(BillingLineRow.month), col(BillingLineRow.revision))
    )
    newest = {row.month: row for row in session.exec(query)}
    found = []
    for row in newest.values():
        practitioner = PersonId(read_facts(row.facts)["billing"]["practitioner"]["id"])
        found += [
            Service(line.code, line.on, practitioner) for line in read_result(row.result).lines
        ]
    return found
