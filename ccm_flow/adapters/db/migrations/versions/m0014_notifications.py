"""Access roles that were withdrawn, single sign-on, and digests by e-mail."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns."""
    with op.batch_alter_table("access_grant") as table:
        table.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("withdrawn_by", sa.String(), nullable=True))
    op.create_index("ix_access_log_at", "access_log", ["at"])
    op.create_table(
        "sign_on",
        sa.Column("state_hash", sa.String(), nullable=False),
        sa.Column("browser_hash", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("code_verifier", sa.String(), nullable=False),
        sa.Column("next_path", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("state_hash", name="pk_sign_on"),
    )
    op.create_table(
        "digest",
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_digest_clinic_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_digest_person_id"),
        sa.PrimaryKeyConstraint("clinic_id", "person_id", "day", name="pk_digest"),
    )


def downgrade() -> None:
    """Drop them with everything in them."""
    op.drop_table("digest")
    op.drop_table("sign_on")
    op.drop_index("ix_access_log_at", "access_log")
    with op.batch_alter_table("access_grant") as table:
        table.drop_column("withdrawn_by")
        table.drop_column("withdrawn_at")
