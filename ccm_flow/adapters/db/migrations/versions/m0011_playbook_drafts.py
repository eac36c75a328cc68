"""Drafts of playbooks, approvals, and who published what."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

APPEND_ONLY = ("draft_text", "draft_event", "playbook_publication")
_KNOWN_ALREADY = """
INSERT INTO playbook_publication (clinic_id, number, kind, from_month, sha256, by, at, note)
SELECT c.clinic_id, ROW_NUMBER() OVER (PARTITION BY c.clinic_id ORDER BY c.from_month, c.kind),
       c.kind, c.from_month, c.sha256, v.published_by, v.published_at, ''
FROM clinic_playbook c JOIN playbook_version v ON v.sha256 = c.sha256
"""
"""What clinics use already was published when its version was kept, as far as is known."""


def upgrade() -> None:
    """Make the tables, and note what is in use."""
    _drafts()
    _events()
    _publications()
    op.execute(_KNOWN_ALREADY)
    for table in APPEND_ONLY:
        forbid_changes(table)


def downgrade() -> None:
    """Drop the tables with everything in them."""
    for table in reversed(APPEND_ONLY):
        allow_changes(table)
        op.drop_table(table)
    op.drop_table("playbook_draft")


def _drafts() -> None:
    op.create_table(
        "playbook_draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("begun_from", sa.String(), nullable=False),
        sa.Column("begun_by", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_playbook_draft_clinic_id"),
        sa.ForeignKeyConstraint(["begun_by"], ["person.id"], name="fk_playbook_draft_begun_by"),
        sa.PrimaryKeyConstraint("id", name="pk_playbook_draft"),
    )
    op.create_index(
        "ix_playbook_draft_clinic_id_begun_at", "playbook_draft", ["clinic_id", "begun_at"]
    )
    op.create_table(
        "draft_text",
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["playbook_draft.id"], name="fk_draft_text_draft_id"),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_draft_text_by"),
        sa.PrimaryKeyConstraint("draft_id", "revision", name="pk_draft_text"),
    )


def _events() -> None:
    op.create_table(
        "draft_event",
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("month", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["playbook_draft.id"], name="fk_draft_event_draft_id"
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_draft_event_by"),
        sa.PrimaryKeyConstraint("draft_id", "number", name="pk_draft_event"),
    )


def _publications() -> None:
    op.create_table(
        "playbook_publication",
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_month", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name="fk_playbook_publication_clinic_id"
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["playbook_version.sha256"], name="fk_playbook_publication_sha256"
        ),
        sa.PrimaryKeyConstraint("clinic_id", "number", name="pk_playbook_publication"),
    )
