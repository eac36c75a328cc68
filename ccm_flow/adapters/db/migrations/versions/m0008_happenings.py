"""What happened to patients outside the playbook; several episodes in one month."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("happening", "happening_effect", "happening_answer")
"""In the order in which they can be made."""

_ONE = "uq_cycle_enrollment_id_month_kind"
_NUMBERED = "uq_cycle_enrollment_id_month_kind_number"


def upgrade() -> None:
    """Make the tables, and number the cycles of a kind that begin in one month."""
    _happening()
    _happening_effect()
    _happening_answer()
    for table in TABLES:
        forbid_changes(table)
    with op.batch_alter_table("cycle") as cycle:
        cycle.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
        cycle.drop_constraint(_ONE, type_="unique")
        cycle.create_unique_constraint(_NUMBERED, ["enrollment_id", "month", "kind", "number"])
    with op.batch_alter_table("cycle") as cycle:
        cycle.alter_column("number", server_default=None)


def downgrade() -> None:
    """Drop the tables with everything in them; a month with two episodes cannot go back."""
    with op.batch_alter_table("cycle") as cycle:
        cycle.drop_constraint(_NUMBERED, type_="unique")
        cycle.create_unique_constraint(_ONE, ["enrollment_id", "month", "kind"])
        cycle.drop_column("number")
    for table in reversed(TABLES):
        allow_changes(table)
        op.drop_table(table)


def _happening() -> None:
    op.create_table(
        "happening",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("voids", sa.String(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_happening_clinic_id"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_happening_patient_id"),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="fk_happening_enrollment_id"
        ),
        sa.ForeignKeyConstraint(["voids"], ["happening.id"], name="fk_happening_voids"),
        sa.PrimaryKeyConstraint("id", name="pk_happening"),
    )
    op.create_index("ix_happening_patient_id_at", "happening", ["patient_id", "at"])
    op.create_index("ix_happening_clinic_id_received_at", "happening", ["clinic_id", "received_at"])
    op.create_index("ix_happening_voids", "happening", ["voids"])


def _happening_effect() -> None:
    op.create_table(
        "happening_effect",
        sa.Column("happening_id", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("refused", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["happening_id"], ["happening.id"], name="fk_happening_effect_happening_id"
        ),
        sa.PrimaryKeyConstraint("happening_id", "cycle_id", "event", name="pk_happening_effect"),
    )
    op.create_index("ix_happening_effect_cycle_id", "happening_effect", ["cycle_id"])


def _happening_answer() -> None:
    op.create_table(
        "happening_answer",
        sa.Column("happening_id", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["happening_id"], ["happening.id"], name="fk_happening_answer_happening_id"
        ),
        sa.PrimaryKeyConstraint("happening_id", name="pk_happening_answer"),
    )
