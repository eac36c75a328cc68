"""A day of birth is kept as text, so that it can be sealed as names can."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Turn days into text."""
    with op.batch_alter_table("patient") as table:
        table.alter_column(
            "birth_date",
            existing_type=sa.Date(),
            type_=sa.String(),
            existing_nullable=True,
            postgresql_using="to_char(birth_date, 'YYYY-MM-DD')",
        )


def downgrade() -> None:
    """Turn text into days; sealed ones have to be opened before (`ccm key unseal`)."""
    if op.get_bind().dialect.name == "sqlite":
        _keep_text_while(_to_days)
    else:
        _to_days()


def _keep_text_while(change: Callable[[], None]) -> None:
    """SQLite casts while it changes a column, and makes the year of a day."""
    op.add_column("patient", sa.Column("born", sa.String(), nullable=True))
    op.execute("UPDATE patient SET born = birth_date")
    change()
    op.execute("UPDATE patient SET birth_date = born")
    with op.batch_alter_table("patient") as table:
        table.drop_column("born")


def _to_days() -> None:
    with op.batch_alter_table("patient") as table:
        table.alter_column(
            "birth_date",
            existing_type=sa.String(),
            type_=sa.Date(),
            existing_nullable=True,
            postgresql_using="birth_date::date",
        )
