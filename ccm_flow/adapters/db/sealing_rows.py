"""
Sealing what is already in the database, and opening it again: some rows at a time.

Each step is one transaction over a few hundred rows and leaves rows that are done alone. So it can
be stopped at any moment and begun again, and people may work meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import JSON, Engine, String, Table, cast, or_, select, type_coerce, update
from sqlmodel import SQLModel, func

from ccm_flow.adapters.db.append_only_rows import changes_allowed
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.shield import MARK, Shield, shield_of
from ccm_flow.adapters.db.tables import CoverageRow, PatientEditRow, PatientRow

AT_ONCE: Final = 200
"""Rows in one transaction: no writer waits long for it."""
_TABLES: Final[tuple[type[SQLModel], ...]] = (PatientRow, CoverageRow, PatientEditRow)


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A table with its columns that are sealed."""

    table: Table
    columns: tuple[str, ...]


def _tables() -> Iterator[_Sealed]:
    for row in _TABLES:
        table: Table = row.__table__  # type: ignore[attr-defined]
        names = tuple(one.name for one in table.columns if hasattr(one.type, "where"))
        yield _Sealed(table, names)


def bring_in_line(engine: Engine) -> Iterator[int]:
    """
    Seal everything under the key in use, or open everything: as new values are kept now.

    Gives after each step how many rows it wrote; ends when nothing is left.
    """
    shield = shield_of(engine.dialect)
    for sealed in _tables():
        while done := _step(engine, sealed, shield):
            yield done


def out_of_line(engine: Engine) -> int:
    """Count the rows that are kept otherwise than new ones are."""
    shield = shield_of(engine.dialect)
    with reading(engine) as session:
        return sum(
            session.connection()
            .execute(select(func.count()).select_from(one.table).where(_waits(one, shield)))
            .scalar_one()
            for one in _tables()
        )


def _step(engine: Engine, sealed: _Sealed, shield: Shield) -> int:
    table = sealed.table
    (key,) = table.primary_key.columns
    columns = [table.c[name] for name in sealed.columns]
    with writing(engine) as session:
        query = select(key, *columns).where(_waits(sealed, shield)).limit(AT_ONCE)
        rows = session.connection().execute(query.with_for_update()).all()
        with changes_allowed(session, [table.name] if rows else []):
            for id_, *values in rows:
                now = dict(zip(sealed.columns, values, strict=True))
                session.connection().execute(update(table).where(key == id_).values(now))
    return len(rows)


def _waits(sealed: _Sealed, shield: Shield) -> Any:
    """Choose the rows with a value that is not kept as a new one would be."""
    return or_(*(_value_waits(sealed.table.c[name], shield) for name in sealed.columns))


def _value_waits(column: Any, shield: Shield) -> Any:
    is_json = isinstance(column.type.impl_instance, JSON)
    text = cast(type_coerce(column, JSON), String) if is_json else type_coerce(column, String)
    begins = '{"sealed": "' if is_json else ""
    if shield.seals:
        holds = text.not_in(["", "{}", "null"]) & column.is_not(None)
        return holds & ~text.startswith(begins + shield.newest(), autoescape=True)
    return text.startswith(begins + MARK, autoescape=True)
