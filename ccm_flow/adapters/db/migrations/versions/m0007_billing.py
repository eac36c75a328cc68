"""Closed months, approved codes and packets."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("month_act", "billing_line", "line_act")
"""In the order in which they can be made."""


def upgrade() -> None:
    """Make the tables."""
    _month_act()
    _billing_line()
    _line_act()
    for table in TABLES:
        forbid_changes(table)


def downgrade() -> None:
    """Drop the tables with everything in them."""
    for table in reversed(TABLES):
        allow_changes(table)
        op.drop_table(table)


def _month_act() -> None:
    op.create_table(
        "month_act",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.String(), nullable=True),
        sa.Column("unsettled", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_month_act_by"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_month_act_clinic_id"),
        sa.PrimaryKeyConstraint("id", name="pk_month_act"),
        sa.UniqueConstraint(
            "clinic_id", "month", "number", name="uq_month_act_clinic_id_month_number"
        ),
    )


def _billing_line() -> None:
    op.create_table(
        "billing_line",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("replaces", sa.String(), nullable=True),
        sa.Column("closed_by_act", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("facts_sha256", sa.String(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("rules_sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_billing_line_clinic_id"),
        sa.ForeignKeyConstraint(
            ["closed_by_act"], ["month_act.id"], name="fk_billing_line_closed_by_act"
        ),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="fk_billing_line_enrollment_id"
        ),
        sa.ForeignKeyConstraint(["replaces"], ["billing_line.id"], name="fk_billing_line_replaces"),
        sa.PrimaryKeyConstraint("id", name="pk_billing_line"),
        sa.UniqueConstraint(
            "enrollment_id",
            "month",
            "revision",
            name="uq_billing_line_enrollment_id_month_revision",
        ),
    )
    op.create_index("ix_billing_line_clinic_id_month", "billing_line", ["clinic_id", "month"])


def _line_act() -> None:
    op.create_table(
        "line_act",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=True),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_line_act_by"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_line_act_clinic_id"),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="fk_line_act_enrollment_id"
        ),
        sa.ForeignKeyConstraint(["line_id"], ["billing_line.id"], name="fk_line_act_line_id"),
        sa.PrimaryKeyConstraint("id", name="pk_line_act"),
    )
    op.create_index("ix_line_act_clinic_id", "line_act", ["clinic_id"])
    op.create_index("ix_line_act_enrollment_id_month", "line_act", ["enrollment_id", "month"])
    op.create_index("ix_line_act_line_id", "line_act", ["line_id"])
