"""Clicks, the record behind a bill, and the append-only ledger."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    "click",
    "time_entry",
    "note",
    "care_plan",
    "ledger_event",
)
"""In the order in which they can be made."""


def upgrade() -> None:
    """Make the tables."""
    _click()
    _time_entry()
    _note()
    _care_plan()
    _ledger_event()
    forbid_changes("ledger_event")


def downgrade() -> None:
    """Drop the tables with everything in them."""
    allow_changes("ledger_event")
    for table in reversed(TABLES):
        op.drop_table(table)


def _click() -> None:
    op.create_table(
        "click",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("step_key", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_click"),
    )
    op.create_index("ix_click_cycle_id", "click", ["cycle_id"])
    op.create_index("ix_click_state_received_at", "click", ["state", "received_at"])


def _time_entry() -> None:
    op.create_table(
        "time_entry",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=True),
        sa.Column("step_key", sa.String(), nullable=True),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("activity", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrects", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_time_entry_clinic_id"),
        sa.ForeignKeyConstraint(["corrects"], ["time_entry.id"], name="fk_time_entry_corrects"),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="fk_time_entry_enrollment_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_time_entry_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_time_entry"),
    )
    op.create_index("ix_time_entry_clinic_id_month", "time_entry", ["clinic_id", "month"])
    op.create_index("ix_time_entry_corrects", "time_entry", ["corrects"])
    op.create_index("ix_time_entry_cycle_id", "time_entry", ["cycle_id"])
    op.create_index("ix_time_entry_enrollment_id_month", "time_entry", ["enrollment_id", "month"])
    op.create_index("ix_time_entry_person_id_started_at", "time_entry", ["person_id", "started_at"])


def _note() -> None:
    op.create_table(
        "note",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=True),
        sa.Column("step_key", sa.String(), nullable=True),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.String(), nullable=True),
        sa.Column("amends", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["amends"], ["note.id"], name="fk_note_amends"),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name="fk_note_author_id"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_note_clinic_id"),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name="fk_note_enrollment_id"),
        sa.ForeignKeyConstraint(["signed_by"], ["person.id"], name="fk_note_signed_by"),
        sa.PrimaryKeyConstraint("id", name="pk_note"),
    )
    op.create_index("ix_note_clinic_id", "note", ["clinic_id"])
    op.create_index("ix_note_cycle_id", "note", ["cycle_id"])
    op.create_index("ix_note_enrollment_id", "note", ["enrollment_id"])


def _care_plan() -> None:
    op.create_table(
        "care_plan",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("elements", sa.JSON(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shared_how", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="fk_care_plan_enrollment_id"
        ),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name="fk_care_plan_written_by"),
        sa.PrimaryKeyConstraint("id", name="pk_care_plan"),
        sa.UniqueConstraint("enrollment_id", "version", name="uq_care_plan_enrollment_id_version"),
    )


def _ledger_event() -> None:
    op.create_table(
        "ledger_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_event"),
        sa.UniqueConstraint(
            "cycle_id", "sequence", "position", name="uq_ledger_event_cycle_id_sequence_position"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ledger_event_clinic_id_at", "ledger_event", ["clinic_id", "at"])
