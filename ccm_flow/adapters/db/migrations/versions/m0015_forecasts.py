"""What was forecast of a playbook when it was published."""

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns."""


def downgrade() -> None:
    """Drop them with everything in them."""
