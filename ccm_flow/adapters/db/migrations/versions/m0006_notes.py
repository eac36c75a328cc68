"""Signatures, care plans and drafts."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import (
    allow_changes,
    allow_signed_changes,
    forbid_changes,
    forbid_signed_changes,
)

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NOTE_COLUMNS = (
    ("form", sa.String()),
    ("cosign_role", sa.String()),
    ("sha256", sa.String()),
    ("because", sa.String()),
    ("similar_to", sa.String()),
    ("similar_percent", sa.Integer()),
)
_KEPT_FOR_GOOD = ("note_cosign", "care_plan_approval", "care_plan_share")


def upgrade() -> None:
    """Make the tables, and close what is signed against changes."""
    _note()
    op.add_column("clinic", sa.Column("phone", sa.String(), nullable=True))
    _note_cosign()
    _note_draft()
    _care_plan_approval()
    _care_plan_share()
    # Dropped in place: a table made anew would take the rows that refer to it along.
    op.drop_column("care_plan", "shared_at")
    op.drop_column("care_plan", "shared_how")
    forbid_signed_changes("note")
    for table_name in (*_KEPT_FOR_GOOD, "care_plan"):
        forbid_changes(table_name)


def downgrade() -> None:
    """Drop the tables with everything in them; the older form of a share is filled in again."""
    for table_name in (*_KEPT_FOR_GOOD, "care_plan"):
        allow_changes(table_name)
    allow_signed_changes("note")
    op.add_column("care_plan", sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("care_plan", sa.Column("shared_how", sa.String(), nullable=True))
    op.execute(
        "UPDATE care_plan SET "
        "shared_at = (SELECT min(at) FROM care_plan_share WHERE care_plan_id = care_plan.id), "
        "shared_how = (SELECT min(how) FROM care_plan_share WHERE care_plan_id = care_plan.id)"
    )
    for table_name in ("note_draft", *_KEPT_FOR_GOOD):
        op.drop_table(table_name)
    op.drop_index("ix_note_author_id_written_at", "note")
    op.drop_index("ix_note_enrollment_id_month", "note")
    op.drop_column("clinic", "phone")
    for name in ("month", *(name for name, _ in _NOTE_COLUMNS)):
        op.drop_column("note", name)


def _note() -> None:
    for name, kind in _NOTE_COLUMNS:
        op.add_column("note", sa.Column(name, kind, nullable=True))
    op.add_column("note", sa.Column("month", sa.String(), nullable=True))
    # A month's note belongs to that month; of any other one the day it was written tells.
    written = (
        "substr(written_at, 1, 7)"
        if op.get_bind().dialect.name == "sqlite"
        else "to_char(written_at AT TIME ZONE 'UTC', 'YYYY-MM')"
    )
    note = sa.table("note", sa.column("month"), sa.column("cycle_id"))
    cycle = sa.table("cycle", sa.column("id"), sa.column("month"), sa.column("kind"))
    its_month = sa.select(cycle.c.month).where(
        cycle.c.id == note.c.cycle_id, cycle.c.kind == "monthly"
    )
    op.execute(
        note.update().values(
            month=sa.func.coalesce(its_month.scalar_subquery(), sa.literal_column(written))
        )
    )
    with op.batch_alter_table("note") as table:
        table.alter_column("month", existing_type=sa.String(), nullable=False)
    op.create_index("ix_note_enrollment_id_month", "note", ["enrollment_id", "month"])
    op.create_index("ix_note_author_id_written_at", "note", ["author_id", "written_at"])


def _note_cosign() -> None:
    op.create_table(
        "note_cosign",
        sa.Column("note_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_note_cosign_by"),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name="fk_note_cosign_note_id"),
        sa.PrimaryKeyConstraint("note_id", name="pk_note_cosign"),
    )


def _note_draft() -> None:
    op.create_table(
        "note_draft",
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("step_key", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_note_draft_person_id"),
        sa.PrimaryKeyConstraint("cycle_id", "step_key", "person_id", name="pk_note_draft"),
    )


def _care_plan_approval() -> None:
    op.create_table(
        "care_plan_approval",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("care_plan_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_care_plan_approval_by"),
        sa.ForeignKeyConstraint(
            ["care_plan_id"], ["care_plan.id"], name="fk_care_plan_approval_care_plan_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_care_plan_approval"),
    )
    op.create_index("ix_care_plan_approval_care_plan_id", "care_plan_approval", ["care_plan_id"])


def _care_plan_share() -> None:
    op.create_table(
        "care_plan_share",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("care_plan_id", sa.String(), nullable=False),
        sa.Column("to_whom", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_care_plan_share_by"),
        sa.ForeignKeyConstraint(
            ["care_plan_id"], ["care_plan.id"], name="fk_care_plan_share_care_plan_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_care_plan_share"),
    )
    op.create_index("ix_care_plan_share_care_plan_id", "care_plan_share", ["care_plan_id"])
    # What was shared before is shared still; the way was free text then, and the writer gave it.
    op.execute(
        "INSERT INTO care_plan_share (id, care_plan_id, to_whom, how, by, at) "
        "SELECT id, id, 'patient', 'copy', written_by, shared_at FROM care_plan "
        "WHERE shared_at IS NOT NULL"
    )
