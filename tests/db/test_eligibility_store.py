"""Verdicts month by month, rationales, and who bills, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, select, text, update

from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.consent_acts import ConsentActError, accept, consent_view, revoke
from ccm_flow.adapters.db.consents import consent_in_force
from ccm_flow.adapters.db.eligibility_store import SqlEligibilityStore
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.enrollment_changes import change_practitioner, end_revoked
from ccm_flow.adapters.db.facts import gather_facts
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.rationales import add_rationale
from ccm_flow.adapters.db.service_store import add_service
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    EligibilityReviewRow,
    EnrollmentRow,
    LedgerEventRow,
    PatientRow,
)
from ccm_flow.adapters.db.views_funnel import funnel
from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.app.care import ConsentRefusedError, Work
from ccm_flow.app.eligible import eligible_rows, judge_everybody, review_month
from ccm_flow.app.records import ConditionRecord, CoverageRecord, PatientRecord, ServiceRecord
from ccm_flow.app.statuses import ConsentMode, EnrollmentStatus, ServiceOrigin
from ccm_flow.core.consent import EVERY_STATEMENT, VerbalConsent
from ccm_flow.core.funnel import Stage
from ccm_flow.core.ids import EnrollmentId, PatientId
from ccm_flow.core.month import Month
from ccm_flow.core.patient_facts import CoverageKind, RiskTier
from ccm_flow.core.plan import PlaybookKind
from tests.support.set_up import CLINIC, NOW, person, set_up_clinic

RULES = load_condition_groups()
MONTH = Month(2037, 11)
SNOMED = "http://snomed.info/sct"
PRESSURE = ConditionRecord("c1", SNOMED, "59621000", "Hypertension", "active", date(2030, 1, 1))
DIABETES = ConditionRecord("c2", SNOMED, "44054006", "Diabetes", "active", date(2030, 1, 1))
PART_B = CoverageRecord("p1", "Medicare", CoverageKind.MEDICARE_PART_B)
ILL = PatientRecord(
    "test", "ill", "M-ill", "Ill", "Ida", conditions=(PRESSURE, DIABETES), coverages=(PART_B,)
)
ONE = replace(ILL, source_id="one", mrn="M-one", family_name="One", conditions=(PRESSURE,))
YES = Work(statements=EVERY_STATEMENT)


@pytest.fixture
def enrollment(engine: Engine) -> EnrollmentId:
    return set_up_clinic(engine)[0]


def save(engine: Engine, *records: PatientRecord) -> list[PatientId]:
    store = SqlPatientStore(engine)
    return [store.save(CLINIC, record, NOW) for record in records]


def review(engine: Engine, month: Month, on: date) -> int:
    store = SqlEligibilityStore(engine)
    return review_month(store, CLINIC, month, RULES, on=on, zone=UTC, now=NOW)


def kept(engine: Engine) -> list[EligibilityReviewRow]:
    with Session(engine) as session:
        query = select(EligibilityReviewRow).order_by(col(EligibilityReviewRow.month))
        return list(session.exec(query))


def test_each_month_keeps_its_verdicts_once(engine: Engine, enrollment: EnrollmentId) -> None:
    save(engine, ILL, ONE)
    assert review(engine, MONTH, date(2037, 11, 1)) == 3
    save(engine, replace(ONE, conditions=(PRESSURE, DIABETES)))
    assert review(engine, MONTH, date(2037, 11, 20)) == 0
    rows = {row.patient_id: row for row in kept(engine)}
    assert sorted(row.eligible for row in rows.values()) == [False, False, True]
    assert {row.judged_on for row in rows.values()} == {date(2037, 11, 1)}


def test_a_kept_verdict_shows_its_evidence_with_dates_and_sources(
    engine: Engine, enrollment: EnrollmentId
) -> None:
    [ida] = save(engine, ILL)
    review(engine, MONTH, date(2037, 11, 1))
    row = next(row for row in kept(engine) if row.patient_id == ida)
    assert row.groups == ["diabetes", "hypertension"]
    assert row.needs == ["risk_rationale", "initiating_visit"]
    assert [(one["text"], one["since"], one["source"]) for one in row.evidence] == [
        ("Diabetes", "2030-01-01", "test: Condition c2"),
        ("Hypertension", "2030-01-01", "test: Condition c1"),
        ("Medicare (medicare part b)", None, "test: Coverage p1"),
    ]


def test_who_is_newly_eligible_is_named_and_nobody_is_enrolled(
    engine: Engine, enrollment: EnrollmentId
) -> None:
    save(engine, ILL, ONE)
    review(engine, MONTH, date(2037, 11, 1))
    save(engine, replace(ONE, conditions=(PRESSURE, DIABETES)))
    store = SqlEligibilityStore(engine)
    judged = judge_everybody(store, CLINIC, RULES, date(2037, 12, 1), UTC)
    rows = eligible_rows(store, CLINIC, judged, MONTH.next)
    assert {row.patient_name: row.new for row in rows if row.eligible} == {
        "Ill, Ida": False,
        "One, Ida": True,
    }
    assert [row.enrollment for row in rows if row.eligible] == [None, None]


def test_the_dead_are_not_listed_and_not_reviewed(engine: Engine, enrollment: EnrollmentId) -> None:
    died = datetime(2037, 10, 1, tzinfo=UTC)
    save(engine, replace(ILL, deceased_at=died))
    store = SqlEligibilityStore(engine)
    judged = judge_everybody(store, CLINIC, RULES, date(2037, 11, 1), UTC)
    assert len(judged) == 2
    assert len(eligible_rows(store, CLINIC, judged, MONTH)) == 1
    assert review(engine, MONTH, date(2037, 11, 1)) == 1


def test_verdicts_cannot_be_changed(engine: Engine, enrollment: EnrollmentId) -> None:
    review(engine, MONTH, date(2037, 11, 1))
    with pytest.raises(DatabaseError, match="append-only"), writing(engine) as session:
        session.exec(update(EligibilityReviewRow).values(eligible=True))


def test_a_rationale_closes_the_need_and_sets_the_tier(
    engine: Engine, enrollment: EnrollmentId
) -> None:
    [ida] = save(engine, ILL)
    for tier in (RiskTier.STANDARD, RiskTier.HIGH):
        with writing(engine) as session:
            add_rationale(session, ida, "Two falls", tier, by=person("pat"), at=NOW)
    known = SqlEligibilityStore(engine).known(CLINIC)[ida]
    assert known.rationale is not None
    with Session(engine) as session:
        kinds = session.exec(
            select(LedgerEventRow.kind).where(LedgerEventRow.cycle_id == f"patient:{ida}")
        ).all()
    assert kinds == ["risk_rationale_recorded"] * 2


@pytest.mark.parametrize(
    ("practitioner", "reasons"),
    [
        ("Dr. Elsewhere", ["another_practitioner"]),
        ("Pat", []),
        ("elm.pat", []),
        ("", ["another_practitioner"]),
    ],
)
def test_a_ccm_month_of_somebody_else_stands_in_the_way(
    engine: Engine, enrollment: EnrollmentId, practitioner: str, reasons: list[str]
) -> None:
    [ida] = save(engine, ILL)
    day = date(2037, 11, 5)
    with writing(engine) as session:
        service = ServiceRecord("s1", "99490", day, day, practitioner)
        add_service(session, ida, service, origin=ServiceOrigin.IMPORT, at=NOW)
    store = SqlEligibilityStore(engine)
    judged = judge_everybody(store, CLINIC, RULES, date(2037, 11, 30), UTC)
    found = next(one.verdict for one in judged if one.patient == ida)
    assert list(found.reasons) == reasons


# --- consent ---


def agree(engine: Engine, enrollment: EnrollmentId, at: datetime, told_in: str) -> None:
    accept(engine, enrollment, told_in, YES, by=person("ann"), at=at)


def in_force(engine: Engine, enrollment: EnrollmentId, month: Month) -> datetime | None:
    with Session(engine) as session:
        found = consent_in_force(session, enrollment, month)
        return found.since if found else None


def test_a_consent_says_all_that_an_auditor_asks(engine: Engine, enrollment: EnrollmentId) -> None:
    work = replace(YES, consent_mode=ConsentMode.WRITTEN, signature="form in the chart")
    accept(engine, enrollment, "t1", work, by=person("ann"), at=NOW)
    view = consent_view(engine, enrollment, NOW)
    [answer] = view.answers
    assert view.in_force
    assert (answer.mode, answer.taken_by_name, answer.version) == (
        ConsentMode.WRITTEN,
        "Ann",
        "ccm-consent-1",
    )
    assert set(answer.statements) == EVERY_STATEMENT
    assert (answer.practitioner_name, answer.signature) == ("Pat", "form in the chart")


def test_a_consent_without_all_four_statements_is_refused_and_nothing_is_kept(
    engine: Engine, enrollment: EnrollmentId
) -> None:
    work = Work(statements=EVERY_STATEMENT - {min(EVERY_STATEMENT)})
    with pytest.raises(ConsentRefusedError, match="not confirmed: availability"):
        accept(engine, enrollment, "t1", work, by=person("ann"), at=NOW)
    assert consent_view(engine, enrollment, NOW).answers == ()


def test_a_clinic_may_want_it_written_from_those_not_seen(
    engine: Engine, enrollment: EnrollmentId
) -> None:
    with writing(engine) as session:
        session.exec(update(ClinicRow).values(verbal_consent=VerbalConsent.SEEN_WITHIN_12_MONTHS))
    with pytest.raises(ConsentRefusedError, match="by word only from patients seen within 12"):
        agree(engine, enrollment, NOW, "t1")
    written = replace(YES, consent_mode=ConsentMode.WRITTEN)
    accept(engine, enrollment, "t2", written, by=person("ann"), at=NOW)
    with writing(engine) as session:
        session.exec(update(EnrollmentRow).values(initiating_visit_at=NOW - timedelta(days=30)))
    agree(engine, enrollment, NOW, "t3")


def test_a_revocation_ends_with_the_clinics_month_and_the_enrollment_with_it(
    engine: Engine, enrollment: EnrollmentId
) -> None:
    agree(engine, enrollment, NOW, "t1")
    late = datetime(2037, 12, 1, 3, tzinfo=UTC)  # still November at the clinic
    last = revoke(engine, enrollment, "t2", "Too many calls", by=person("ann"), at=late)
    assert last == date(2037, 11, 30)
    assert in_force(engine, enrollment, MONTH) == NOW
    assert in_force(engine, enrollment, MONTH.next) is None
    with pytest.raises(ConsentActError, match="taken back already"):
        revoke(engine, enrollment, "t3", "Again", by=person("ann"), at=late)
    record, monthly = SqlCareRecord(engine), PlaybookKind.MONTHLY
    assert len(record.to_open(CLINIC, monthly, MONTH, late)) == 1
    assert record.to_open(CLINIC, monthly, MONTH.next, late) == []
    for today, ended in ((last, 0), (date(2037, 12, 1), 1), (date(2037, 12, 2), 0)):
        with writing(engine) as session:
            assert end_revoked(session, CLINIC, today, late) == ended
    with Session(engine) as session:
        row = session.get_one(EnrollmentRow, enrollment)
        assert (row.status, row.ended_because) == (EnrollmentStatus.WITHDRAWN, "Too many calls")


def test_who_agrees_again_in_time_stays(engine: Engine, enrollment: EnrollmentId) -> None:
    agree(engine, enrollment, NOW, "t1")
    revoke(engine, enrollment, "t2", "Unsure", by=person("ann"), at=NOW + timedelta(hours=1))
    agree(engine, enrollment, NOW + timedelta(hours=2), "t3")
    with writing(engine) as session:
        assert end_revoked(session, CLINIC, date(2037, 12, 1), NOW) == 0
    assert in_force(engine, enrollment, MONTH.next) == NOW


def test_another_practitioner_needs_a_new_consent_from_the_next_month_on(
    engine: Engine, enrollment: EnrollmentId
) -> None:
    agree(engine, enrollment, NOW - timedelta(days=40), "t1")
    with writing(engine) as session:
        wanted = {"by": person("lee"), "at": NOW}
        assert change_practitioner(session, enrollment, person("lee"), "Leaves", **wanted)
        assert not change_practitioner(session, enrollment, person("lee"), "Again", **wanted)
    assert in_force(engine, enrollment, MONTH) is not None
    assert in_force(engine, enrollment, MONTH.next) is None
    with Session(engine) as session:
        assert gather_facts(session, enrollment, MONTH.next, NOW)["consent"] is False
    renewed = NOW + timedelta(days=20)
    agree(engine, enrollment, renewed, "t2")
    assert in_force(engine, enrollment, MONTH.next) == renewed


def test_answers_cannot_be_changed(engine: Engine, enrollment: EnrollmentId) -> None:
    agree(engine, enrollment, NOW, "t1")
    with pytest.raises(DatabaseError, match="append-only"), writing(engine) as session:
        session.connection().execute(text("DELETE FROM consent"))


# --- the way into the program ---


def test_the_funnel_counts_everybody_once(engine: Engine) -> None:
    ids = set_up_clinic(engine, 3)
    with writing(engine) as session:
        session.exec(update(EnrollmentRow).values(status=EnrollmentStatus.IDENTIFIED))
        gone = session.get_one(EnrollmentRow, ids[2])
        gone.status, gone.ended_at = EnrollmentStatus.DECLINED, NOW
    agree(engine, ids[0], NOW + timedelta(days=2), "t1")
    view = funnel(engine, CLINIC, now=NOW)
    counts = {one.stage: (one.reached, one.here, one.left) for one in view.stages}
    assert counts[Stage.IDENTIFIED] == (3, 1, 1)
    assert counts[Stage.INTRODUCED] == (1, 0, 0)
    assert counts[Stage.CONSENTED] == (1, 1, 0)
    assert {row.enrollment for row in view.patients} == {ids[0], ids[1]}


def test_another_clinics_patients_are_never_judged(
    engine: Engine, enrollment: EnrollmentId
) -> None:
    save(engine, ILL)
    with Session(engine) as session:
        here = len(session.exec(select(PatientRow.id)).all())
    store = SqlEligibilityStore(engine)
    other = type(CLINIC)("oak")
    assert judge_everybody(store, other, RULES, date(2037, 11, 1), UTC) == []
    assert len(judge_everybody(store, CLINIC, RULES, date(2037, 11, 1), UTC)) == here
