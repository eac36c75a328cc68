"""What staff say about patients, consents and eligibility."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    # import
    _service()
    _patient_edit()
    for table in _IMPORT_TABLES:
        forbid_changes(table)


def downgrade() -> None:
    """Drop the tables with everything in them."""
    # import
    for table in reversed(_IMPORT_TABLES):
        allow_changes(table)
        op.drop_table(table)


# import
_IMPORT_TABLES = ("service", "patient_edit")


def _service() -> None:
    op.create_table(
        "service",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("practitioner", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voids", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_service_by"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_service_patient_id"),
        sa.ForeignKeyConstraint(["voids"], ["service.id"], name="fk_service_voids"),
        sa.PrimaryKeyConstraint("id", name="pk_service"),
    )
    op.create_index("ix_service_patient_id", "service", ["patient_id"])
    op.create_index("ix_service_voids", "service", ["voids"])


def _patient_edit() -> None:
    op.create_table(
        "patient_edit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_patient_edit_by"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_patient_edit_patient_id"),
        sa.PrimaryKeyConstraint("id", name="pk_patient_edit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_patient_edit_patient_id_field", "patient_edit", ["patient_id", "field"])
