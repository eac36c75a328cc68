"""Work that people put off, and who has which step open."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "put_off",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("step_key", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_put_off_clinic_id"),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_put_off_by"),
        sa.PrimaryKeyConstraint("id", name="pk_put_off"),
    )
    op.create_index("ix_put_off_cycle_id_step_key_at", "put_off", ["cycle_id", "step_key", "at"])
    op.create_index("ix_put_off_clinic_id_until", "put_off", ["clinic_id", "until"])
    op.create_table(
        "presence",
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("step_key", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_presence_person_id"),
        sa.PrimaryKeyConstraint("cycle_id", "step_key", "person_id", name="pk_presence"),
    )


def downgrade() -> None:
    """Drop the tables with everything in them."""
    op.drop_table("presence")
    op.drop_table("put_off")
