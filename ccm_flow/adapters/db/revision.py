"""Which form of the database this version needs, told without loading the migrations."""

from typing import Final

from sqlalchemy import Engine, inspect, text

NEWEST: Final = "0027"
"""The newest migration's revision."""


def is_in_step(engine: Engine) -> bool:
    """Tell whether the database has the form that this version needs."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
        return list(found) == [NEWEST]
