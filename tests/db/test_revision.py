"""The quick look at the revision says the same as the migrations."""

from sqlalchemy import Engine, text

from ccm_flow.adapters.db.migrate import downgrade, newest, upgrade
from ccm_flow.adapters.db.revision import NEWEST, is_in_step


def test_the_newest_revision_is_the_newest_migration() -> None:
    assert newest() == NEWEST


def test_an_empty_older_or_newer_database_is_out_of_step(empty: Engine) -> None:
    assert not is_in_step(empty)
    upgrade(empty)
    assert is_in_step(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert not is_in_step(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": NEWEST})
    downgrade(empty)
    assert not is_in_step(empty)
