"""One patient with a running month at a clinic, whose data no other clinic may ever see."""

import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, select

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.keep_alerts import keep
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.tables import (
    AccountRow,
    AlertRow,
    ClinicRow,
    CycleRow,
    DraftTextRow,
    EligibilityReviewRow,
    EnrollmentRow,
    HappeningRow,
    MessageRow,
    NoteRow,
    PatientRow,
    PersonRow,
    PlaybookDraftRow,
    StaffRoleRow,
    StepRow,
    TimeEntryRow,
)
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.statuses import EnrollmentStatus, TimeSource
from ccm_flow.cli.work.playbooks import good_plan
from ccm_flow.core.activities import Activity
from ccm_flow.core.alerts import AlertAct, AlertEvent, AlertKind
from ccm_flow.core.facts import DEFAULTS
from ccm_flow.core.happening import HappeningKind
from ccm_flow.core.ids import (
    ClinicId,
    CycleId,
    DraftId,
    EnrollmentId,
    HappeningId,
    PatientId,
    PersonId,
    RoleId,
    StepId,
    StepKey,
    cycle_id,
)
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.state import CycleStatus, StepStatus
from ccm_flow.core.words import Urgency

OPENED = datetime(2026, 12, 1, 14, tzinfo=UTC)
MONTH = Month(2026, 12)


@dataclass(frozen=True)
class Records:
    """The ids of one clinic's records, and the words by which its patient is told apart."""

    clinic: ClinicId
    patient: PatientId
    enrollment: EnrollmentId
    cycle: CycleId
    step: StepKey
    person: PersonId
    """On the staff beside those who sign in; has an account."""
    month: str
    note: str
    entry: str
    told: str
    sha256: str
    """Of a playbook version that only this clinic uses."""
    draft: str
    alert: str
    secrets: tuple[str, ...]

    def secrets_in(self, text: str) -> list[str]:
        """List what of the patient is in an answer."""
        return [word for word in self.secrets if word in text]


SMALL_DRAFT = """\
playbook: small-month-{clinic}
version: 1
title: A small month
program: CCM
kind: monthly
owner: program_lead
closes: month end + 3 business days
roles:
  nurse: {{title: Nurse}}
  program_lead: {{title: Program lead}}
steps:
  - id: call_home
    title: Call the patient at home
    phase: outreach
    owner: nurse
    due: 3 business days
    outcomes:
      called: {{title: Called, end: ready}}
    ladder:
      - when due: notify program_lead
  - id: fix_minutes
    owner: nurse
    fixes: minutes
    due: 2 days
    ladder:
      - when due: notify program_lead
readiness: {{from: business day -5, requires: [minutes]}}
"""
"""A draft that is good and has few courses: proving all of them takes no time."""


@cache
def monthly(clinic: str) -> tuple[Plan, str]:
    """Give a clinic's own playbook of the month, compiled once for all tests."""
    shipped_text = (shipped("playbooks") / "ccm_monthly.yaml").read_text(encoding="utf-8")
    text = shipped_text.replace("playbook: ccm-monthly", f"playbook: ccm-monthly-{clinic}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ccm_monthly.yaml"
        file.write_text(text, encoding="utf-8")
        plan, read = good_plan(file)
    return plan, read.merged_text


def make_records(engine: Engine, clinic: str) -> Records:
    """Put a patient with an open step, a message and one more colleague into a clinic."""
    plan, text = monthly(clinic)
    id_ = ClinicId(clinic)
    SqlClinicStore(engine).publish(id_, plan, text, MONTH, OPENED)
    enrollment = EnrollmentId(f"{clinic}0enrollment")
    records = Records(
        clinic=id_,
        patient=PatientId(f"{clinic}0patient"),
        enrollment=enrollment,
        cycle=cycle_id(enrollment, "monthly", str(MONTH)),
        step=StepKey("outreach"),
        person=PersonId(f"{clinic}.spare"),
        month=str(MONTH),
        note=f"{clinic}0note",
        entry=f"{clinic}0entry",
        told=f"{clinic}0told",
        sha256=plan.sha256,
        draft=f"{clinic}0draft",
        alert=f"{clinic}0alert",
        secrets=(f"Quiet{clinic}name", f"MRN-{clinic}-4711", f"555-0{len(clinic)}{clinic}"),
    )
    with writing(engine) as session:
        _patient(session, records)
        _flow(session, records, plan)
        _colleague(session, records)
        _record(session, records)
        _alert(session, records)
        _draft(session, records, SMALL_DRAFT.format(clinic=clinic))
    return records


def add_message(
    engine: Engine, records: Records, to: str, *, number: int = 1, code: str = "deadline_ahead"
) -> str:
    """Tell somebody something about the clinic's step."""
    id_ = f"{records.cycle}:{number}:1.0"
    with writing(engine) as session:
        session.add(
            MessageRow(
                id=id_,
                clinic_id=records.clinic,
                cycle_id=records.cycle,
                step_key=records.step,
                kind="remind_owner",
                to_person=PersonId(to),
                to_role=RoleId("coordinator"),
                sent_at=OPENED + timedelta(minutes=number),
                text_code=code,
            )
        )
    return id_


def add_step(engine: Engine, records: Records, step: str, role: RoleId, owner: str) -> None:
    """Open one more step of the month."""
    with writing(engine) as session:
        session.add(
            StepRow(
                cycle_id=records.cycle,
                key=StepKey(step),
                step_id=StepId(step),
                clinic_id=records.clinic,
                title=step,
                phase="follow_up",
                status=StepStatus.OPEN,
                owner_role=role,
                owner_id=PersonId(owner),
                opened_at=OPENED,
                due_at=OPENED + timedelta(days=1),
                attempts_allowed=0,
            )
        )


def _patient(session: Session, records: Records) -> None:
    name, mrn, phone = records.secrets
    session.add(
        PatientRow(
            id=records.patient,
            clinic_id=records.clinic,
            mrn=mrn,
            family_name=name,
            given_name="Ada",
            birth_date=date(1940, 2, 3),
            phone=phone,
            source="test",
            source_id=records.patient,
            content_hash="0",
            created_at=OPENED,
            updated_at=OPENED,
        )
    )
    session.flush()
    session.add(
        EnrollmentRow(
            id=records.enrollment,
            clinic_id=records.clinic,
            patient_id=records.patient,
            program="CCM",
            status=EnrollmentStatus.ACTIVE,
            practitioner_id=PersonId(f"{records.clinic}.pat"),
            created_at=OPENED,
        )
    )
    session.flush()


def _flow(session: Session, records: Records, plan: Plan) -> None:
    session.add(
        CycleRow(
            id=records.cycle,
            clinic_id=records.clinic,
            enrollment_id=records.enrollment,
            kind=PlaybookKind.MONTHLY,
            month=MONTH,
            playbook_sha256=plan.sha256,
            status=CycleStatus.RUNNING,
            facts=dict(DEFAULTS),
            opened_at=OPENED,
            closes_at=OPENED + timedelta(days=31),
        )
    )
    session.flush()
    session.add(
        StepRow(
            cycle_id=records.cycle,
            key=records.step,
            step_id=StepId("outreach"),
            clinic_id=records.clinic,
            title="Monthly check-in call",
            phase="outreach",
            status=StepStatus.OPEN,
            owner_role=RoleId("coordinator"),
            owner_id=PersonId(f"{records.clinic}.maria"),
            opened_at=OPENED,
            due_at=OPENED + timedelta(days=1),
            attempts_allowed=4,
        )
    )


def _colleague(session: Session, records: Records) -> None:
    owner = session.exec(
        select(ClinicRow.organization_id).where(ClinicRow.id == records.clinic)
    ).one()
    session.add(
        PersonRow(id=records.person, organization_id=owner, name="Sam Spare", created_at=OPENED)
    )
    session.flush()
    session.add(
        StaffRoleRow(clinic_id=records.clinic, role=RoleId("coordinator"), person_id=records.person)
    )
    session.add(
        AccountRow(person_id=records.person, username=str(records.person), created_at=OPENED)
    )


def _record(session: Session, records: Records) -> None:
    """Write a note, some time and a happening."""
    maria = PersonId(f"{records.clinic}.maria")
    session.add(
        NoteRow(
            id=records.note,
            clinic_id=records.clinic,
            enrollment_id=records.enrollment,
            author_id=maria,
            kind="outreach",
            text="Doing well.",
            written_at=OPENED,
            month=MONTH,
        )
    )
    session.add(
        TimeEntryRow(
            id=records.entry,
            clinic_id=records.clinic,
            enrollment_id=records.enrollment,
            person_id=maria,
            activity=Activity.CALL,
            started_at=OPENED,
            seconds=600,
            month=MONTH,
            source=TimeSource.MANUAL,
            entered_at=OPENED + timedelta(minutes=10),
            program="CCM",
            entered_by=maria,
        )
    )
    session.add(
        EligibilityReviewRow(
            id=f"{records.clinic}0review",
            clinic_id=records.clinic,
            patient_id=records.patient,
            month=MONTH,
            judged_on=OPENED.date(),
            eligible=True,
            written_at=OPENED,
        )
    )
    session.add(
        HappeningRow(
            id=HappeningId(records.told),
            clinic_id=records.clinic,
            patient_id=records.patient,
            kind=HappeningKind.CALLBACK,
            at=OPENED,
            told_by=maria,
            received_at=OPENED,
        )
    )


def _alert(session: Session, records: Records) -> None:
    """Tell the coordinator something that waits to be taken."""
    maria = PersonId(f"{records.clinic}.maria")
    owner = session.exec(
        select(ClinicRow.organization_id).where(ClinicRow.id == records.clinic)
    ).one()
    row = AlertRow(
        id=records.alert,
        clinic_id=records.clinic,
        enrollment_id=records.enrollment,
        cycle_id=records.cycle,
        step_key=records.step,
        kind=AlertKind.NOTICE,
        urgency=Urgency.URGENT,
        sender_id=records.person,
        from_organization_id=owner,
        to_organization_id=owner,
        addressee_id=maria,
        role=RoleId("coordinator"),
        raised_at=OPENED,
        source_event=int.from_bytes(records.clinic.encode()),
    )
    session.add(row)
    session.flush()
    until = OPENED + timedelta(minutes=30)
    keep(session, row, AlertEvent(AlertAct.GIVEN, OPENED, maria, "it is for them", until))


def _draft(session: Session, records: Records, text: str) -> None:
    lee = PersonId(f"{records.clinic}.lee")
    session.add(
        PlaybookDraftRow(
            id=DraftId(records.draft),
            clinic_id=records.clinic,
            begun_from="ccm-monthly@1",
            begun_by=lee,
            begun_at=OPENED,
        )
    )
    session.flush()
    session.add(
        DraftTextRow(
            draft_id=DraftId(records.draft),
            revision=1,
            title="Monthly chronic care loop",
            text=text,
            by=lee,
            at=OPENED,
        )
    )
