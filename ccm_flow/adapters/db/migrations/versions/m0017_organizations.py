"""Organizations, who is responsible for what, and absences."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

APPEND_ONLY = ("responsibility", "absence", "step_move")


def upgrade() -> None:
    """Make the tables and columns."""
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("languages", sa.String(), nullable=True))
        table.add_column(sa.Column("licensed_in", sa.String(), nullable=True))
    with op.batch_alter_table("clinic") as table:
        table.add_column(sa.Column("profile", sa.JSON(), nullable=True))
    with op.batch_alter_table("step") as table:
        table.add_column(sa.Column("assigned", sa.String(), nullable=True))
    _membership()
    _clinic_vendor()
    _clinic_staff()
    _responsibility()
    _absence()
    _step_move()
    for name in APPEND_ONLY:
        forbid_changes(name)


def downgrade() -> None:
    """Drop them with everything in them."""
    for name in APPEND_ONLY:
        allow_changes(name)
    for name in (
        "step_move",
        "absence",
        "responsibility",
        "clinic_staff",
        "clinic_vendor",
        "membership",
    ):
        op.drop_table(name)
    with op.batch_alter_table("step") as table:
        table.drop_column("assigned")
    with op.batch_alter_table("clinic") as table:
        table.drop_column("profile")
    with op.batch_alter_table("person") as table:
        table.drop_column("licensed_in")
        table.drop_column("languages")


def _membership() -> None:
    op.create_table(
        "membership",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("organization_id", sa.String(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name="fk_membership_organization_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_membership_person_id"),
        sa.PrimaryKeyConstraint("person_id", "organization_id", "from_day", name="pk_membership"),
    )
    op.create_index("ix_membership_organization_id", "membership", ["organization_id"])


def _clinic_vendor() -> None:
    op.create_table(
        "clinic_vendor",
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("organization_id", sa.String(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_clinic_vendor_clinic_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name="fk_clinic_vendor_organization_id"
        ),
        sa.PrimaryKeyConstraint(
            "clinic_id", "organization_id", "from_day", name="pk_clinic_vendor"
        ),
    )
    op.create_index("ix_clinic_vendor_organization_id", "clinic_vendor", ["organization_id"])


def _clinic_staff() -> None:
    op.create_table(
        "clinic_staff",
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("works_from", sa.String(), nullable=True),
        sa.Column("works_until", sa.String(), nullable=True),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_clinic_staff_clinic_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_clinic_staff_person_id"),
        sa.PrimaryKeyConstraint("clinic_id", "person_id", name="pk_clinic_staff"),
    )
    op.create_index("ix_clinic_staff_person_id", "clinic_staff", ["person_id"])


def _responsibility() -> None:
    op.create_table(
        "responsibility",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("step_id", sa.String(), nullable=True),
        sa.Column("organization_id", sa.String(), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_responsibility_clinic_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name="fk_responsibility_organization_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_responsibility"),
    )
    op.create_index(
        "ix_responsibility_clinic_id_from_day", "responsibility", ["clinic_id", "from_day"]
    )


def _absence() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.Column("cover_id", sa.String(), nullable=True),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("told_by", sa.String(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaces_id", sa.String(), nullable=True),
        sa.Column("never_was", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["cover_id"], ["person.id"], name="fk_absence_cover_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_absence_person_id"),
        sa.ForeignKeyConstraint(["replaces_id"], ["absence.id"], name="fk_absence_replaces_id"),
        sa.PrimaryKeyConstraint("id", name="pk_absence"),
    )
    op.create_index("ix_absence_person_id", "absence", ["person_id"])


def _step_move() -> None:
    op.create_table(
        "step_move",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("step_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_id", sa.String(), nullable=False),
        sa.Column("from_role", sa.String(), nullable=False),
        sa.Column("to_id", sa.String(), nullable=False),
        sa.Column("to_role", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_step_move_clinic_id"),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name="fk_step_move_cycle_id"),
        sa.ForeignKeyConstraint(["from_id"], ["person.id"], name="fk_step_move_from_id"),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name="fk_step_move_to_id"),
        sa.PrimaryKeyConstraint("id", name="pk_step_move"),
    )
    op.create_index("ix_step_move_clinic_id_at", "step_move", ["clinic_id", "at"])
    op.create_index("ix_step_move_cycle_id_step_key", "step_move", ["cycle_id", "step_key"])
    op.create_index("ix_step_move_from_id", "step_move", ["from_id"])
    op.create_index("ix_step_move_to_id", "step_move", ["to_id"])
