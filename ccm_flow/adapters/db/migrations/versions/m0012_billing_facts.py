"""What people state about billing, and where a clinic's patients are seen."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_COLUMNS = ("billing_place", "billing_locality", "place_of_service")


def upgrade() -> None:
    """Make the table and the clinic's columns."""
    op.create_table(
        "billing_fact",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_billing_fact_clinic_id"),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="fk_billing_fact_enrollment_id"
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_billing_fact_by"),
        sa.PrimaryKeyConstraint("id", name="pk_billing_fact"),
    )
    op.create_index("ix_billing_fact_clinic_id", "billing_fact", ["clinic_id"])
    op.create_index(
        "ix_billing_fact_enrollment_id_month", "billing_fact", ["enrollment_id", "month"]
    )
    forbid_changes("billing_fact")
    for name in _COLUMNS:
        op.add_column("clinic", sa.Column(name, sa.String(), nullable=True))


def downgrade() -> None:
    """Drop them with everything in them."""
    with op.batch_alter_table("clinic") as clinic:
        for name in reversed(_COLUMNS):
            clinic.drop_column(name)
    allow_changes("billing_fact")
    op.drop_table("billing_fact")
