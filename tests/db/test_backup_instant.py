"""A backup on PostgreSQL never holds months that are ahead of the record."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, make_url, text

from ccm_flow.adapters.backup.errors import NotEmptyError
from ccm_flow.adapters.backup.postgres import check_empty, dump, restore
from ccm_flow.adapters.db.engine import POSTGRES_DRIVER

WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'ShareLock'"
SECONDS = 30


@pytest.fixture
def months(postgres_server: str) -> str:
    """Give a database that stands for the Temporal server's."""
    return made(postgres_server, "months")


def made(server: str, name: str) -> str:
    url = make_url(server).set(drivername=POSTGRES_DRIVER)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def count(url: str, query: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = int(connection.execute(text(query)).scalar_one())
    engine.dispose()
    return found


def until_it_waits(connection: Connection) -> None:
    end = time.monotonic() + SECONDS
    while not connection.execute(text(WAITS)).scalar_one():
        assert time.monotonic() < end, "the backup does not wait for who writes"
        time.sleep(0.02)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_transition_under_way_is_in_both_or_in_the_record_alone(
    engine: Engine, months: str, postgres_server: str, tmp_path: Path
) -> None:
    other = create_engine(months)
    with other.begin() as connection:
        connection.execute(text("CREATE TABLE history (event text)"))
    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as writer:  # a transition: first the record ...
            writer.execute(text("LOCK TABLE ledger_event IN ROW EXCLUSIVE MODE"))
            writer.execute(text("INSERT INTO setting (key, value) VALUES ('event', '1')"))
            dumping = pool.submit(dump, engine.url, {"temporal": make_url(months)}, tmp_path)
            with engine.connect() as watching:
                until_it_waits(watching)
        with other.begin() as connection:  # ... then the month's history
            connection.execute(text("INSERT INTO history VALUES ('1')"))
        dumping.result(timeout=SECONDS)
    other.dispose()
    back = {name: made(postgres_server, f"back_{name}") for name in ("record", "temporal")}
    for name, url in back.items():
        check_empty(make_url(url), name)
        restore(make_url(url), tmp_path / f"{name}.dump")
    assert count(back["record"], "SELECT count(*) FROM setting WHERE key = 'event'") == 1
    assert count(back["temporal"], "SELECT count(*) FROM history") <= 1
    with pytest.raises(NotEmptyError):
        check_empty(make_url(back["record"]), "the record")
