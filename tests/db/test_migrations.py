"""The migrations make exactly the tables that the program works with, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel

from ccm_flow.adapters.db import tables
from ccm_flow.adapters.db.migrate import (
    DatabaseOutOfStepError,
    check_in_step,
    current,
    downgrade,
    newest,
    upgrade,
)


def test_migrated_schema_equals_the_tables(engine: Engine) -> None:
    assert len(tables.__all__) == len(SQLModel.metadata.tables)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, SQLModel.metadata) == []


def test_every_constraint_has_a_name(engine: Engine) -> None:
    """A nameless one could not be dropped by a later migration."""
    found = inspect(engine)
    for table in SQLModel.metadata.tables:
        names = [key["name"] for key in found.get_foreign_keys(table)]
        names += [key["name"] for key in found.get_unique_constraints(table)]
        assert all(names), table


def test_migrations_go_down_and_up_again(engine: Engine) -> None:
    downgrade(engine)
    assert current(engine) is None
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    upgrade(engine)
    check_in_step(engine)


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    assert current(engine) == newest()


def test_programs_that_start_together_make_the_tables_once(empty: Engine) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(upgrade, [empty] * 3))
    check_in_step(empty)


def test_an_empty_database_is_told_apart(empty: Engine) -> None:
    with pytest.raises(DatabaseOutOfStepError, match="empty") as caught:
        check_in_step(empty)
    assert "ccm prepare" in caught.value.hint


def test_an_older_database_is_told_apart(empty: Engine) -> None:
    upgrade(empty, "0001")
    with pytest.raises(DatabaseOutOfStepError, match="at revision 0001"):
        check_in_step(empty)


def test_a_newer_database_is_told_apart(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseOutOfStepError, match="newer version"):
        check_in_step(engine)


def test_a_failing_step_leaves_nothing_behind(empty: Engine) -> None:
    """A table of the same name stands in the way of the second half of a step."""
    upgrade(empty, "0002")
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE care_plan (id TEXT PRIMARY KEY)"))
    with pytest.raises(Exception, match="care_plan"):
        upgrade(empty)
    assert current(empty) == "0002"
    assert "time_entry" not in inspect(empty).get_table_names()
