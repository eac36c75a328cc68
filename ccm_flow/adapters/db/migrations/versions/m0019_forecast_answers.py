"""What came of forecasts, and messages that are about no patient's month."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns."""
    with op.batch_alter_table("message") as table:
        table.alter_column("cycle_id", existing_type=sa.String(), nullable=True)
    op.create_table(
        "forecast_answer",
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("forecast_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_forecast_answer_clinic_id"),
        sa.ForeignKeyConstraint(
            ["sha256"], ["playbook_version.sha256"], name="fk_forecast_answer_sha256"
        ),
        sa.ForeignKeyConstraint(
            ["forecast_id"], ["forecast.id"], name="fk_forecast_answer_forecast_id"
        ),
        sa.PrimaryKeyConstraint("clinic_id", "sha256", name="pk_forecast_answer"),
    )
    forbid_changes("forecast_answer")


def downgrade() -> None:
    """Drop them with everything in them."""
    allow_changes("forecast_answer")
    op.drop_table("forecast_answer")
    op.execute("DELETE FROM message WHERE cycle_id IS NULL")
    with op.batch_alter_table("message") as table:
        table.alter_column("cycle_id", existing_type=sa.String(), nullable=False)
