"""Who is in the program, published playbooks, and the flow of cycles."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "enrollment",
    "care_team_member",
    "consent",
    "playbook_version",
    "clinic_playbook",
    "cycle",
    "step",
    "attempt",
    "escalation",
    "message",
)
"""In the order in which they can be made."""


def upgrade() -> None:
    """Make the tables."""
    _enrollment()
    _care_team_member()
    _consent()
    _playbook_version()
    _clinic_playbook()
    _cycle()
    _step()
    _attempt()
    _escalation()
    _message()


def downgrade() -> None:
    """Drop the tables with everything in them."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _enrollment() -> None:
    op.create_table(
        "enrollment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("program", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("practitioner_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("initiating_visit_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_enrollment_clinic_id"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_enrollment_patient_id"),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["person.id"], name="fk_enrollment_practitioner_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_enrollment"),
    )
    op.create_index("ix_enrollment_clinic_id_status", "enrollment", ["clinic_id", "status"])
    op.create_index("ix_enrollment_patient_id", "enrollment", ["patient_id"])


def _care_team_member() -> None:
    op.create_table(
        "care_team_member",
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="fk_care_team_member_enrollment_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_care_team_member_person_id"),
        sa.PrimaryKeyConstraint("enrollment_id", "role", name="pk_care_team_member"),
    )
    op.create_index("ix_care_team_member_person_id", "care_team_member", ["person_id"])


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("content_version", sa.String(), nullable=False),
        sa.Column("statements_read", sa.JSON(), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("revoked_effective", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="fk_consent_enrollment_id"
        ),
        sa.ForeignKeyConstraint(["taken_by"], ["person.id"], name="fk_consent_taken_by"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_enrollment_id", "consent", ["enrollment_id"])


def _playbook_version() -> None:
    op.create_table(
        "playbook_version",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("playbook", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name="pk_playbook_version"),
        sa.UniqueConstraint("playbook", "version", name="uq_playbook_version_playbook_version"),
    )


def _clinic_playbook() -> None:
    op.create_table(
        "clinic_playbook",
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_month", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_clinic_playbook_clinic_id"),
        sa.ForeignKeyConstraint(
            ["sha256"], ["playbook_version.sha256"], name="fk_clinic_playbook_sha256"
        ),
        sa.PrimaryKeyConstraint("clinic_id", "kind", "from_month", name="pk_clinic_playbook"),
    )


def _cycle() -> None:
    op.create_table(
        "cycle",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("playbook_sha256", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("disposition", sa.String(), nullable=True),
        sa.Column("because", sa.String(), nullable=True),
        sa.Column("blockers", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_wake_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_cycle_clinic_id"),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="fk_cycle_enrollment_id"
        ),
        sa.ForeignKeyConstraint(
            ["playbook_sha256"], ["playbook_version.sha256"], name="fk_cycle_playbook_sha256"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cycle"),
        sa.UniqueConstraint(
            "enrollment_id", "month", "kind", name="uq_cycle_enrollment_id_month_kind"
        ),
    )
    op.create_index("ix_cycle_clinic_id_month_status", "cycle", ["clinic_id", "month", "status"])


def _step() -> None:
    op.create_table(
        "step",
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("step_id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("owner_role", sa.String(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("because", sa.String(), nullable=True),
        sa.Column("urgency", sa.String(), nullable=True),
        sa.Column("attempts_made", sa.Integer(), nullable=False),
        sa.Column("attempts_allowed", sa.Integer(), nullable=True),
        sa.Column("rungs_fired", sa.Integer(), nullable=False),
        sa.Column("escalated", sa.Boolean(), nullable=False),
        sa.Column("expected_seconds", sa.Integer(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_step_clinic_id"),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name="fk_step_cycle_id"),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name="fk_step_owner_id"),
        sa.PrimaryKeyConstraint("cycle_id", "key", name="pk_step"),
    )
    op.create_index("ix_step_clinic_id_status_due_at", "step", ["clinic_id", "status", "due_at"])
    op.create_index("ix_step_owner_id_status_due_at", "step", ["owner_id", "status", "due_at"])


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("step_key", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_id", "step_key"],
            ["step.cycle_id", "step.key"],
            name="fk_attempt_cycle_id_step_key",
        ),
        sa.PrimaryKeyConstraint("cycle_id", "step_key", "number", name="pk_attempt"),
    )


def _escalation() -> None:
    op.create_table(
        "escalation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("step_key", sa.String(), nullable=False),
        sa.Column("raised_by", sa.String(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("reply_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_role", sa.String(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("because", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_id", "step_key"],
            ["step.cycle_id", "step.key"],
            name="fk_escalation_cycle_id_step_key",
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name="fk_escalation_owner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_escalation"),
    )
    op.create_index("ix_escalation_cycle_id_step_key", "escalation", ["cycle_id", "step_key"])
    op.create_index(
        "ix_escalation_owner_id_answered_at_reply_due_at",
        "escalation",
        ["owner_id", "answered_at", "reply_due_at"],
    )


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("step_key", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("to_person", sa.String(), nullable=False),
        sa.Column("to_role", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text_code", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_message_clinic_id"),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name="fk_message_cycle_id"),
        sa.ForeignKeyConstraint(["to_person"], ["person.id"], name="fk_message_to_person"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
    )
    op.create_index("ix_message_clinic_id", "message", ["clinic_id"])
    op.create_index("ix_message_cycle_id", "message", ["cycle_id"])
    op.create_index(
        "ix_message_to_person_read_at_sent_at", "message", ["to_person", "read_at", "sent_at"]
    )
