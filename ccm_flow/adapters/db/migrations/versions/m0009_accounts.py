"""Sign-in, sessions and access."""

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("account", "access_grant", "web_session", "invitation", "access_log")
"""In the order in which they can be made."""


def upgrade() -> None:
    """Make the tables."""
    _account()
    _access_grant()
    _web_session()
    _invitation()
    _access_log()
    forbid_changes("access_log")


def downgrade() -> None:
    """Drop the tables with everything in them."""
    allow_changes("access_log")
    for table in reversed(TABLES):
        op.drop_table(table)


def _instant(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _account() -> None:
    op.create_table(
        "account",
        _text("person_id", nullable=False),
        _text("username", nullable=False),
        _text("password_hash"),
        _text("totp_secret"),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        _text("oidc_subject"),
        sa.Column("failed_tries", sa.Integer(), nullable=False),
        _instant("last_failed_at"),
        _instant("created_at", nullable=False),
        _instant("password_set_at"),
        _instant("disabled_at"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_account_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_account"),
        sa.UniqueConstraint("username", name="uq_account_username"),
        sa.UniqueConstraint("oidc_subject", name="uq_account_oidc_subject"),
    )


def _access_grant() -> None:
    op.create_table(
        "access_grant",
        _text("id", nullable=False),
        _text("person_id", nullable=False),
        _text("role", nullable=False),
        _text("clinic_id"),
        _text("organization_id"),
        _instant("granted_at", nullable=False),
        _text("granted_by"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_access_grant_person_id"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_access_grant_clinic_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name="fk_access_grant_organization_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_access_grant"),
    )
    op.create_index("ix_access_grant_person_id", "access_grant", ["person_id"])


def _web_session() -> None:
    op.create_table(
        "web_session",
        _text("token_hash", nullable=False),
        _text("person_id", nullable=False),
        _instant("started_at", nullable=False),
        _instant("last_seen_at", nullable=False),
        _instant("ended_at"),
        sa.Column("awaits_code", sa.Boolean(), nullable=False),
        _text("clinic_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_web_session_person_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_web_session"),
    )
    op.create_index("ix_web_session_person_id", "web_session", ["person_id"])


def _invitation() -> None:
    op.create_table(
        "invitation",
        _text("token_hash", nullable=False),
        _text("person_id", nullable=False),
        _text("invited_by"),
        _instant("created_at", nullable=False),
        _instant("expires_at", nullable=False),
        _instant("used_at"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_invitation_person_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_invitation"),
    )
    op.create_index("ix_invitation_person_id", "invitation", ["person_id"])


def _access_log() -> None:
    op.create_table(
        "access_log",
        _text("id", nullable=False),
        _instant("at", nullable=False),
        _text("person_id"),
        _text("clinic_id"),
        _text("patient_id"),
        _text("what", nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_log"),
    )
    op.create_index("ix_access_log_person_id", "access_log", ["person_id"])
    op.create_index("ix_access_log_patient_id_at", "access_log", ["patient_id", "at"])
    op.create_index("ix_access_log_clinic_id_at", "access_log", ["clinic_id", "at"])
