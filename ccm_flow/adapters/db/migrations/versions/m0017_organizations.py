"""Organizations, who is responsible for what, and absences."""

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns."""


def downgrade() -> None:
    """Drop them with everything in them."""
