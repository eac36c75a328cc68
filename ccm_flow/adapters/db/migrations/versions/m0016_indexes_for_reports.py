"""Indexes that the reports of large clinics need."""

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns."""


def downgrade() -> None:
    """Drop them with everything in them."""
