"""The readiness review: what people wrote down, first months let through, proofs."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

APPEND_ONLY = ("review_entry", "go_live", "playbook_proof")


def upgrade() -> None:
    """Make the tables."""
    _review_entry()
    _go_live()
    _playbook_proof()
    for name in APPEND_ONLY:
        forbid_changes(name)


def downgrade() -> None:
    """Drop them with everything in them."""
    for name in APPEND_ONLY:
        allow_changes(name)
    for name in reversed(APPEND_ONLY):
        op.drop_table(name)


def _review_entry() -> None:
    op.create_table(
        "review_entry",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_review_entry_clinic_id"),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name="fk_review_entry_owner_id"),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_review_entry_by"),
        sa.PrimaryKeyConstraint("id", name="pk_review_entry"),
        sa.UniqueConstraint("clinic_id", "number", name="uq_review_entry_clinic_id_number"),
    )


def _go_live() -> None:
    op.create_table(
        "go_live",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_go_live_clinic_id"),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_go_live_by"),
        sa.PrimaryKeyConstraint("id", name="pk_go_live"),
    )
    op.create_index("ix_go_live_clinic_id", "go_live", ["clinic_id"])


def _playbook_proof() -> None:
    op.create_table(
        "playbook_proof",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("states", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_playbook_proof_clinic_id"),
        sa.ForeignKeyConstraint(
            ["sha256"], ["playbook_version.sha256"], name="fk_playbook_proof_sha256"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_playbook_proof"),
    )
    op.create_index("ix_playbook_proof_clinic_id", "playbook_proof", ["clinic_id"])
