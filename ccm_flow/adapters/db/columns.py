"""Column types that both databases store the same way, and the names of constraints."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import DateTime, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlalchemy.util import immutabledict
from sqlmodel import SQLModel

from ccm_flow.core.month import Month

# Every constraint has a name, so that a later migration can drop it on either database.
SQLModel.metadata.naming_convention = immutabledict(
    {
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


Word = TypeVar("Word", bound=StrEnum)


class UtcDateTime(TypeDecorator[datetime]):
    """
    An instant: aware, kept in UTC with its microseconds, given back aware in UTC.

    Raises `ValueError` for a naive datetime: without a zone it says no instant.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Turn an aware datetime into UTC before it is stored."""
        if value is None:
            return None
        if value.utcoffset() is None:
            msg = f"{value.isoformat()} has no time zone, so it names no instant; give one"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the stored instant back in UTC; SQLite forgets the zone, so it is put back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None] | None:
        """Read SQLite's text in one go: a clinic's month has instants by the ten thousand."""
        if dialect.name == "sqlite":
            return lambda value: None if value is None else instant_of(value)
        return super().result_processor(dialect, coltype)


def instant_of(stored: str | datetime) -> datetime:
    """Read an instant as the database keeps it: SQLite as text in UTC, PostgreSQL as an instant."""
    if isinstance(stored, str):
        return datetime.fromisoformat(stored + "+00:00")
    return stored.astimezone(UTC)


# Rows by the thousand hold the same few months.
_month = lru_cache(maxsize=1024)(Month.parse)


class MonthText(TypeDecorator[Month]):
    """A calendar month as text, `2026-11`, so that text order is month order."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Month | None, _dialect: Dialect) -> str | None:
        """Write `2026-11`."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Month | None:
        """Read `2026-11`."""
        return None if value is None else _month(value)

    def result_processor(
        self, _dialect: Dialect, _coltype: object
    ) -> Callable[[Any], Month | None]:
        """Read without the detour over the text column, which does nothing."""
        return lambda value: None if value is None else _month(value)


def text_of(enum: type[Word]) -> type[TypeDecorator[Word]]:
    """
    Make a column type that stores a closed list of words as plain text.

    No CHECK constraint goes with it: a new word needs no change to the table.
    """
    # Looked up, for calling the enum takes ten times as long; an unknown word is still refused.
    words = {word.value: word for word in enum}

    class WordText(TypeDecorator[Word]):
        impl = String
        cache_ok = True

        def process_bind_param(self, value: Word | None, _dialect: Dialect) -> str | None:
            return None if value is None else enum(value).value

        def process_result_value(self, value: str | None, _dialect: Dialect) -> Word | None:
            return None if value is None else words.get(value) or enum(value)

        def result_processor(
            self, _dialect: Dialect, _coltype: object
        ) -> Callable[[Any], Word | None]:
            return lambda value: None if value is None else words.get(value) or enum(value)

    return WordText


Json = dict[str, Any]
"""What a JSON column holds when it holds named values."""
