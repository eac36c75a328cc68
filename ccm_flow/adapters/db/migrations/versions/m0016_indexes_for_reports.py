"""Indexes that pages of large clinics need: the newest of a clinic's ledger, record numbers."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("ix_ledger_event_clinic_id_id", "ledger_event", ["clinic_id", "id"])
    op.create_index("ix_patient_mrn", "patient", ["mrn"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_patient_mrn", table_name="patient")
    op.drop_index("ix_ledger_event_clinic_id_id", table_name="ledger_event")
