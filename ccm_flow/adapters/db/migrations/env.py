"""What Alembic runs: the connection is always given by `migrate`, never made here."""

from alembic import context
from sqlmodel import SQLModel

from ccm_flow.adapters.db import tables

assert tables  # noqa: S101 - importing the tables is what fills the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
)
with context.begin_transaction():
    context.run_migrations()
