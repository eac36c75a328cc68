"""Whatever is changed, taken away, put in, lost or doubled behind the program's back is found."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlmodel import col, func, select

from ccm_flow.adapters.db.audit_store import SqlAuditRecord
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.ledger import append
from ccm_flow.adapters.db.migrate import downgrade, upgrade
from ccm_flow.adapters.db.tables import (
    ClickRow,
    LedgerEventRow,
    LedgerLinkRow,
    StepRow,
)
from ccm_flow.app.act import Desk, act
from ccm_flow.app.audit import Audited, audit_record, check_workflows
from ccm_flow.app.care import Click
from ccm_flow.app.statuses import ClickState
from ccm_flow.core.audit import Flaw, check_export
from ccm_flow.core.events import StepCompleted
from ccm_flow.core.ids import ClickId, CycleId, OutcomeId, PersonId
from ccm_flow.core.state import StepStatus
from tests.support.engine_flow import EngineFlow
from tests.support.set_up import CLINIC, MONTH, MovableClock, person, set_up_clinic

BEGUN = datetime(2037, 12, 1, 15, tzinfo=UTC)
Tamper = Callable[[Engine], None]


class Place:
    """Three running months in which a first step was done and a deadline has passed."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = MovableClock()
        self.flow = EngineFlow(engine, self.clock)
        self.desk = self.flow.desk = Desk(SqlCareRecord(engine), self.flow, self.clock)
        self.record = SqlAuditRecord(engine)

    async def begin(self) -> None:
        set_up_clinic(self.engine, 3)
        await self.flow.open_month(CLINIC, MONTH)
        self.flow.move_to(BEGUN)
        with reading(self.engine) as session:
            step = session.exec(
                select(StepRow).where(StepRow.status == StepStatus.OPEN).order_by(col(StepRow.key))
            ).first()
        assert step is not None
        done = StepCompleted(step.key, OutcomeId("prepared"), person("ann"), step.owner_role)
        await act(self.desk, Click(ClickId("first"), step.cycle_id, person("ann"), done, step.key))
        self.flow.move_to(BEGUN + timedelta(days=9))

    def audit(self) -> Audited:
        return audit_record(self.record, CLINIC)

    def flaws(self) -> set[Flaw]:
        return {one.flaw for one in self.audit().findings}


@pytest.fixture
async def place(engine: Engine) -> Place:
    made = Place(engine)
    await made.begin()
    return made


async def test_a_record_that_nobody_touched_agrees_in_everything(place: Place) -> None:
    done = place.audit()
    assert done.findings == ()
    assert (done.months, done.head.number > 10) == (3, True)
    assert await check_workflows(place.record, place.flow, CLINIC) == (3, [])


def _behind(engine: Engine, *statements: str) -> None:
    """Change tables that refuse it, as somebody with the keys to the database could."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            for table in ("ledger_event", "ledger_link"):
                for verb in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
        else:
            for table in ("ledger_event", "ledger_link"):
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(text(statement))


_CHANGED = (
    "UPDATE ledger_event SET actor = 'x' "
    "WHERE id = (SELECT event_id FROM ledger_link WHERE number = 5)"
)
_LAST = "(SELECT max(number) FROM ledger_link)"
_FORGOTTEN = "DELETE FROM ledger_link WHERE number = {0}"
_GONE = "DELETE FROM ledger_event WHERE id NOT IN (SELECT event_id FROM ledger_link)"


@pytest.mark.parametrize(
    ("statements", "flaw", "where"),
    [
        ([_CHANGED], Flaw.CHANGED, 5),
        ([_FORGOTTEN.format(5), _GONE], Flaw.MISSING, 5),
        ([_FORGOTTEN.format(_LAST), _GONE], Flaw.CUT_OFF, None),
        ([_FORGOTTEN.format(5)], Flaw.PUT_IN, None),
        (["UPDATE ledger_link SET sha256 = 'x' WHERE number = 5"], Flaw.CHANGED, 5),
    ],
)
def test_a_ledger_changed_behind_its_back_is_told_with_its_place(
    place: Place, statements: list[str], flaw: Flaw, where: int | None
) -> None:
    _behind(place.engine, *statements)
    found = {one.flaw: one for one in reversed(place.audit().findings)}
    assert flaw in found
    if where is not None:
        assert found[flaw].where == f"ledger line {where}"


def test_one_changed_line_is_one_finding(place: Place) -> None:
    _behind(place.engine, _CHANGED)
    assert [one.flaw for one in place.audit().findings] == [Flaw.CHANGED]


def test_who_forges_the_whole_chain_is_found_by_an_earlier_export(place: Place) -> None:
    earlier = check_export(list(place.record.export(CLINIC)))
    assert (earlier.clinic, earlier.findings) == (CLINIC, ())
    _behind(
        place.engine,
        _CHANGED,
        "DELETE FROM ledger_link",
        "DELETE FROM ledger_head",
    )
    with writing(place.engine) as session:
        lines = session.exec(select(LedgerEventRow).order_by(col(LedgerEventRow.id))).all()
        session.info["new ledger lines"] = list(lines)  # linked anew, as if they were new
    assert place.flaws() == set()
    _, found = place.record.check_chain(CLINIC, earlier.head)
    assert [one.flaw for one in found] == [Flaw.NOT_THE_SAME]


def test_an_earlier_export_is_met_again_after_the_month_went_on(place: Place) -> None:
    earlier = check_export(list(place.record.export(CLINIC)))
    place.flow.move_to(BEGUN + timedelta(days=20))
    later, found = place.record.check_chain(CLINIC, earlier.head)
    assert (found, later.number > earlier.head.number) == ([], True)


def test_an_export_shows_by_itself_what_was_changed_in_it(place: Place) -> None:
    lines = list(place.record.export(CLINIC))
    lines[4] = lines[4] | {"line": lines[4]["line"] | {"actor": "x"}}
    assert [one.where for one in check_export(lines).findings] == ["ledger line 5"]
    assert [one.flaw for one in check_export([*lines[:3], lines[-1]]).findings] == [Flaw.CUT_OFF]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE step SET owner_id = 'elm.nat' WHERE status = 'open'",
        "UPDATE step SET due_at = '2037-12-24 22:00:00.000000' WHERE status = 'open'",
        "UPDATE step SET outcome = 'other' WHERE status = 'done'",
        "UPDATE cycle SET status = 'ended'",
    ],
)
def test_a_work_list_that_shows_something_else_is_told(place: Place, statement: str) -> None:
    with place.engine.begin() as connection:
        connection.execute(text(statement))
    assert place.flaws() == {Flaw.RECORD}


async def test_a_running_month_that_stands_elsewhere_is_told(place: Place) -> None:
    with place.engine.begin() as connection:
        connection.execute(text("UPDATE step SET owner_id = 'elm.nat' WHERE status = 'open'"))
    asked, found = await check_workflows(place.record, place.flow, CLINIC)
    assert (asked, {one.flaw for one in found}) == (3, {Flaw.WORKFLOW})


def test_a_click_that_the_ledger_does_not_know_is_told(place: Place) -> None:
    with writing(place.engine) as session:
        taken = session.get_one(ClickRow, ClickId("first"))
        lost = taken.model_copy(update={"id": ClickId("lost"), "state": ClickState.DONE})
        session.add(ClickRow(**lost.model_dump()))
    assert place.flaws() == {Flaw.CLICK}


def test_lines_written_at_once_make_one_chain(place: Place) -> None:
    def write(number: int) -> None:
        with writing(place.engine) as session:
            for part in range(3):
                stream = CycleId(f"record:{number}.{part}")
                append(
                    session, CLINIC, stream, "seen", actor=PersonId("x"), at=BEGUN, detail={"n": 1}
                )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(8)))
    assert place.flaws() == set()


def test_what_was_written_before_there_was_a_chain_is_linked(place: Place) -> None:
    before = list(place.record.export(CLINIC))
    downgrade(place.engine, "0017")
    upgrade(place.engine)
    assert list(place.record.export(CLINIC)) == before
    assert place.flaws() == set()


def test_what_is_taken_back_leaves_no_link(place: Place) -> None:
    before = place.audit().head
    stream = CycleId("record:1")

    def fail() -> None:
        with writing(place.engine) as session:
            append(session, CLINIC, stream, "seen", actor=PersonId("x"), at=BEGUN, detail={})
            raise NotNowError

    with pytest.raises(NotNowError):
        fail()
    with reading(place.engine) as session:
        lines = session.exec(select(func.count()).select_from(LedgerEventRow)).one()
        links = session.exec(select(func.count()).select_from(LedgerLinkRow)).one()
    assert (lines, links, place.audit().head) == (before.number, before.number, before)


class NotNowError(Exception):
    """Something goes wrong in the middle of a transaction."""
