"""A clinic in a real database whose December 2026 can be billed."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from ccm_flow.adapters.billing_rules import ShelfRules
from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.billing_store import SqlBillingStore
from ccm_flow.adapters.db.care_plan_rows import add_share, add_version
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.enrollment_store import enroll
from ccm_flow.adapters.db.packet_store import SqlPacketRecord
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.projection import write_transition
from ccm_flow.adapters.db.setup_store import SqlClinicStore, person_id
from ccm_flow.adapters.db.tables import ConsentRow, EnrollmentRow, NoteRow, TimeEntryRow
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.care_plans import ShareWay, ShareWith
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.hand_off import HandOff
from ccm_flow.app.records import (
    ConditionRecord,
    CoverageRecord,
    EncounterRecord,
    PatientRecord,
)
from ccm_flow.app.statuses import ConsentKind, ConsentMode, EnrollmentStatus, TimeSource
from ccm_flow.core.activities import Activity
from ccm_flow.core.care_plan import CarePlan, Goal, Intervention
from ccm_flow.core.credentials import Credential
from ccm_flow.core.engine import MonthPlan, advance, open_cycle
from ccm_flow.core.events import AttemptMade, CycleOpened, Event, StepCompleted, TimePassed
from ccm_flow.core.ids import (
    ClinicId,
    EnrollmentId,
    OutcomeId,
    PersonId,
    RoleId,
    StepKey,
    cycle_id,
)
from ccm_flow.core.month import Month
from ccm_flow.core.patient_facts import CoverageKind
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStart
from ccm_flow.core.transition import transition
from ccm_flow.demo.run import load_playbook

ELM = ClinicId("elm")
MONTH = Month(2026, 12)
BEFORE = datetime(2026, 11, 10, 15, tzinfo=UTC)
AFTER = datetime(2027, 1, 4, 16, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
NAMES = [("Juárez", "Łukasz"), ("Παπαδάκη", "Ελένη"), ("O'Keefe", "Ann")]
TEAM = {
    "coordinator": "ann",
    "nurse": "nat",
    "practitioner": "pat",
    "biller": "bob",
    "program_lead": "lee",
}
_CREDENTIALS = {"ann": "ma", "nat": "rn", "pat": "physician", "bob": "none", "lee": "rn"}


def person(slug: str) -> PersonId:
    """Name somebody of the staff."""
    return person_id(ELM, slug)


def day(number: int, hour: int = 15) -> datetime:
    """Give an instant of December 2026."""
    return datetime(2026, 12, number, hour, tzinfo=UTC)


def hand_off(engine: Engine, home: str) -> HandOff:
    """Put together what handing over works with, judged by the shipped rules."""
    return HandOff(
        SqlBillingStore(engine),
        ShelfRules(shipped("rules") / home),
        SqlPacketRecord(engine),
        lambda who: who.partition(".")[2].title(),
        demo=False,
    )


def set_up(engine: Engine, patients: int = 1) -> list[EnrollmentId]:
    """Make the clinic and its patients, with consent, care plan, conditions and Part B."""
    staff = [
        {"id": id_, "name": f"{id_.title()} Roy", "roles": [role], "credential": _CREDENTIALS[id_]}
        | ({"npi": "1234567893"} if id_ == "pat" else {})
        for role, id_ in TEAM.items()
    ]
    place = {"clinic": ELM, "name": "Elm Street Clinic", "time_zone": ZONE.key}
    file = ClinicFile.model_validate({**place, "program_owner": "lee", "staff": staff})
    store = SqlClinicStore(engine)
    store.apply(file, BEFORE)
    plan, source = load_playbook(shipped("playbooks") / "ccm_monthly.yaml")
    store.publish(ELM, plan, source, Month(2026, 11), BEFORE)
    records = SqlPatientStore(engine)
    ids = [records.save(ELM, _record(number), BEFORE) for number in range(patients)]
    enrolled = enroll(engine, ELM, ids, "CCM", BEFORE)
    order = {one.patient: one.enrollment for one in enrolled}
    found = [order[id_] for id_ in ids]
    for enrollment in found:
        _agree(engine, enrollment)
    return found


def _record(number: int) -> PatientRecord:
    family, given = NAMES[number % len(NAMES)]
    snomed = "http://snomed.info/sct"
    return PatientRecord(
        source="test",
        source_id=str(number),
        mrn=f"MRN{number}",
        family_name=family,
        given_name=given,
        birth_date=date(1950, 5, 1 + number),
        sex="female",
        conditions=(
            ConditionRecord("c1", snomed, "44054006", "Diabetes", "active", date(2015, 1, 1)),
            ConditionRecord("c2", snomed, "59621000", "Hypertension", "active", date(2010, 1, 1)),
        ),
        coverages=(
            CoverageRecord(
                "b", "Medicare", CoverageKind.MEDICARE_PART_B, "1EG4-TE5-MK73", date(2020, 1, 1)
            ),
        ),
        encounters=(
            EncounterRecord("e", "ambulatory", "finished", "Check-up", BEFORE - timedelta(90)),
        ),
    )


def _agree(engine: Engine, enrollment: EnrollmentId) -> None:
    with writing(engine) as session:
        row = session.get_one(EnrollmentRow, enrollment)
        row.status, row.activated_at = EnrollmentStatus.ACTIVE, BEFORE + timedelta(days=2)
        row.practitioner_id = person("pat")
        session.add(
            ConsentRow(
                id=f"consent-{enrollment}",
                enrollment_id=enrollment,
                kind=ConsentKind.ACCEPTED,
                mode=ConsentMode.VERBAL,
                content_version="ccm-1",
                statements_read=["what the program offers", "cost sharing may apply"],
                taken_by=person("ann"),
                taken_at=BEFORE,
                effective_from=BEFORE.date(),
                practitioner_id=person("pat"),
            )
        )
        plan = add_version(session, enrollment, _plan(), person("nat"), BEFORE)
        session.flush()
        add_share(session, plan, (ShareWith.PATIENT, ShareWay.COPY), person("ann"), BEFORE)


def _plan() -> CarePlan:
    return CarePlan(
        problems=("diabetes", "hypertension"),
        outcome="Stable with regular care",
        goals=(Goal("Lower blood sugar", "HbA1c", "below 7.5 %", date(2027, 6, 1)),),
        symptoms=("call when dizzy",),
        interventions=(Intervention("monthly call", "coordinator"),),
        medicines=("metformin",),
        services=("none needed",),
        coordination=("eye doctor",),
        function="independent",
        caregiver="daughter",
        environment="safe",
        prevention=("influenza vaccination",),
        review_on=date(2027, 6, 1),
    )


def work(
    engine: Engine,
    enrollment: EnrollmentId,
    minutes: Sequence[int] = (12, 13),
    *,
    source: TimeSource = TimeSource.MANUAL,
    first_day: int = 2,
    id_: str = "time",
    signed: bool = True,
) -> None:
    """Enter work and a signed note for each stretch, on the days from `first_day` on."""
    cycle = cycle_id(enrollment, "monthly", str(MONTH))
    with writing(engine) as session:
        for number, length in enumerate(minutes):
            start = day(first_day + number, 14)
            session.add(
                TimeEntryRow(
                    id=f"{id_}-{enrollment}-{number}",
                    clinic_id=ELM,
                    enrollment_id=enrollment,
                    cycle_id=cycle,
                    step_key=StepKey("outreach"),
                    person_id=person("nat"),
                    activity=Activity.CALL,
                    started_at=start,
                    seconds=length * 60,
                    month=MONTH,
                    source=source,
                    entered_at=start + timedelta(minutes=length + 5),
                    program="CCM",
                    credential=Credential.RN,
                    entered_by=person("nat"),
                )
            )
            session.add(
                NoteRow(
                    id=f"note-{id_}-{enrollment}-{number}",
                    clinic_id=ELM,
                    enrollment_id=enrollment,
                    cycle_id=cycle,
                    author_id=person("nat"),
                    kind="outreach",
                    fields={"summary": "Sugar log reviewed"},
                    text="Feels well",
                    written_at=start,
                    signed_at=start if signed else None,
                    signed_by=person("nat") if signed else None,
                    month=MONTH,
                    sha256="0" * 64 if signed else None,
                )
            )


def play(engine: Engine, enrollment: EnrollmentId, *outcomes: str) -> None:
    """Play December by the playbook; `outcomes` are those of the hand-off step, in order."""
    record = SqlCareRecord(engine)
    calendar = month_calendar(record.clinic(ELM).hours, MONTH, PlaybookKind.MONTHLY)
    facts = {"consent": True, "care_plan": True, "conditions": 2, "coverage": True, "minutes": 25}
    start = CycleStart(
        cycle=cycle_id(enrollment, "monthly", str(MONTH)),
        clinic=ELM,
        enrollment=enrollment,
        month=MONTH,
        opens_at=calendar.start_of(MONTH.first_day),
        team={RoleId(role): person(who) for role, who in TEAM.items()},
        facts=facts,
        calendar=calendar,
        plan=record.plan_for(ELM, PlaybookKind.MONTHLY, MONTH),
    )
    layout, state = MonthPlan.of(start), open_cycle(start)
    for at, event in [(layout.opens_at, CycleOpened()), *_life(outcomes)]:
        result = advance(layout, state, event, at)
        state = result.state
        write_transition(engine, transition(start, layout, event, result, at))


def _life(outcomes: Sequence[str]) -> list[tuple[datetime, Event]]:
    def done(step: str, outcome: str, role: str) -> StepCompleted:
        return StepCompleted(StepKey(step), OutcomeId(outcome), person(TEAM[role]), RoleId(role))

    events: list[tuple[datetime, Event]] = [
        (day(1, 16), done("prepare", "prepared", "coordinator")),
        (
            day(2),
            AttemptMade(
                StepKey("outreach"), OutcomeId("no_answer"), person("ann"), RoleId("coordinator")
            ),
        ),
        (day(3), done("medication_review", "no_changes", "nurse")),
        (day(4), done("outreach", "reached", "coordinator")),
        (day(7), done("care_plan_update", "unchanged", "nurse")),
        *((day(number), TimePassed()) for number in (16, 18, 21, 23)),
        (day(23, 18), done("sign_off", "signed", "coordinator")),
        *((day(number), TimePassed()) for number in (24, 28, 30)),
    ]
    for number, outcome in enumerate(outcomes, start=1):
        key = "billing_handoff" if number == 1 else f"billing_handoff~{number}"
        events.append((day(30, 15 + number), done(key, outcome, "biller")))
    return events
