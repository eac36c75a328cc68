"""Whose data were removed, and which lines of the ledger lost their texts for it."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "patient_removal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("on_request", sa.Boolean(), nullable=False),
        sa.Column("signed_name", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_patient_removal_clinic_id"),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_patient_removal_by"),
        sa.PrimaryKeyConstraint("id", name="pk_patient_removal"),
    )
    op.create_index("ix_patient_removal_clinic_id_at", "patient_removal", ["clinic_id", "at"])
    op.create_index("ix_patient_removal_patient_id", "patient_removal", ["patient_id"])
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "ledger_redaction",
        sa.Column("event_id", number, autoincrement=False, nullable=False),
        sa.Column("removal_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["ledger_event.id"], name="fk_ledger_redaction_event_id"
        ),
        sa.ForeignKeyConstraint(
            ["removal_id"], ["patient_removal.id"], name="fk_ledger_redaction_removal_id"
        ),
        sa.PrimaryKeyConstraint("event_id", name="pk_ledger_redaction"),
    )
    op.create_index("ix_ledger_redaction_removal_id", "ledger_redaction", ["removal_id"])
    forbid_changes("patient_removal")
    forbid_changes("ledger_redaction")


def downgrade() -> None:
    """Drop them with everything in them."""
    allow_changes("ledger_redaction")
    allow_changes("patient_removal")
    op.drop_table("ledger_redaction")
    op.drop_table("patient_removal")
