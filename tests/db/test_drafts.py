"""Drafts: what a person typed comes back, to them alone, until it is sent."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.app.care import Click, Work
from ccm_flow.app.care_plans import IncompleteCarePlanError
from ccm_flow.app.documenting import check_work
from ccm_flow.app.notes import NoteDraft, NoteIncompleteError
from ccm_flow.core.events import AttemptMade, StepCompleted
from ccm_flow.core.ids import ClickId, CycleId, OutcomeId, RoleId, StepKey
from ccm_flow.core.note_forms import NoteValue
from ccm_flow.core.plan import Recorded
from tests.support.open_month import keep, open_month
from tests.support.set_up import MovableClock, person, set_up_clinic

AT = datetime(2037, 12, 3, 15, tzinfo=UTC)
OUTREACH = StepKey("outreach")
ANN = person("ann")
TYPED: dict[str, NoteValue] = {"spoke_with": "patient"}


@pytest.fixture
def cycle(engine: Engine) -> CycleId:
    (enrollment,) = set_up_clinic(engine)
    return open_month(engine, enrollment)


@pytest.fixture
def record(engine: Engine) -> SqlCareRecord:
    return SqlCareRecord(engine)


def sent(
    cycle: CycleId,
    work: Work,
    *,
    step: str = "outreach",
    outcome: str = "reached",
    records: tuple[Recorded, ...] = (),
) -> Click:
    event = StepCompleted(StepKey(step), OutcomeId(outcome), ANN, RoleId("coordinator"))
    return Click(ClickId("c1"), cycle, ANN, event, StepKey(step), work, records)


def test_a_draft_comes_back_as_it_was_left(record: SqlCareRecord, cycle: CycleId) -> None:
    assert record.draft(cycle, OUTREACH, ANN) is None
    record.keep_draft(cycle, OUTREACH, ANN, NoteDraft(TYPED, "Feels"), AT)
    record.keep_draft(cycle, OUTREACH, ANN, NoteDraft(TYPED, "Feels well"), AT)
    assert record.draft(cycle, OUTREACH, ANN) == NoteDraft(TYPED, "Feels well", AT)


def test_a_draft_is_its_authors_alone(record: SqlCareRecord, cycle: CycleId) -> None:
    record.keep_draft(cycle, OUTREACH, ANN, NoteDraft({}, "mine"), AT)
    assert record.draft(cycle, OUTREACH, person("lee")) is None
    assert record.draft(cycle, StepKey("outreach~2"), ANN) is None


def test_dropping_a_draft_that_is_not_there_changes_nothing(
    record: SqlCareRecord, cycle: CycleId
) -> None:
    record.keep_draft(cycle, OUTREACH, ANN, NoteDraft({}, "mine"), AT)
    record.drop_draft(cycle, OUTREACH, ANN)
    record.drop_draft(cycle, OUTREACH, ANN)
    assert record.draft(cycle, OUTREACH, ANN) is None


def test_a_note_that_is_sent_takes_the_place_of_the_draft(
    engine: Engine, record: SqlCareRecord, cycle: CycleId
) -> None:
    record.keep_draft(cycle, OUTREACH, ANN, NoteDraft({}, "mine"), AT)
    record.keep_draft(cycle, OUTREACH, person("lee"), NoteDraft({}, "another's"), AT)
    keep(engine, cycle, Work(note="Feels well"), at=AT)
    assert record.draft(cycle, OUTREACH, ANN) is None
    assert record.draft(cycle, OUTREACH, person("lee")) is not None


def test_everything_that_is_missing_is_named_and_what_was_typed_is_kept(
    record: SqlCareRecord, cycle: CycleId
) -> None:
    click = sent(cycle, Work(note="Feels well", fields={"pain": "11"}))
    with pytest.raises(NoteIncompleteError) as refusal:
        check_work(record, MovableClock(AT), click, record.cycle(cycle))
    assert refusal.value.problems == (
        "'Spoke with' must be filled in.",
        "'What was discussed' must be filled in.",
        "'Pain from 0 to 10' is at most 10.",
    )
    assert record.draft(cycle, OUTREACH, ANN) == NoteDraft({"pain": "11"}, "Feels well", AT)


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        ("outreach", "unreachable"),
        ("outreach", "nonsense"),
        ("relay_answer", "not_needed"),
        ("fix_care_plan", "not_possible"),
        ("sign_off", "signed"),
        ("nothing", "done"),
    ],
)
def test_an_outcome_without_a_conversation_needs_no_note(
    record: SqlCareRecord, cycle: CycleId, step: str, outcome: str
) -> None:
    click = sent(cycle, Work(), step=step, outcome=outcome)
    check_work(record, MovableClock(AT), click, record.cycle(cycle))


def test_an_attempt_that_leaves_the_step_open_needs_no_note(
    record: SqlCareRecord, cycle: CycleId
) -> None:
    event = AttemptMade(OUTREACH, OutcomeId("no_answer"), ANN, RoleId("coordinator"))
    click = Click(ClickId("c1"), cycle, ANN, event, OUTREACH)
    check_work(record, MovableClock(AT), click, record.cycle(cycle))


def test_a_click_that_was_kept_is_not_looked_at_again(
    engine: Engine, record: SqlCareRecord, cycle: CycleId
) -> None:
    keep(engine, cycle, Work(note="Feels well"), at=AT, click="c1")
    check_work(record, MovableClock(AT), sent(cycle, Work()), record.cycle(cycle))


def test_a_care_plan_that_would_lack_something_is_not_recorded(
    record: SqlCareRecord, cycle: CycleId
) -> None:
    fields: dict[str, NoteValue] = {
        "summary": "All of it",
        "changed": "yes",
        "goals": "Walk more",
    }
    click = sent(
        cycle,
        Work(fields=fields),
        step="care_plan_update",
        outcome="updated",
        records=(Recorded.CARE_PLAN,),
    )
    with pytest.raises(IncompleteCarePlanError) as refusal:
        check_work(record, MovableClock(AT), click, record.cycle(cycle))
    said = str(refusal.value)
    assert "'Problem list' is missing." in said
    assert "The goal 'Walk more' is not measurable" in said
