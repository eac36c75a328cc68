"""Opening a database, and what is said when it cannot be opened."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from ccm_flow.adapters.db.engine import (
    DatabaseUnavailableError,
    DatabaseUrlError,
    open_database,
    reading,
    writing,
)
from ccm_flow.adapters.db.migrate import upgrade
from ccm_flow.adapters.db.tables import SettingRow


def test_a_missing_folder_is_made_and_the_settings_are_on(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'new' / 'ccm.db'}")
    with engine.connect() as connection:
        for pragma, value in (
            ("journal_mode", "wal"),
            ("foreign_keys", 1),
            ("synchronous", 1),
            ("busy_timeout", 10_000),
        ):
            assert connection.execute(text(f"PRAGMA {pragma}")).scalar_one() == value
    engine.dispose()


@pytest.mark.parametrize("url", ["", "ccm.db", "mysql://localhost/ccm", "postgresql+psycopg://h/d"])
def test_an_unusable_url_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(DatabaseUrlError) as caught:
        open_database(url)
    assert "sqlite:///" in caught.value.hint


def test_a_server_that_is_away_is_named_without_its_password() -> None:
    with pytest.raises(DatabaseUnavailableError) as caught:
        open_database("postgresql://ccm:secret@127.0.0.1:1/ccm")
    assert "secret" not in str(caught.value)
    assert "127.0.0.1:1" in str(caught.value)
    assert "server runs" in caught.value.hint


def test_a_database_that_the_server_lacks_is_named(postgres_server: str) -> None:
    with pytest.raises(DatabaseUnavailableError, match='"nowhere" does not exist'):
        open_database(postgres_server.rsplit("/", 1)[0] + "/nowhere")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Shopping list. " * 100, encoding="utf-8")
    with pytest.raises(DatabaseUnavailableError, match="not a database"):
        open_database(f"sqlite:///{file}")


def test_writers_that_read_first_wait_for_each_other(tmp_path: Path) -> None:
    """Without BEGIN IMMEDIATE the second one fails at once with 'database is locked'."""
    engine = open_database(f"sqlite:///{tmp_path / 'ccm.db'}")
    upgrade(engine)
    with writing(engine) as session:
        session.add(SettingRow(key="count", value="0"))

    def add_one() -> None:
        for _ in range(25):
            with writing(engine) as session:
                row = session.get_one(SettingRow, "count")
                row.value = str(int(row.value) + 1)

    threads = [threading.Thread(target=add_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as session:
        assert session.get_one(SettingRow, "count").value == "100"
    engine.dispose()


def test_an_error_of_the_database_shows_no_values(engine: Engine) -> None:
    query = text("INSERT INTO nowhere VALUES (:name)")
    with pytest.raises(DBAPIError) as refused, engine.connect() as connection:
        connection.execute(query, {"name": "Juárez"})
    assert "nowhere" in str(refused.value)
    assert "Juárez" not in str(refused.value)
