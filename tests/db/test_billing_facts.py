"""From the record to the code: everything that billing asks for has a place on record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from ccm_flow.adapters.billing_rules import ShelfRules
from ccm_flow.adapters.db.billing_facts import billing_facts
from ccm_flow.adapters.db.billing_statements import add_statement
from ccm_flow.adapters.db.care_plan_rows import add_share, add_version, latest_version, plan_in
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.facts import gather_facts
from ccm_flow.adapters.db.service_store import add_service
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.tables import (
    BillingFactRow,
    ClinicPlaybookRow,
    ClinicRow,
    ConsentRow,
    CoverageRow,
    CycleRow,
    EnrollmentRow,
    NoteRow,
    PersonRow,
    PractitionerChangeRow,
    StepRow,
    TimeEntryRow,
)
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.care_plans import ShareWay, ShareWith
from ccm_flow.app.records import ServiceRecord
from ccm_flow.app.statuses import ConsentKind, ServiceOrigin
from ccm_flow.core.billing.model import BillingFacts, BillingResult, LocalityId, Place
from ccm_flow.core.billing.stated import BadStatementError, read_statement
from ccm_flow.core.credentials import Credential
from ccm_flow.core.ids import CycleId, EnrollmentId, RoleId, StepId, StepKey, cycle_id
from ccm_flow.core.month import Month
from ccm_flow.core.patient_facts import CoverageKind
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStatus, StepStatus
from ccm_flow.demo.run import load_playbook
from tests.support import billed
from tests.support.billed import AFTER, ELM, MONTH, day, person


@dataclass
class Desk:
    """One patient's month, and what is put on record about it."""

    engine: Engine
    enrollment: EnrollmentId

    def facts(self, month: Month = MONTH) -> BillingFacts:
        with reading(self.engine) as session:
            live = gather_facts(session, self.enrollment, month, AFTER)
            return billing_facts(session, self.enrollment, month, live)

    def judge(self, month: Month = MONTH) -> BillingResult:
        return ShelfRules(shipped("rules") / "none").judge(self.facts(month))[0]

    def codes(self, month: Month = MONTH) -> dict[str, int]:
        return {line.code: line.units for line in self.judge(month).lines}

    def state(self, *said: str, month: Month = MONTH, at: datetime = AFTER) -> None:
        for number, one in enumerate(said):
            with writing(self.engine) as session:
                add_statement(
                    session,
                    self.enrollment,
                    month,
                    read_statement(one, month),
                    by=person("pat"),
                    at=at + timedelta(seconds=number),
                )

    def change(self, change: Callable[[Session], None]) -> None:
        with writing(self.engine) as session:
            change(session)

    def program(self, name: str) -> None:
        def change(session: Session) -> None:
            session.get_one(EnrollmentRow, self.enrollment).program = name

        self.change(change)

    def revise_plan(self) -> None:
        def change(session: Session) -> None:
            row = latest_version(session, self.enrollment)
            assert row is not None
            add_version(session, self.enrollment, plan_in(row), person("nat"), day(8))

        self.change(change)

    def step(self, kind: PlaybookKind, step: str, outcome: str, **note: str) -> CycleId:
        """Put a cycle with one step that was done on record, and the step's note."""
        cycle = cycle_id(self.enrollment, kind.value, str(MONTH))

        def change(session: Session) -> None:
            sha256 = session.exec(
                select(ClinicPlaybookRow.sha256).where(ClinicPlaybookRow.kind == kind)
            ).one()
            session.add(
                CycleRow(
                    id=cycle,
                    clinic_id=ELM,
                    enrollment_id=self.enrollment,
                    kind=kind,
                    month=MONTH,
                    playbook_sha256=sha256,
                    status=CycleStatus.RUNNING,
                    opened_at=day(1, 20),
                    closes_at=AFTER,
                )
            )
            session.flush()
            session.add(
                StepRow(
                    cycle_id=cycle,
                    key=StepKey(step),
                    step_id=StepId(step),
                    clinic_id=ELM,
                    title=step,
                    phase="readiness",
                    status=StepStatus.DONE,
                    owner_role=RoleId("practitioner"),
                    owner_id=person("pat"),
                    opened_at=day(16),
                    ended_at=day(17),
                    outcome=outcome,
                    ended_by=person("pat"),
                )
            )
            session.add(
                NoteRow(
                    id=f"note-{step}",
                    clinic_id=ELM,
                    enrollment_id=self.enrollment,
                    cycle_id=cycle,
                    step_key=StepKey(step),
                    author_id=person("pat"),
                    kind=step,
                    fields=dict(note),
                    written_at=day(17),
                    month=MONTH,
                )
            )

        self.change(change)
        return cycle


@pytest.fixture
def desk(engine: Engine) -> Desk:
    (enrollment,) = billed.set_up(engine)
    plan, source = load_playbook(shipped("playbooks") / "transitional_care.yaml")
    SqlClinicStore(engine).publish(ELM, plan, source, Month(2026, 11), AFTER)
    return Desk(engine, enrollment)


@pytest.mark.parametrize(
    ("outcome", "codes"),
    [
        ("moderate_or_high", {"99487": 1, "99489": 1}),
        ("low", {"99490": 1, "99439": 2}),
        ("not_recorded", {"99490": 1, "99439": 2}),
    ],
)
def test_the_step_of_the_practitioner_makes_a_month_complex(
    desk: Desk, outcome: str, codes: dict[str, int]
) -> None:
    billed.work(desk.engine, desk.enrollment, [30, 30, 30])
    desk.revise_plan()
    desk.step(PlaybookKind.MONTHLY, "decision_making", outcome)
    assert desk.codes() == codes


def test_sixty_minutes_with_moderate_decisions_earn_99487(desk: Desk) -> None:
    """Below 90 minutes the plain codes are better paid; the result says that 99487 was there."""
    billed.work(desk.engine, desk.enrollment, [30, 30])
    desk.revise_plan()
    desk.step(PlaybookKind.MONTHLY, "decision_making", "moderate_or_high")
    result = desk.judge()
    assert any("99487 (about $144)" in sentence for sentence in result.reasoning)
    assert {line.code for line in result.lines} == {"99490", "99439"}


def test_a_stated_level_goes_before_the_steps_and_can_be_taken_back(desk: Desk) -> None:
    desk.step(PlaybookKind.MONTHLY, "decision_making", "moderate_or_high")
    desk.state("decision_making=high")
    assert desk.facts().decision_making == "high"
    desk.state("decision_making=no", at=AFTER + timedelta(hours=1))
    assert desk.facts().decision_making == "moderate"


@pytest.mark.parametrize(
    ("outcome", "seen_on", "complexity", "code"),
    [
        ("by_day_7", "2026-12-07", "high", "99496"),
        ("by_day_14", "2026-12-11", "high", "99495"),
        ("by_day_14", "2026-12-11", "moderate", "99495"),
        ("by_day_14", "2026-12-06", "high", "99495"),
        ("by_day_7", "2026-12-11", "high", "99495"),
        ("by_day_14", "2026-12-17", "moderate", None),
        ("contact_late", "2026-12-07", "high", None),
    ],
)
def test_a_transition_is_billed_by_its_checked_dates(
    desk: Desk, outcome: str, seen_on: str, complexity: str, code: str | None
) -> None:
    dates = {"discharged_on": "2026-12-01", "seen_on": seen_on, "complexity": complexity}
    desk.step(PlaybookKind.EPISODE, "check_dates", outcome, **dates)
    assert set(desk.codes()) == ({code} if code else set())
    assert desk.codes(Month(2026, 11)) == {}


def test_a_transition_that_ended_otherwise_than_ready_is_not_billed(desk: Desk) -> None:
    dates = {"discharged_on": "2026-12-01", "seen_on": "2026-12-07", "complexity": "high"}
    cycle = desk.step(PlaybookKind.EPISODE, "check_dates", "by_day_7", **dates)

    def end(session: Session) -> None:
        row = session.get_one(CycleRow, cycle)
        row.status, row.disposition = CycleStatus.ENDED, "deceased"

    desk.change(end)
    assert desk.codes() == {}


def test_the_assessment_at_the_starting_visit_is_billed_once_ever(desk: Desk) -> None:
    desk.state("performed=G0506@2026-12-04")
    assert desk.codes() == {"G0506": 1}

    def billed_before(session: Session) -> None:
        patient = session.get_one(EnrollmentRow, desk.enrollment).patient_id
        long_ago = date(2024, 3, 1)
        record = ServiceRecord("", "G0506", long_ago, long_ago, "1234567893")
        add_service(session, patient, record, origin=ServiceOrigin.IMPORT, at=AFTER)

    desk.change(billed_before)
    assert desk.codes() == {}


def test_what_was_performed_can_be_taken_back(desk: Desk) -> None:
    desk.state("performed=G0506@2026-12-04", "performed=G0506@no")
    assert desk.codes() == {}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (("primary_care=yes", "qmb=yes"), "G0558"),
        (("primary_care=yes",), "G0557"),
        (("primary_care=yes", "qmb=yes", "qmb=no"), "G0557"),
        (("qmb=yes",), None),
    ],
)
def test_advanced_primary_care_takes_its_level_from_what_is_stated(
    desk: Desk, said: tuple[str, ...], code: str | None
) -> None:
    desk.program("APCM")
    desk.state(*said, month=Month(2026, 11))
    assert set(desk.codes()) == ({code} if code else set())


@pytest.mark.parametrize(
    ("payer", "kind", "qmb"),
    [
        ("Medicaid QMB Plus", CoverageKind.DUAL, True),
        ("Qualified Medicare Beneficiary", CoverageKind.MEDICAID, True),
        ("Medicaid", CoverageKind.DUAL, False),
        ("QMB Insurance Co.", CoverageKind.COMMERCIAL, False),
    ],
)
def test_an_insurance_that_names_it_tells_a_qualified_beneficiary(
    desk: Desk, payer: str, kind: CoverageKind, qmb: bool
) -> None:
    def insure(session: Session) -> None:
        patient = session.get_one(EnrollmentRow, desk.enrollment).patient_id
        session.add(
            CoverageRow(
                id="q",
                patient_id=patient,
                payer=payer,
                kind=kind,
                starts_on=date(2026, 12, 15),
                source_id="q",
            )
        )

    desk.change(insure)
    assert desk.facts().qmb is qmb
    assert desk.facts(Month(2026, 11)).qmb is False
    desk.state("qmb=no")
    assert desk.facts().qmb is False


def test_readings_and_a_live_talk_are_stated_for_their_month(desk: Desk) -> None:
    desk.state("device_days=18@2026-12-30", "live_contact=yes")
    facts = desk.facts()
    assert facts.device is not None
    assert (facts.device.days, facts.attested) == (18, {"live_contact"})
    assert (desk.facts(MONTH.next).device, desk.facts(MONTH.next).attested) == (None, frozenset())


@pytest.mark.parametrize(
    ("credential", "amount"),
    [(Credential.PHYSICIAN, "66.13"), (Credential.NP, "56.21"), (Credential.PA, "56.21")],
)
def test_who_bills_decides_the_rate(desk: Desk, credential: Credential, amount: str) -> None:
    def licence(session: Session) -> None:
        session.get_one(PersonRow, person("pat")).credential = credential

    desk.change(licence)
    billed.work(desk.engine, desk.enrollment)
    assert str(desk.judge().amount) == amount


@pytest.mark.parametrize(
    ("place", "month", "blocked"),
    [
        (Place.RHC, Month(2025, 9), False),
        (Place.RHC, Month(2025, 10), True),
        (Place.FQHC, Month(2025, 10), True),
    ],
)
def test_rural_clinics_may_bill_the_bundle_until_september_2025(
    desk: Desk, place: Place, month: Month, blocked: bool
) -> None:
    """Until then the better paid is taken, and the bundle is named beside it."""
    began = datetime(2025, 1, 10, 15, tzinfo=UTC)

    def earlier(session: Session) -> None:
        session.get_one(ClinicRow, ELM).billing_place = place
        row = session.get_one(EnrollmentRow, desk.enrollment)
        row.created_at = row.activated_at = row.initiating_visit_at = began
        agreed = session.exec(select(ConsentRow)).one().model_dump()
        session.add(
            ConsentRow(**{**agreed, "id": "c0", "taken_at": began, "effective_from": began.date()})
        )
        row_of_plan = latest_version(session, desk.enrollment)
        assert row_of_plan is not None
        plan = add_version(session, desk.enrollment, plan_in(row_of_plan), person("nat"), began)
        session.flush()
        add_share(session, plan, (ShareWith.PATIENT, ShareWay.COPY), person("ann"), began)
        start = datetime(month.year, month.number, 9, 15, tzinfo=UTC)
        session.add(_entry(desk.enrollment, month, start))

    desk.change(earlier)
    result = desk.judge(month)
    assert [line.code for line in result.lines] == ["99490"]
    assert ("G0511" in {one.code for one in result.blocked}) is blocked
    assert any("G0511" in sentence for sentence in result.reasoning)


def _entry(enrollment: EnrollmentId, month: Month, start: datetime) -> TimeEntryRow:
    from ccm_flow.app.statuses import TimeSource  # noqa: PLC0415
    from ccm_flow.core.activities import Activity  # noqa: PLC0415

    return TimeEntryRow(
        id=f"t-{month}",
        clinic_id=ELM,
        enrollment_id=enrollment,
        person_id=person("nat"),
        activity=Activity.CALL,
        started_at=start,
        seconds=25 * 60,
        month=month,
        source=TimeSource.MANUAL,
        entered_at=start,
        program="CCM",
        credential=Credential.RN,
        entered_by=person("nat"),
    )


def test_the_clinics_file_says_place_locality_and_digits(desk: Desk) -> None:
    def place(session: Session) -> None:
        row = session.get_one(ClinicRow, ELM)
        row.billing_locality, row.place_of_service = LocalityId("18"), "12"

    desk.change(place)
    billed.work(desk.engine, desk.enrollment)
    facts = desk.facts()
    assert (facts.place, facts.locality, facts.place_of_service) == (Place.OFFICE, "18", "12")
    assert any("locality 18" in sentence for sentence in desk.judge().reasoning)


def test_a_consent_given_for_another_practitioner_is_named_as_such(desk: Desk) -> None:
    """It covers the month of the change, and no later one."""
    billed.work(desk.engine, desk.enrollment)

    def change(session: Session) -> None:
        session.get_one(EnrollmentRow, desk.enrollment).practitioner_id = person("lee")
        session.add(
            PractitionerChangeRow(
                id="p",
                enrollment_id=desk.enrollment,
                before_id=person("pat"),
                practitioner_id=person("lee"),
                because="retired",
                by=person("lee"),
                at=day(10),
            )
        )

    desk.change(change)
    assert desk.codes() == {"99490": 1}
    assert desk.facts(Month(2026, 11)).practitioner.id == person("pat")
    later = desk.facts(MONTH.next)
    assert later.consent is not None
    assert (later.practitioner.id, later.consent.practitioner) == (person("lee"), person("pat"))


def test_minutes_count_only_under_a_consent_for_whoever_bills(desk: Desk) -> None:
    """What the minutes say and what the fact `consent` says is the same."""
    billed.work(desk.engine, desk.enrollment)

    def changed(session: Session) -> None:
        session.get_one(EnrollmentRow, desk.enrollment).practitioner_id = person("lee")
        session.add(
            PractitionerChangeRow(
                id="p",
                enrollment_id=desk.enrollment,
                before_id=person("pat"),
                practitioner_id=person("lee"),
                because="retired",
                by=person("lee"),
                at=datetime(2026, 11, 20, tzinfo=UTC),
            )
        )

    def seen() -> tuple[object, object]:
        with reading(desk.engine) as session:
            facts = gather_facts(session, desk.enrollment, MONTH, AFTER)
        return facts["consent"], facts["minutes"]

    assert seen() == (True, 25)
    desk.change(changed)
    assert seen() == (False, 0)
    blocked = {one.why for one in desk.judge().blocked}
    assert not blocked or "The consent was given for another practitioner's services." in blocked


@pytest.mark.parametrize(
    ("text", "ours"),
    [("1234567893", True), ("pat  ROY", True), ("Dr. Chen", False), ("", None)],
)
def test_a_claim_that_names_our_practitioner_is_ours(
    desk: Desk, text: str, ours: bool | None
) -> None:
    def bill(session: Session) -> None:
        patient = session.get_one(EnrollmentRow, desk.enrollment).patient_id
        record = ServiceRecord("", "99426", date(2026, 12, 3), date(2026, 12, 3), text)
        add_service(session, patient, record, origin=ServiceOrigin.IMPORT, at=AFTER)

    desk.change(bill)
    (service,) = desk.facts().services
    billed_by = service.practitioner
    assert (None if billed_by is None else billed_by == person("pat")) is ours


@pytest.mark.parametrize(
    "said",
    [
        "colour=blue",
        "qmb",
        "qmb=perhaps",
        "decision_making=huge",
        "performed=G0506",
        "performed=G0506@2026-11-04",
        "device_days=31@2026-12-30",
        "device_days=18@soon",
    ],
)
def test_what_means_nothing_is_refused(said: str) -> None:
    with pytest.raises(BadStatementError):
        read_statement(said, MONTH)


def test_statements_are_never_changed(desk: Desk) -> None:
    desk.state("qmb=yes")
    with reading(desk.engine) as session:
        assert session.exec(select(BillingFactRow)).one().by == person("pat")
    for statement in ("DELETE FROM billing_fact", "UPDATE billing_fact SET value = 'no'"):
        with desk.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(statement))


def test_declined_or_taken_back_is_said_as_it_is(desk: Desk) -> None:
    def decline(session: Session) -> None:
        agreed = session.exec(select(ConsentRow)).one().model_dump()
        said = {"id": "no", "kind": ConsentKind.DECLINED, "taken_at": day(3)}
        session.add(ConsentRow(**{**agreed, **said, "effective_from": date(2026, 12, 3)}))

    desk.change(decline)
    consent = desk.facts().consent
    assert consent is not None
    assert not consent.accepted
