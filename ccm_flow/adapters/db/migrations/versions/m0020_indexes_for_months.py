"""Indexes for a clinic's month: visits answered from the index alone, and the few pauses."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

PAUSES = sa.text("kind IN ('cycle_paused', 'cycle_resumed')")


def upgrade() -> None:
    """Make the indexes."""
    op.drop_index("ix_encounter_patient_id", "encounter")
    op.create_index(
        "ix_encounter_patient_id_kind_starts_at_ends_at",
        "encounter",
        ["patient_id", "kind", "starts_at", "ends_at"],
    )
    op.create_index(
        "ix_ledger_event_pauses",
        "ledger_event",
        ["cycle_id"],
        sqlite_where=PAUSES,
        postgresql_where=PAUSES,
    )


def downgrade() -> None:
    """Go back to the former ones."""
    op.drop_index("ix_ledger_event_pauses", "ledger_event")
    op.drop_index("ix_encounter_patient_id_kind_starts_at_ends_at", "encounter")
    op.create_index("ix_encounter_patient_id", "encounter", ["patient_id"])
