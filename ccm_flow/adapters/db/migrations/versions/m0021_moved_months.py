"""Running months that go on by another version: who signed, and what came of each."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLES = ("move_order", "move_order_cycle", "move_answer", "cycle_move")


def upgrade() -> None:
    """Make the tables."""
    _move_order()
    _move_order_cycle()
    _move_answer()
    _cycle_move()
    for name in TABLES:
        forbid_changes(name)


def downgrade() -> None:
    """Drop them with everything in them."""
    for name in TABLES:
        allow_changes(name)
    for name in reversed(TABLES):
        op.drop_table(name)


def _move_order() -> None:
    op.create_table(
        "move_order",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("signed_by", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_move_order_clinic_id"),
        sa.ForeignKeyConstraint(
            ["sha256"], ["playbook_version.sha256"], name="fk_move_order_sha256"
        ),
        sa.ForeignKeyConstraint(["signed_by"], ["person.id"], name="fk_move_order_signed_by"),
        sa.PrimaryKeyConstraint("id", name="pk_move_order"),
    )
    op.create_index(
        "ix_move_order_clinic_id_sha256_signed_at",
        "move_order",
        ["clinic_id", "sha256", "signed_at"],
    )


def _move_order_cycle() -> None:
    op.create_table(
        "move_order_cycle",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("was_sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name="fk_move_order_cycle_cycle_id"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["move_order.id"], name="fk_move_order_cycle_order_id"
        ),
        sa.ForeignKeyConstraint(
            ["was_sha256"], ["playbook_version.sha256"], name="fk_move_order_cycle_was_sha256"
        ),
        sa.PrimaryKeyConstraint("order_id", "cycle_id", name="pk_move_order_cycle"),
    )


def _move_answer() -> None:
    op.create_table(
        "move_answer",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name="fk_move_answer_cycle_id"),
        sa.ForeignKeyConstraint(["order_id"], ["move_order.id"], name="fk_move_answer_order_id"),
        sa.PrimaryKeyConstraint("order_id", "cycle_id", name="pk_move_answer"),
    )


def _cycle_move() -> None:
    op.create_table(
        "cycle_move",
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("was_sha256", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name="fk_cycle_move_cycle_id"),
        sa.ForeignKeyConstraint(
            ["sha256"], ["playbook_version.sha256"], name="fk_cycle_move_sha256"
        ),
        sa.ForeignKeyConstraint(
            ["was_sha256"], ["playbook_version.sha256"], name="fk_cycle_move_was_sha256"
        ),
        sa.PrimaryKeyConstraint("cycle_id", "sequence", name="pk_cycle_move"),
    )
