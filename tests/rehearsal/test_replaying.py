"""A recorded month, replayed: the same playbook gives the same month, another one shows why not."""

from dataclasses import replace
from typing import Any

import pytest
from markupsafe import escape
from sqlalchemy import Engine, event

from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.recorded_months import closed_cycles, recorded_months
from ccm_flow.adapters.db.rehearsal_names import names_of
from ccm_flow.adapters.documents.rehearsal_page import rehearsal_page
from ccm_flow.adapters.processes.replays import SqlRecordedClinic
from ccm_flow.app.rehearse import CannotRehearseError, RehearsalResult, Wanted, rehearse
from ccm_flow.core.ids import ClinicId, CycleId, StepId
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.rehearsal.assumptions import MEANING, Assumption
from ccm_flow.rehearsal.comparing import Effect
from ccm_flow.rehearsal.habits import habits_of
from ccm_flow.rehearsal.measures import Metric
from ccm_flow.rehearsal.observing import Seen
from ccm_flow.rehearsal.stage import Stage
from tests.rehearsal.recording import PATIENTS, STAFF, record_month
from tests.support.plans import rule, step
from tests.support.replaying import recorded_lines, replayed_lines
from tests.support.set_up import CLINIC, MONTH


def test_the_same_playbook_gives_the_same_month_again(engine: Engine) -> None:
    calendar = record_month(engine)
    cycles = closed_cycles(engine, CLINIC, [MONTH], PlaybookKind.MONTHLY)
    months = list(recorded_months(engine, cycles, calendar))
    assert len(months) == PATIENTS
    seen = Seen()
    for month in months:
        seen.add(month, calendar)
    endings = {month.measured.disposition for month in months}
    assert {"ready", "not_ready", "withdrawn", "deceased"} <= endings

    for month in months:
        stage = Stage(month.plan, {}, habits_of(seen), 1)
        replayed, lines = replayed_lines(stage, month, calendar)

        assert lines == recorded_lines(engine, month)
        assert replayed.month == month.measured


def test_a_playbook_is_fetched_at_most_once_for_many_cycles(engine: Engine) -> None:
    calendar = record_month(engine)
    cycles = closed_cycles(engine, CLINIC, [MONTH], PlaybookKind.MONTHLY)
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        months = list(recorded_months(engine, cycles, calendar))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(months) == PATIENTS
    assert sum("FROM playbook_version" in one for one in asked) <= 1


def _plan(engine: Engine) -> Plan:
    return SqlCareRecord(engine).plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH)


def _draft(engine: Engine, step: str, **changes: Any) -> Plan:
    """Give the month's playbook with one step changed."""
    plan = _plan(engine)
    steps = tuple(replace(one, **changes) if one.id == step else one for one in plan.steps)
    return replace(plan, steps=steps, version=plan.version + 1, sha256="f" * 64)


def _rehearse(engine: Engine, plan: Plan, **mapping: str | None) -> RehearsalResult:
    named = {StepId(old): StepId(new) if new else None for old, new in mapping.items()}
    wanted = Wanted(CLINIC, plan, MONTH, named)
    return rehearse(SqlRecordedClinic(engine), wanted)


def test_a_draft_that_lets_outreach_fall_due_on_the_last_day_is_caught(engine: Engine) -> None:
    record_month(engine, replace(STAFF, forgotten=0.4))
    bad = _draft(engine, "outreach", due=rule("month end"), variants=())

    result = _rehearse(engine, bad)

    ready = result.change(Metric.READY)
    assert ready.old is not None
    assert ready.new is not None
    assert ready.high is not None
    assert result.effects[Effect.LOST] > 0
    assert round((ready.new - ready.old) * PATIENTS) == (
        result.effects[Effect.GAINED] - result.effects[Effect.LOST]
    )
    assert ready.new < ready.old
    assert {one.effect for one in result.affected[: result.effects[Effect.LOST]]} == {Effect.LOST}
    outreach = next(one for one in result.deadlines if one.step == "outreach")
    assert outreach.shift.later > 0
    assert outreach.shift.earlier == 0
    assert (result.checked, result.reproduced) == (PATIENTS, PATIENTS)


def test_the_same_playbook_changes_nothing_and_assumes_nothing_new(engine: Engine) -> None:
    record_month(engine)

    result = _rehearse(engine, replace(_plan(engine), version=3, sha256="e" * 64))

    assert all(one.old == one.new and (one.low, one.high) == (0, 0) for one in result.changes)
    assert not result.affected
    assert not result.deadlines
    assert {one.assumption for one in result.assumed} <= {
        Assumption.CARRIED,
        Assumption.PROMPTED,
        Assumption.OUTSIDE,
        Assumption.LEFT_UNDONE,
    }


def test_two_rehearsals_with_one_seed_are_one(engine: Engine) -> None:
    record_month(engine)
    draft = _draft(engine, "outreach", due=rule("business day 5"), variants=())

    assert _rehearse(engine, draft) == _rehearse(engine, draft)


def test_two_processes_give_the_same_as_one_to_the_last_digit(engine: Engine) -> None:
    record_month(engine, replace(STAFF, forgotten=0.2), patients=9)
    draft = _draft(engine, "outreach", due=rule("business day 5"), variants=())
    wanted = Wanted(CLINIC, draft, MONTH, {})

    one = rehearse(SqlRecordedClinic(engine, 1), wanted)
    two = rehearse(SqlRecordedClinic(engine, 2, worth_it=1), wanted)

    assert two == one
    assert repr(two) == repr(one)


def test_months_are_read_as_they_are_asked_for(engine: Engine) -> None:
    calendar = record_month(engine, patients=6)
    cycles = closed_cycles(engine, CLINIC, [MONTH], PlaybookKind.MONTHLY)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))

    months = recorded_months(engine, [*cycles, *(CycleId("none") for _ in range(1000))], calendar)
    first = next(months)
    after_one = len(asked)

    assert first.cycle == cycles[0]
    assert len(list(months)) == 5
    assert after_one < len(asked), "further chunks are read only when somebody wants them"


def test_a_step_that_is_new_is_done_as_its_role_works(engine: Engine) -> None:
    record_month(engine)
    plan = _plan(engine)
    call = step("second_look", "3 business days", "seen", owner="nurse", after="prepare")
    draft = replace(plan, steps=(*plan.steps, call), version=3, sha256="d" * 64)

    result = _rehearse(engine, draft)

    assumed = {(one.assumption, one.step): one.count for one in result.assumed}
    assert 0 < assumed[Assumption.NEW_STEP, StepId("second_look")] <= PATIENTS
    minutes = result.change(Metric.MINUTES)
    assert minutes.old is not None
    assert minutes.new is not None
    assert minutes.new > minutes.old


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ({}, "the draft has no step 'prepare'"),
        ({"prepare": "look"}, None),
        ({"prepare": None}, None),
        ({"prepare": "nowhere"}, "'nowhere' is no step of the draft"),
        ({"prepare": "outreach"}, "'outreach' would take the place of two steps"),
        ({"prepare": "look", "lunch": "look"}, "'lunch' was no step of that month"),
    ],
)
def test_recorded_steps_without_a_place_in_the_draft_are_named(
    engine: Engine, mapping: dict[str, str | None], says: str | None
) -> None:
    record_month(engine, patients=4)
    plan = _renamed(_plan(engine))

    if says is None:
        result = _rehearse(engine, plan, **mapping)
        assert result.is_thin
        return
    with pytest.raises(CannotRehearseError) as refused:
        _rehearse(engine, plan, **mapping)
    assert says in str(refused.value)[:1].lower() + str(refused.value)[1:]


def _renamed(plan: Plan) -> Plan:
    """Call the first step otherwise, wherever it is named."""

    def named(expr: Any) -> Any:
        if isinstance(expr, tuple):
            return tuple(map(named, expr))
        return "look" if expr == "prepare" else expr

    steps = tuple(replace(one, id=named(one.id), after=named(one.after)) for one in plan.steps)
    return replace(plan, steps=steps, version=3, sha256="c" * 64)


def test_the_page_names_the_clinics_own_patients_and_every_assumption(engine: Engine) -> None:
    record_month(engine, replace(STAFF, forgotten=0.4))
    bad = _draft(engine, "outreach", due=rule("month end"), variants=())
    result = _rehearse(engine, bad)
    affected = [one.enrollment for one in result.affected]
    assert affected

    page = rehearsal_page(result, bad, names_of(engine, CLINIC, affected))

    assert not names_of(engine, ClinicId("oak"), affected)
    assert "Family" in page
    for one in result.assumed:
        assert str(escape(MEANING[one.assumption])) in page
