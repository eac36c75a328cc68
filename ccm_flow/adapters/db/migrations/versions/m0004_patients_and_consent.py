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
    _columns()
    _practitioner_change()
    _risk_rationale()
    _eligibility_review()
    for table in _APPEND_ONLY:
        forbid_changes(table)
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

    for table in reversed(_APPEND_ONLY):
        allow_changes(table)
    for table in reversed(_TABLES):
        op.drop_table(table)
    _drop_columns()


_TABLES = ("practitioner_change", "risk_rationale", "eligibility_review")
_APPEND_ONLY = ("consent", *_TABLES)


def _columns() -> None:
    op.add_column("enrollment", sa.Column("introduced_at", sa.DateTime(timezone=True)))
    op.add_column("clinic", sa.Column("verbal_consent", sa.String()))
    with op.batch_alter_table("consent") as consent:
        consent.add_column(sa.Column("practitioner_id", sa.String(), nullable=True))
        consent.add_column(sa.Column("signature", sa.String(), nullable=True))
        consent.create_foreign_key(
            "fk_consent_practitioner_id", "person", ["practitioner_id"], ["id"]
        )
    op.create_index("ix_consent_practitioner_id", "consent", ["practitioner_id"])


def _drop_columns() -> None:
    op.drop_index("ix_consent_practitioner_id", "consent")
    with op.batch_alter_table("consent") as consent:
        consent.drop_constraint("fk_consent_practitioner_id", type_="foreignkey")
        consent.drop_column("signature")
        consent.drop_column("practitioner_id")
    op.drop_column("clinic", "verbal_consent")
    op.drop_column("enrollment", "introduced_at")


def _practitioner_change() -> None:
    op.create_table(
        "practitioner_change",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("before_id", sa.String(), nullable=True),
        sa.Column("practitioner_id", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["before_id"], ["person.id"], name="fk_practitioner_change_before_id"
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_practitioner_change_by"),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name="fk_practitioner_change_enrollment_id"
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["person.id"], name="fk_practitioner_change_practitioner_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_practitioner_change"),
    )
    op.create_index(
        "ix_practitioner_change_enrollment_id", "practitioner_change", ["enrollment_id"]
    )


def _risk_rationale() -> None:
    op.create_table(
        "risk_rationale",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_risk_rationale_by"),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name="fk_risk_rationale_patient_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_risk_rationale"),
    )
    op.create_index("ix_risk_rationale_patient_id_at", "risk_rationale", ["patient_id", "at"])


def _eligibility_review() -> None:
    op.create_table(
        "eligibility_review",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("eligible", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name="fk_eligibility_review_clinic_id"
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name="fk_eligibility_review_patient_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_eligibility_review"),
        sa.UniqueConstraint("patient_id", "month", name="uq_eligibility_review_patient_id_month"),
    )
    op.create_index(
        "ix_eligibility_review_clinic_id_month", "eligibility_review", ["clinic_id", "month"]
    )


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
