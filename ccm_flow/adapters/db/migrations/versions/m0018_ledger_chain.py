"""The ledger's chain of hashes, for every clinic; what was written before is linked as it is."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from ccm_flow.adapters.db.columns import UtcDateTime
from ccm_flow.adapters.db.ledger_chain import line_content
from ccm_flow.adapters.db.migrations.append_only import allow_changes, forbid_changes
from ccm_flow.core.canonical import chain

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_CHUNK = 1000


def upgrade() -> None:
    """Make the tables, and link the lines that are there."""
    op.create_table(
        "ledger_link",
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["ledger_event.id"], name="fk_ledger_link_event_id_ledger_event"
        ),
        sa.PrimaryKeyConstraint("event_id", name="pk_ledger_link"),
        sa.UniqueConstraint("clinic_id", "number", name="uq_ledger_link_clinic_id_number"),
    )
    op.create_table(
        "ledger_head",
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", name="pk_ledger_head"),
    )
    _link_all()
    forbid_changes("ledger_link")


def downgrade() -> None:
    """Drop them with everything in them."""
    allow_changes("ledger_link")
    op.drop_table("ledger_head")
    op.drop_table("ledger_link")


_EVENT = sa.table(
    "ledger_event",
    sa.column("id", sa.BigInteger()),
    sa.column("clinic_id", sa.String()),
    sa.column("cycle_id", sa.String()),
    sa.column("sequence", sa.Integer()),
    sa.column("position", sa.Integer()),
    sa.column("at", UtcDateTime()),
    sa.column("kind", sa.String()),
    sa.column("actor", sa.String()),
    sa.column("detail", sa.JSON()),
)
_LINK = sa.table(
    "ledger_link", *(sa.column(name) for name in ("event_id", "clinic_id", "number", "sha256"))
)
_HEAD = sa.table("ledger_head", *(sa.column(name) for name in ("clinic_id", "number", "sha256")))


def _link_all() -> None:
    connection = op.get_bind()
    heads: dict[str, tuple[int, str]] = {}
    for chunk in _chunks(connection):
        links = []
        for row in chunk:
            number, before = heads.get(row.clinic_id, (0, ""))
            hashed = chain(before, _content(row))
            heads[row.clinic_id] = (number + 1, hashed)
            links.append(
                {
                    "event_id": row.id,
                    "clinic_id": row.clinic_id,
                    "number": number + 1,
                    "sha256": hashed,
                }
            )
        connection.execute(sa.insert(_LINK), links)
    if heads:
        rows = [
            {"clinic_id": clinic, "number": number, "sha256": hashed}
            for clinic, (number, hashed) in heads.items()
        ]
        connection.execute(sa.insert(_HEAD), rows)


def _chunks(connection: sa.Connection) -> Iterator[list[Any]]:
    last = 0
    while True:
        query = sa.select(_EVENT).where(_EVENT.c.id > last).order_by(_EVENT.c.id).limit(_CHUNK)
        rows = list(connection.execute(query))
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _content(row: Any) -> dict[str, Any]:
    return line_content(
        row.clinic_id,
        row.cycle_id,
        row.sequence,
        row.position,
        row.at,
        kind=row.kind,
        actor=row.actor,
        detail=row.detail,
    )
