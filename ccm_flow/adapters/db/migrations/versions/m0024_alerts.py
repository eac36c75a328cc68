"""Alerts from one organization to the other, and everything that happened to each."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; what the ledger holds already raises no alert any more."""
    _alert()
    _event()
    _state()
    op.create_table(
        "alert_reading",
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("read_to", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_alert_reading_clinic_id"),
        sa.PrimaryKeyConstraint("clinic_id", name="pk_alert_reading"),
    )
    op.execute(
        "INSERT INTO alert_reading (clinic_id, read_to) "
        "SELECT id, (SELECT COALESCE(MAX(id), 0) FROM ledger_event) FROM clinic"
    )
    forbid_changes("alert")
    forbid_changes("alert_event")


def _alert() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("step_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("sender_id", sa.String(), nullable=False),
        sa.Column("from_organization_id", sa.String(), nullable=False),
        sa.Column("to_organization_id", sa.String(), nullable=False),
        sa.Column("addressee_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_event", sa.BigInteger(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [target], name=f"fk_alert_{column}")
            for column, target in (
                ("clinic_id", "clinic.id"),
                ("enrollment_id", "enrollment.id"),
                ("cycle_id", "cycle.id"),
                ("sender_id", "person.id"),
                ("from_organization_id", "organization.id"),
                ("to_organization_id", "organization.id"),
                ("addressee_id", "person.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
        sa.UniqueConstraint("source_event", "kind", name="uq_alert_source_event_kind"),
    )
    op.create_index("ix_alert_clinic_id_raised_at", "alert", ["clinic_id", "raised_at"])
    op.create_index("ix_alert_cycle_id_step_key", "alert", ["cycle_id", "step_key"])
    op.create_index("ix_alert_enrollment_id", "alert", ["enrollment_id"])


def _event() -> None:
    op.create_table(
        "alert_event",
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("phone", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_alert_event_alert_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_alert_event_person_id"),
        sa.PrimaryKeyConstraint("alert_id", "number", name="pk_alert_event"),
    )


def _state() -> None:
    op.create_table(
        "alert_state",
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("holder_id", sa.String(), nullable=True),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.Column("passed_on", sa.Boolean(), nullable=False),
        sa.Column("look_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_alert_state_alert_id"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_alert_state_clinic_id"),
        sa.ForeignKeyConstraint(["holder_id"], ["person.id"], name="fk_alert_state_holder_id"),
        sa.PrimaryKeyConstraint("alert_id", name="pk_alert_state"),
    )
    op.create_index("ix_alert_state_clinic_id_waiting", "alert_state", ["clinic_id", "waiting"])
    op.create_index("ix_alert_state_look_again_at", "alert_state", ["look_again_at"])
    op.create_index("ix_alert_state_mail_at", "alert_state", ["mail_at"])


def downgrade() -> None:
    """Drop them with everything in them."""
    allow_changes("alert_event")
    allow_changes("alert")
    for table in ("alert_reading", "alert_state", "alert_event", "alert"):
        op.drop_table(table)
