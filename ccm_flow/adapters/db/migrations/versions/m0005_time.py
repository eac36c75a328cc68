"""Timers, more about each time entry, and what staff are licensed as."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NEVER_EMPTY = ("program", "entered_by", "flags")
_ADDED = (*_NEVER_EMPTY, "credential", "clashes_with")
_KNOWN = (
    "monthly_call",
    "review",
    "care_plan",
    "medication",
    "results",
    "coordination",
    "transition",
    "refill",
    "specialist",
    "follow_up",
    "clinical_question",
    "education",
    "documentation",
    "attempt",
    "visit",
    "prior_authorization",
    "administration",
)
"""The kinds of work there were when this was written."""


def upgrade() -> None:
    """Make the timers; say more about entries that are there."""
    op.add_column("person", sa.Column("credential", sa.String(), nullable=True))
    op.add_column("person", sa.Column("npi", sa.String(), nullable=True))
    op.add_column("clinic", sa.Column("timer_limit_minutes", sa.Integer(), nullable=True))
    _time_entry()
    _timer()
    forbid_changes("time_entry")


def downgrade() -> None:
    """Drop the timers and what was added."""
    allow_changes("time_entry")
    op.drop_table("timer")
    for column in _ADDED:
        op.drop_column("time_entry", column)
    op.drop_column("clinic", "timer_limit_minutes")
    op.drop_column("person", "npi")
    op.drop_column("person", "credential")


def _time_entry() -> None:
    """Entries made before had a step's name for an activity; the step's key still says it."""
    for name in _ADDED:
        kind = sa.JSON() if name == "flags" else sa.String()
        op.add_column("time_entry", sa.Column(name, kind, nullable=True))
    op.execute(
        "UPDATE time_entry SET entered_by = person_id, flags = '[]', program = "
        "(SELECT program FROM enrollment WHERE enrollment.id = time_entry.enrollment_id)"
    )
    entry = sa.table("time_entry", sa.column("activity", sa.String()))
    unknown = entry.c.activity.not_in(_KNOWN)
    op.execute(entry.update().where(unknown).values(activity="follow_up"))
    # No entry corrects another one yet, so making the table anew breaks no reference.
    with op.batch_alter_table("time_entry") as batch:
        for name in _NEVER_EMPTY:
            batch.alter_column(name, nullable=False)


def _timer() -> None:
    op.create_table(
        "timer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=True),
        sa.Column("step_key", sa.String(), nullable=True),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("activity", sa.String(), nullable=False),
        sa.Column("program", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("discarded_because", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_timer_clinic_id"),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="fk_timer_enrollment_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_timer_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_timer"),
    )
    op.create_index("ix_timer_clinic_id", "timer", ["clinic_id"])
    op.create_index("ix_timer_enrollment_id", "timer", ["enrollment_id"])
    op.create_index(
        "uq_timer_running",
        "timer",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
