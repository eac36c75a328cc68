"""Emergency access to patients: who, until when, and why."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "emergency_access",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_emergency_access_clinic_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_emergency_access_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_emergency_access"),
    )
    op.create_index(
        "ix_emergency_access_person_id_until", "emergency_access", ["person_id", "until"]
    )
    op.create_index(
        "ix_emergency_access_clinic_id_begun_at", "emergency_access", ["clinic_id", "begun_at"]
    )
    forbid_changes("emergency_access")


def downgrade() -> None:
    """Drop it with everything in it."""
    allow_changes("emergency_access")
    op.drop_table("emergency_access")
