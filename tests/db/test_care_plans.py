"""Care plans: versions that stay, approvals and shares that prove, and what counts for billing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from ccm_flow.adapters.db.care_plan_store import SqlCarePlanStore
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.app.care import Work
from ccm_flow.app.care_plans import (
    IncompleteCarePlanError,
    NoCarePlanError,
    PlanMovedOnError,
    ShareWay,
    ShareWith,
)
from ccm_flow.app.records import ConditionRecord, MedicationRecord, PatientRecord
from ccm_flow.core.care_plan import TITLES, CarePlan, Goal, Intervention, lines_of
from ccm_flow.core.ids import EnrollmentId
from ccm_flow.core.note_forms import NoteValue
from ccm_flow.core.plan import Recorded
from tests.support.open_month import keep, open_month
from tests.support.set_up import CLINIC, MONTH, person, set_up_clinic

AT = datetime(2037, 12, 3, 15, tzinfo=UTC)
PLAN = CarePlan(
    problems=("hypertension",),
    outcome="Stable.",
    goals=(Goal("Lower pressure", "systolic", "below 130", date(2038, 3, 1)),),
    symptoms=("Call for swelling.",),
    interventions=(Intervention("Monthly call", "coordinator"),),
    medicines=("lisinopril 10 mg",),
    services=("none needed",),
    coordination=("cardiologist",),
    function="Independent.",
    caregiver="None needed.",
    environment="Safe.",
    prevention=("influenza vaccination",),
    review_on=date(2038, 6, 1),
)
GIVEN = (ShareWith.PATIENT, ShareWay.PORTAL)
NAT = person("nat")


@pytest.fixture
def enrollment(engine: Engine) -> EnrollmentId:
    (one,) = set_up_clinic(engine)
    return one


@pytest.fixture
def store(engine: Engine) -> SqlCarePlanStore:
    return SqlCarePlanStore(engine)


def counts(engine: Engine, enrollment: EnrollmentId, at: datetime = AT) -> object:
    return SqlCareRecord(engine).facts(enrollment, MONTH, at)["care_plan"]


def test_a_plan_counts_once_it_is_complete_and_shared(
    engine: Engine, store: SqlCarePlanStore, enrollment: EnrollmentId
) -> None:
    assert counts(engine, enrollment) is False
    assert store.write(enrollment, PLAN, NAT, AT) == 1
    assert counts(engine, enrollment) is False
    store.share(enrollment, GIVEN, NAT, AT)
    assert counts(engine, enrollment) is True


@pytest.mark.parametrize("name", TITLES)
def test_a_plan_that_lacks_an_element_never_counts(
    engine: Engine, store: SqlCarePlanStore, enrollment: EnrollmentId, name: str
) -> None:
    store.write(enrollment, replace(PLAN, **{name: getattr(CarePlan(), name)}), NAT, AT)
    store.share(enrollment, GIVEN, NAT, AT)
    assert counts(engine, enrollment) is False


def test_a_new_version_must_be_shared_again(
    engine: Engine, store: SqlCarePlanStore, enrollment: EnrollmentId
) -> None:
    store.write(enrollment, PLAN, NAT, AT)
    store.share(enrollment, GIVEN, NAT, AT)
    new = replace(PLAN, medicines=("lisinopril 20 mg",))
    assert store.write(enrollment, new, NAT, AT + timedelta(days=1)) == 2
    assert counts(engine, enrollment) is False
    store.share(enrollment, (ShareWith.CAREGIVER, ShareWay.MAIL), NAT, AT + timedelta(days=2))
    assert counts(engine, enrollment) is True
    second, first = store.view(enrollment, AT).versions
    assert second.changes == (
        "Medication management: added 'lisinopril 20 mg'.",
        "Medication management: removed 'lisinopril 10 mg'.",
    )
    assert [share.to_whom for share in second.shares] == [ShareWith.CAREGIVER]
    assert [share.how for share in first.shares] == [ShareWay.PORTAL]


def test_a_plan_that_nobody_looked_at_for_a_year_counts_no_more(
    engine: Engine, store: SqlCarePlanStore, enrollment: EnrollmentId
) -> None:
    store.write(enrollment, PLAN, NAT, AT)
    store.share(enrollment, GIVEN, NAT, AT)
    late = AT + timedelta(days=366)
    assert counts(engine, enrollment, late) is False
    store.approve(enrollment, person("pat"), late)
    assert counts(engine, enrollment, late) is True
    (approval,) = store.view(enrollment, late).versions[0].approvals
    assert approval.holds
    assert approval.by == person("pat")


def test_without_a_plan_there_is_nothing_to_share(
    store: SqlCarePlanStore, enrollment: EnrollmentId
) -> None:
    with pytest.raises(NoCarePlanError):
        store.share(enrollment, GIVEN, NAT, AT)
    with pytest.raises(NoCarePlanError):
        store.view(enrollment, AT)


def test_nobody_stands_by_a_version_that_they_were_not_shown(
    store: SqlCarePlanStore, enrollment: EnrollmentId
) -> None:
    pat = person("pat")
    store.write(enrollment, PLAN, NAT, AT)
    assert store.approve(enrollment, pat, AT, upon=1, told_in="a1") == 1
    assert store.share(enrollment, GIVEN, NAT, AT, upon=1, told_in="s1") == 1
    store.write(enrollment, replace(PLAN, medicines=("lisinopril 20 mg",)), NAT, AT)
    with pytest.raises(PlanMovedOnError, match="has written version 2"):
        store.approve(enrollment, pat, AT, upon=1, told_in="a2")
    with pytest.raises(PlanMovedOnError, match="has written version 2"):
        store.share(enrollment, GIVEN, NAT, AT, upon=1, told_in="s2")
    assert store.approve(enrollment, pat, AT, upon=1, told_in="a1") == 1
    assert store.share(enrollment, GIVEN, NAT, AT, upon=1, told_in="s1") == 1
    second, first = store.view(enrollment, AT).versions
    assert (second.approvals, second.shares) == ((), ())
    assert (len(first.approvals), len(first.shares)) == (1, 1)
    assert store.approve(enrollment, pat, AT) == 2


def test_a_version_that_lacks_something_is_not_approved(
    store: SqlCarePlanStore, enrollment: EnrollmentId
) -> None:
    store.write(enrollment, replace(PLAN, outcome=""), NAT, AT)
    with pytest.raises(IncompleteCarePlanError):
        store.approve(enrollment, person("pat"), AT)
    assert store.view(enrollment, AT).versions[0].approvals == ()


@pytest.mark.parametrize("table", ["care_plan", "care_plan_approval", "care_plan_share"])
def test_the_database_refuses_to_change_versions_and_proofs(
    engine: Engine, store: SqlCarePlanStore, enrollment: EnrollmentId, table: str
) -> None:
    store.write(enrollment, PLAN, NAT, AT)
    store.share(enrollment, GIVEN, NAT, AT)
    store.approve(enrollment, person("pat"), AT)
    for change in (f"UPDATE {table} SET id = 'x'", f"DELETE FROM {table}"):  # noqa: S608
        with pytest.raises(Exception, match="append-only"), writing(engine) as session:
            session.connection().execute(text(change))


def test_a_steps_note_becomes_the_plan_and_a_review_its_next_version(
    engine: Engine, store: SqlCarePlanStore, enrollment: EnrollmentId
) -> None:
    cycle = open_month(engine, enrollment)
    written: dict[str, NoteValue] = {name: "\n".join(lines_of(PLAN, name)) for name in TITLES}
    both = (Recorded.CARE_PLAN, Recorded.CARE_PLAN_SHARED)
    keep(engine, cycle, Work(fields=written), at=AT, by="nat", click="c1", records=both)
    assert store.latest(enrollment) == PLAN
    assert counts(engine, enrollment) is True
    review: dict[str, NoteValue] = {
        "summary": "Looked at all.",
        "changed": "yes",
        "medicines": "lisinopril 20 mg",
        "how": "by mail",
    }
    keep(engine, cycle, Work(fields=review), at=AT, by="nat", click="c2", records=both)
    assert store.latest(enrollment) == replace(PLAN, medicines=("lisinopril 20 mg",))
    newest = store.view(enrollment, AT).versions[0]
    assert [(share.to_whom, share.how) for share in newest.shares] == [
        (ShareWith.PATIENT, ShareWay.MAIL)
    ]
    assert counts(engine, enrollment) is True


def test_a_draft_is_prefilled_from_what_was_imported(
    engine: Engine, store: SqlCarePlanStore, enrollment: EnrollmentId
) -> None:
    record = PatientRecord(
        "test",
        "0",
        "MRN0",
        "Family0",
        "Given",
        conditions=(
            ConditionRecord("a", "", "1", "Hypertension", "active"),
            ConditionRecord("b", "", "2", "Fracture", "resolved"),
        ),
        medications=(MedicationRecord("m", "3", "Lisinopril", "active"),),
    )
    SqlPatientStore(engine).save(CLINIC, record, AT)
    draft = store.draft(enrollment)
    assert draft.problems == ("Hypertension (to be confirmed)",)
    assert draft.medicines == ("Lisinopril (to be confirmed)",)
    store.write(enrollment, PLAN, NAT, AT)
    assert store.draft(enrollment) == PLAN
