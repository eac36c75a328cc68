"""The readiness review on real databases: what is kept, and what a first month waits for."""

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.review_store import SqlReviews
from ccm_flow.adapters.db.tables import (
    GoLiveRow,
    LedgerEventRow,
    ReviewEntryRow,
    StaffRoleRow,
)
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.templates import load_templates
from ccm_flow.app.act import Desk
from ccm_flow.app.open_month import open_cycles
from ccm_flow.app.review import (
    BadEntryError,
    FirstMonthRefusedError,
    NothingMissingError,
    go_live,
    look,
    write,
)
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.review import Entry, Said, Standing
from tests.support.engine_flow import EngineFlow
from tests.support.set_up import CLINIC, MONTH, NOW, MovableClock, person, set_up_clinic

LEE = person("lee")
BEGUN = datetime(2037, 12, 1, 15, tzinfo=UTC)


@pytest.fixture
def record(engine: Engine) -> SqlReviews:
    set_up_clinic(engine, patients=2)
    return SqlReviews(engine, load_templates(shipped("templates")))


def _without(engine: Engine, role: str) -> None:
    with writing(engine) as session:
        session.exec(delete(StaffRoleRow).where(col(StaffRoleRow.role) == role))


def _open(engine: Engine) -> int:
    clock = MovableClock(BEGUN)
    desk = Desk(SqlCareRecord(engine), EngineFlow(engine, clock), clock)

    async def count() -> int:
        cycles = open_cycles(desk, CLINIC, PlaybookKind.MONTHLY, MONTH, month_calendar)
        return sum([1 async for _ in cycles])

    return asyncio.run(count())


def _id() -> str:
    return uuid.uuid4().hex


def test_a_clinic_that_is_set_up_opens_its_first_month(engine: Engine, record: SqlReviews) -> None:
    found = look(record, CLINIC, NOW)
    assert found.stops == ()
    assert not found.has_run
    assert _open(engine) == 2
    assert look(record, CLINIC, NOW).has_run


def test_a_first_month_waits_for_what_is_required_and_names_all_of_it(
    engine: Engine, record: SqlReviews
) -> None:
    _without(engine, "practitioner")
    with pytest.raises(FirstMonthRefusedError) as refused:
        _open(engine)
    assert {item.id for item, _ in refused.value.gaps} == {"roles", "billing_practitioner"}
    assert "Billing practitioner" in str(refused.value)
    assert "ccm review elm --go-live" in refused.value.hint
    assert {line.item.id for line in look(record, CLINIC, NOW).stops} == {
        "roles",
        "billing_practitioner",
    }


def test_a_clinic_that_has_run_a_month_is_never_stopped(engine: Engine, record: SqlReviews) -> None:
    _open(engine)
    _without(engine, "practitioner")
    assert _open(engine) == 0
    found = look(record, CLINIC, NOW)
    assert found.stops == ()
    assert next(line for line in found.lines if line.item.id == "roles").is_open


def test_letting_a_first_month_begin_is_kept_with_reason_and_covers_what_was_missing_alone(
    engine: Engine, record: SqlReviews
) -> None:
    with pytest.raises(NothingMissingError):
        go_live(record, CLINIC, because="why not", by=LEE, now=NOW, id_=_id())
    _without(engine, "practitioner")
    with pytest.raises(BadEntryError):
        go_live(record, CLINIC, because=" ", by=LEE, now=NOW, id_=_id())
    go_live(record, CLINIC, because="Dr. Roy begins Monday.", by=LEE, now=NOW, id_=_id())
    with reading(engine) as session:
        (line,) = session.exec(
            select(LedgerEventRow).where(LedgerEventRow.kind == "first_month_let_through")
        ).all()
    assert (line.cycle_id, line.actor) == (f"clinic:{CLINIC}", LEE)
    assert line.detail["missing"] == "roles, billing_practitioner"
    assert SqlCareRecord(engine).first_month_gaps(CLINIC, MONTH, BEGUN) == ()
    _without(engine, "program_lead")  # what goes missing later stops the month again
    ((item, _),) = SqlCareRecord(engine).first_month_gaps(CLINIC, MONTH, BEGUN)
    assert item.id == "program_owner"
    go_live(record, CLINIC, because="Lee is back soon.", by=LEE, now=BEGUN, id_=_id())
    assert _open(engine) == 2


def test_the_newest_answer_counts_and_every_answer_stays(
    engine: Engine, record: SqlReviews
) -> None:
    answer = Entry("walked_through", LEE, NOW, Said.NO, "Two were away.")
    click = _id()
    assert write(record, CLINIC, answer, id_=click, people=[])
    assert not write(record, CLINIC, answer, id_=click, people=[])
    again = replace(answer, said=Said.YES, note="", at=NOW)
    write(record, CLINIC, again, id_=_id(), people=[])
    found = look(record, CLINIC, NOW + timedelta(minutes=1))
    line = next(line for line in found.lines if line.item.id == "walked_through")
    assert line.finding.standing is Standing.MET
    assert found.name_of(LEE) == "Lee"
    with reading(engine) as session:
        rows = session.exec(select(ReviewEntryRow).order_by(col(ReviewEntryRow.number))).all()
    assert [(row.number, row.said) for row in rows] == [(1, Said.NO), (2, Said.YES)]


@pytest.mark.parametrize("table", [ReviewEntryRow, GoLiveRow])
def test_the_database_keeps_what_was_said(
    engine: Engine, record: SqlReviews, table: type[ReviewEntryRow] | type[GoLiveRow]
) -> None:
    write(record, CLINIC, Entry("walked_through", LEE, NOW, Said.YES), id_=_id(), people=[])
    _without(engine, "practitioner")
    go_live(record, CLINIC, because="It begins.", by=LEE, now=NOW, id_=_id())
    for statement in (update(table).values(by="elm.ann"), delete(table)):
        with pytest.raises(DBAPIError), writing(engine) as session:
            session.exec(statement)  # type: ignore[call-overload]
