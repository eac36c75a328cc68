"""What was forecast of a playbook, and the facts with which a month can be played again."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

APPEND_ONLY = ("cycle_fact", "forecast")


def upgrade() -> None:
    """Make the tables and columns."""
    _facts()
    _forecasts()
    for table in APPEND_ONLY:
        forbid_changes(table)


def downgrade() -> None:
    """Drop them with everything in them."""
    for table in reversed(APPEND_ONLY):
        allow_changes(table)
        op.drop_table(table)


def _facts() -> None:
    op.create_table(
        "cycle_fact",
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name="fk_cycle_fact_cycle_id"),
        sa.PrimaryKeyConstraint("cycle_id", "sequence", name="pk_cycle_fact"),
    )


def _forecasts() -> None:
    op.create_table(
        "forecast",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("draft_id", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("against", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_forecast_clinic_id"),
        sa.ForeignKeyConstraint(["draft_id"], ["playbook_draft.id"], name="fk_forecast_draft_id"),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name="fk_forecast_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_forecast"),
    )
    op.create_index(
        "ix_forecast_clinic_id_sha256_made_at", "forecast", ["clinic_id", "sha256", "made_at"]
    )
    op.create_index("ix_forecast_draft_id_made_at", "forecast", ["draft_id", "made_at"])
