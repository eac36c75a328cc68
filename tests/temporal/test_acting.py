"""What people do is kept, counted once, and answered when it is written down."""

import uuid
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import Engine, text
from temporalio.client import Client

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.projection import write_transition
from ccm_flow.adapters.temporal.time_travel import TimeTravel
from ccm_flow.app.act import Desk, finish_step, pass_on_pending
from ccm_flow.app.care import NotInThisClinicError, Work
from ccm_flow.app.flow import ClickRefusedError, FlowUnavailableError, NoSuchCycleError
from ccm_flow.app.notes import NoteIncompleteError
from ccm_flow.core.consent import EVERY_STATEMENT
from ccm_flow.core.engine import MonthPlan, advance, open_cycle
from ccm_flow.core.events import CycleOpened, PersonEvent
from ccm_flow.core.ids import ClickId, CycleId, OutcomeId, PersonId, StepKey, cycle_id
from ccm_flow.core.note_forms import NoteValue
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStart
from ccm_flow.core.transition import transition
from tests.support.set_up import CLINIC, MONTH, MovableClock, person, set_up_clinic

PREPARE = StepKey("prepare")
PREPARED = OutcomeId("prepared")


@dataclass
class Month:
    """One patient's running month, on its first morning."""

    desk: Desk
    engine: Engine
    cycle: CycleId

    async def finish(
        self,
        step: StepKey = PREPARE,
        outcome: OutcomeId = PREPARED,
        *,
        by: PersonId | None = None,
        click: str = "",
        fields: dict[str, NoteValue] | None = None,
    ) -> int:
        """Complete a step with five minutes and a note."""
        return await finish_step(
            self.desk,
            click=ClickId(click or uuid.uuid4().hex),
            cycle=self.cycle,
            step=step,
            outcome=outcome,
            by=by or person("ann"),
            work=Work(
                time=timedelta(minutes=5),
                note="Reviewed.",
                fields={"changes": "Nothing new."} if fields is None else fields,
                sign=True,
                statements=EVERY_STATEMENT,
                signature="Yes",
            ),
        )

    def count(self, table: str) -> int:
        """Count the rows of a table."""
        with reading(self.engine) as session:
            query = text(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own names
            return int(session.connection().execute(query).scalar_one())


class _Away:
    """A flow whose server does not answer."""

    async def click(self, cycle: CycleId, click: ClickId, event: PersonEvent) -> int:
        raise FlowUnavailableError


@pytest_asyncio.fixture
async def month(desk: Desk, engine: Engine, own_client: Client, clock: MovableClock) -> Month:
    """Open a month and bring it to its first morning."""
    (enrollment,) = set_up_clinic(engine)
    await desk.flow.open_month(CLINIC, MONTH)
    cycle = cycle_id(enrollment, "monthly", str(MONTH))
    travel = TimeTravel(own_client)
    clock.instant = clock.instant.replace(month=12, day=1, hour=15)
    await travel.move(cycle, clock.instant - await travel.now(cycle))
    while (await desk.flow.state(cycle)).sequence == 0:
        await travel.move(cycle, timedelta(seconds=1))
    return Month(desk, engine, cycle)


async def test_a_click_is_written_down_before_it_is_answered(month: Month) -> None:
    sequence = await month.finish()
    with reading(month.engine) as session:
        row = session.connection().execute(
            text("SELECT status, outcome, ended_by FROM step WHERE key = 'prepare'")
        )
        assert tuple(row.one()) == ("done", "prepared", person("ann"))
    assert sequence == 2
    assert month.count("time_entry") == month.count("note") == 1


async def test_the_same_click_twice_is_one_click(month: Month) -> None:
    first = await month.finish(click="c1")
    second = await month.finish(click="c1")
    assert first == second
    assert month.count("click") == month.count("time_entry") == month.count("note") == 1


async def test_a_step_whose_note_is_not_complete_stays_open_and_nothing_is_lost(
    month: Month,
) -> None:
    typed: dict[str, NoteValue] = {"goals": "Walk daily"}
    with pytest.raises(NoteIncompleteError, match="What changed since last month"):
        await month.finish(fields=typed)
    assert month.count("click") == month.count("note") == month.count("time_entry") == 0
    draft = month.desk.record.draft(month.cycle, PREPARE, person("ann"))
    assert draft is not None
    assert (draft.fields, draft.text) == (typed, "Reviewed.")
    await month.finish(fields={**draft.fields, "changes": "Nothing new."})
    assert month.count("note") == 1
    assert month.count("note_draft") == 0


async def test_a_refused_step_keeps_the_note_and_the_minutes(month: Month) -> None:
    await month.finish()
    with pytest.raises(ClickRefusedError, match="already done as 'prepared'") as refusal:
        await month.finish()
    assert refusal.value.code == "step_closed"
    assert month.count("note") == month.count("time_entry") == 2
    with reading(month.engine) as session:
        states = session.connection().execute(text("SELECT state FROM click ORDER BY state"))
        assert [row[0] for row in states] == ["done", "refused"]


async def test_a_click_kept_while_the_server_was_away_is_passed_on_once(month: Month) -> None:
    away = replace(month.desk, flow=_Away())
    lost = Month(away, month.engine, month.cycle)
    with pytest.raises(FlowUnavailableError):
        await lost.finish(click="c1")
    assert month.count("note") == 1
    assert await pass_on_pending(month.desk, timedelta(0)) == 0, "it is too young"
    month.desk.clock.instant += timedelta(minutes=2)  # type: ignore[attr-defined]
    assert await pass_on_pending(month.desk, timedelta(minutes=1)) == 1
    assert await pass_on_pending(month.desk, timedelta(minutes=1)) == 0
    state = await month.desk.flow.state(month.cycle)
    assert state.steps[PREPARE].outcome == PREPARED
    assert month.count("note") == month.count("time_entry") == 1


async def test_a_refused_outcome_puts_nothing_into_the_record(month: Month) -> None:
    with pytest.raises(ClickRefusedError):
        await month.finish(StepKey("fix_consent"), OutcomeId("recorded"))
    assert month.count("consent") == 0
    assert month.count("note") == 1


async def test_what_was_refused_and_is_taken_after_all_is_kept(month: Month) -> None:
    with pytest.raises(ClickRefusedError):
        await month.finish(StepKey("fix_consent"), OutcomeId("recorded"), click="again")
    month.desk.record.settle(ClickId("again"), None)
    assert month.count("consent") == 1
    month.desk.record.settle(ClickId("again"), "too late")
    assert month.count("click WHERE state = 'done' AND id = 'again'") == 1


async def test_an_outcome_the_playbook_does_not_list_is_refused_with_the_list(
    month: Month,
) -> None:
    with pytest.raises(ClickRefusedError) as refusal:
        await month.finish(outcome=OutcomeId("finished"))
    assert refusal.value.code == "unknown_outcome"
    assert "prepared" in refusal.value.hint


async def test_a_person_in_another_role_is_refused(month: Month) -> None:
    with pytest.raises(ClickRefusedError, match="belongs to the coordinator") as refusal:
        await month.finish(by=person("bob"))
    assert refusal.value.code == "wrong_role"


async def test_the_program_owner_may_do_any_step(month: Month) -> None:
    assert await month.finish(by=person("lee")) == 2


async def test_somebody_from_elsewhere_sees_nothing(month: Month) -> None:
    with pytest.raises(NotInThisClinicError):
        await month.finish(by=PersonId("oak.eve"))
    assert month.count("click") == 0


async def test_an_unknown_step_is_refused_with_the_open_ones(month: Month) -> None:
    with pytest.raises(ClickRefusedError, match="no step 'nothing'") as refusal:
        await month.finish(step=StepKey("nothing"))
    assert "prepare" in refusal.value.hint


async def test_a_month_that_never_was_is_said_to_be_unknown(month: Month) -> None:
    lost = Month(month.desk, month.engine, CycleId("monthly:nobody:2037-12"))
    with pytest.raises(NoSuchCycleError):
        await lost.finish()


async def test_writing_a_transition_twice_changes_nothing(month: Month) -> None:
    view = month.desk.record.cycle(month.cycle)
    hours = month.desk.record.clinic(CLINIC).hours
    start = CycleStart(
        cycle=month.cycle,
        clinic=CLINIC,
        enrollment=view.enrollment,
        month=MONTH,
        opens_at=month.desk.clock.now(),
        team={view.plan.owner: person("lee")},
        facts={},
        calendar=month_calendar(hours, MONTH, PlaybookKind.MONTHLY),
        plan=view.plan,
    )
    layout = MonthPlan.of(start)
    result = advance(layout, open_cycle(start), CycleOpened(), layout.opens_at)
    before = month.count("ledger_event")
    write_transition(
        month.engine, transition(start, layout, CycleOpened(), result, layout.opens_at)
    )
    assert month.count("ledger_event") == before


async def test_nothing_of_the_ledger_can_be_edited(month: Month) -> None:
    with pytest.raises(Exception, match="append-only"), writing(month.engine) as session:
        session.connection().execute(text("UPDATE ledger_event SET kind = 'nothing'"))
