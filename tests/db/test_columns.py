"""What is written comes back the same, on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlmodel import Session, SQLModel, col, select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.tables import (
    ClinicPlaybookRow,
    ClinicRow,
    LedgerEventRow,
    OrganizationRow,
    PlaybookVersionRow,
    SettingRow,
)
from ccm_flow.app.statuses import ClinicStatus, OrganizationKind
from ccm_flow.core.ids import ClinicId, CycleId, OrganizationId, PlaybookId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind

NOW = datetime(2026, 11, 1, 5, 59, 59, 123456, tzinfo=UTC)
CLINIC = ClinicId("c1")


def clinic_rows(created_at: datetime = NOW) -> list[SQLModel]:
    organization = OrganizationId("o1")
    return [
        OrganizationRow(id=organization, name="Elm Street", kind=OrganizationKind.CLINIC),
        ClinicRow(
            id=CLINIC,
            organization_id=organization,
            name="Elm Street",
            time_zone="America/New_York",
            created_at=created_at,
        ),
    ]


def add(engine: Engine, *rows: SQLModel) -> None:
    for row in rows:
        with writing(engine) as session:
            session.add(row)


def event(**changes: Any) -> LedgerEventRow:
    values = {
        "clinic_id": CLINIC,
        "cycle_id": CycleId("monthly:e1:2026-11"),
        "sequence": 1,
        "position": 0,
        "at": NOW,
        "kind": "step_opened",
        "detail": {"step": "outreach"},
    }
    return LedgerEventRow(**values | changes)


@pytest.mark.parametrize("hours", [-5, 0, 5.75])
def test_instants_come_back_in_utc_with_their_microseconds(engine: Engine, hours: float) -> None:
    local = NOW.astimezone(timezone(timedelta(hours=hours)))
    add(engine, *clinic_rows(local))
    with reading(engine) as session:
        read = session.get_one(ClinicRow, CLINIC).created_at
        assert read == NOW
        assert read.utcoffset() == timedelta(0)


def test_instants_compare_in_the_database_whatever_zone_they_were_given_in(engine: Engine) -> None:
    add(engine, *clinic_rows())
    earlier = (NOW - timedelta(microseconds=1)).astimezone(timezone(timedelta(hours=9)))
    with reading(engine) as session:
        after = select(ClinicRow).where(col(ClinicRow.created_at) > earlier)
        assert len(session.exec(after).all()) == 1
        before = select(ClinicRow).where(col(ClinicRow.created_at) < earlier)
        assert session.exec(before).all() == []


def test_naive_datetimes_are_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="no time zone"):
        add(engine, *clinic_rows(NOW.replace(tzinfo=None)))


def test_words_months_and_defaults_come_back_as_themselves(engine: Engine) -> None:
    version = PlaybookVersionRow(
        sha256="a" * 64,
        playbook=PlaybookId("ccm-monthly"),
        version=1,
        title="Monthly loop",
        source="playbook: ccm-monthly # é",
        plan="{}",
        published_at=NOW,
    )
    use = ClinicPlaybookRow(
        clinic_id=CLINIC,
        kind=PlaybookKind.MONTHLY,
        from_month=Month(2026, 11),
        sha256=version.sha256,
    )
    add(engine, *clinic_rows(), version, use)
    with reading(engine) as session:
        clinic = session.get_one(ClinicRow, CLINIC)
        assert clinic.status is ClinicStatus.ACTIVE
        assert (clinic.opens, clinic.working_days) == ("09:00", "mon tue wed thu fri")
        until = select(ClinicPlaybookRow).where(col(ClinicPlaybookRow.from_month) <= Month(2027, 1))
        used = session.exec(until).one()
        assert (used.kind, used.from_month) == (PlaybookKind.MONTHLY, Month(2026, 11))
    with engine.connect() as connection:
        raw = connection.execute(text("SELECT kind, from_month FROM clinic_playbook")).one()
        assert tuple(raw) == ("monthly", "2026-11")


def test_a_word_outside_the_list_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="hospital"):
        add(engine, OrganizationRow(id=OrganizationId("o2"), name="x", kind="hospital"))


def test_references_are_checked(engine: Engine) -> None:
    # The PostgreSQL driver gives IntegrityError for duplicates only.
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        add(engine, clinic_rows()[1])


def test_work_that_raises_leaves_nothing_behind(engine: Engine) -> None:
    def half() -> None:
        with writing(engine) as session:
            session.add(SettingRow(key="demo.offset", value="0"))
            session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        half()
    with reading(engine) as session:
        assert session.get(SettingRow, "demo.offset") is None


def test_the_ledger_takes_each_event_once(engine: Engine) -> None:
    add(engine, event(), event(position=1))
    with pytest.raises(IntegrityError):
        add(engine, event())
    with reading(engine) as session:
        ids = session.exec(select(LedgerEventRow.id).order_by(col(LedgerEventRow.id))).all()
        assert len(ids) == 2


@pytest.mark.parametrize(
    "change", ["UPDATE ledger_event SET kind = 'other'", "DELETE FROM ledger_event"]
)
def test_the_ledger_is_append_only(engine: Engine, change: str) -> None:
    add(engine, event())
    with pytest.raises(DBAPIError, match="append-only"), Session(engine) as session:
        session.connection().execute(text(change))
    with reading(engine) as session:
        assert session.exec(select(LedgerEventRow)).one().kind == "step_opened"
