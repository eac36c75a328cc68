"""The monthly scorecard by e-mail: who wants it, and what was sent."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "letter_choice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_letter_choice_clinic_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_letter_choice_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_letter_choice"),
    )
    op.create_index(
        "ix_letter_choice_clinic_id_person_id_at",
        "letter_choice",
        ["clinic_id", "person_id", "at"],
    )
    op.create_table(
        "scorecard_letter",
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_scorecard_letter_clinic_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_scorecard_letter_person_id"),
        sa.PrimaryKeyConstraint("clinic_id", "person_id", "month", name="pk_scorecard_letter"),
    )
    forbid_changes("letter_choice")


def downgrade() -> None:
    """Drop them with everything in them."""
    allow_changes("letter_choice")
    op.drop_table("scorecard_letter")
    op.drop_table("letter_choice")
