"""Making the database itself refuse to change or delete the rows of a table."""

from alembic import op

_SENTENCE = "is append-only: add a correcting row instead of changing or deleting one"


def forbid_changes(table: str) -> None:
    """Refuse UPDATE and DELETE (and TRUNCATE, where there is one) on a table."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} {_SENTENCE}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{table} {_SENTENCE}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )


def allow_changes(table: str) -> None:
    """Lift the refusal again, before the table is dropped."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{verb}")
        return
    op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute(f"DROP FUNCTION {table}_refuse()")


_SIGNED = "is signed: write an amendment instead of changing it"


def forbid_signed_changes(table: str) -> None:
    """Refuse UPDATE of rows whose `signed_at` is set, and DELETE of every row."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {table}_signed BEFORE UPDATE ON {table} "
            f"WHEN OLD.signed_at IS NOT NULL BEGIN SELECT RAISE(ABORT, '{table} {_SIGNED}'); END"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} {_SENTENCE}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{table} {_SIGNED}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_signed BEFORE UPDATE ON {table} "
        f"FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION {table}_refuse()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )


def allow_signed_changes(table: str) -> None:
    """Lift the refusal again, before the table is altered."""
    on = "" if op.get_bind().dialect.name == "sqlite" else f" ON {table}"
    for name in ("signed", "no_delete"):
        op.execute(f"DROP TRIGGER {table}_{name}{on}")
    if on:
        op.execute(f"DROP FUNCTION {table}_refuse()")
