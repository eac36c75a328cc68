"""Column types whose values are sealed where a set-up wants it; see `adapters.db.shield`."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import JSON, ColumnElement, String, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, col

from ccm_flow.adapters.db.shield import plain_form, shield_of

_KEY = "sealed"


def _bound(text: str, column: str, dialect: Dialect, *, findable: bool) -> str:
    shield = shield_of(dialect)
    return shield.seal(text, column, findable=findable) if shield.seals else plain_form(text)


def sealed_text(column: str, *, findable: bool = False) -> type[TypeDecorator[str]]:
    """Make the type of a text; `findable` when it is asked for by its whole value."""

    class SealedText(TypeDecorator[str]):
        impl = String
        cache_ok = True
        where = column
        is_findable = findable

        def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
            if not value:
                return value  # nothing tells nothing
            return _bound(value, column, dialect, findable=findable)

        def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
            return value if not value else shield_of(dialect).open(value, column)

        def result_processor(
            self, dialect: Dialect, _coltype: object
        ) -> Callable[[Any], str | None]:
            def read(value: Any) -> str | None:
                # Most set-ups seal nothing, and read rows by the thousand.
                if not value or not value.startswith(_KEY):
                    return value  # type: ignore[no-any-return]
                return shield_of(dialect).open(value, column)

            return read

    return SealedText


def sealed_date(column: str) -> type[TypeDecorator[date]]:
    """Make the type of a day; kept as `1935-12-15` or sealed, and compared with nothing."""

    class SealedDate(TypeDecorator[date]):
        impl = String
        cache_ok = True
        where = column
        is_findable = False

        def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
            if value is None:
                return None
            return _bound(value.isoformat(), column, dialect, findable=False)

        def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
            if value is None:
                return None
            return date.fromisoformat(shield_of(dialect).open(value, column))

    return SealedDate


def sealed_json(column: str) -> type[TypeDecorator[Any]]:
    """Make the type of structured data; sealed as a whole, in an object that says so."""

    class SealedJson(TypeDecorator[Any]):
        impl = JSON
        cache_ok = True
        where = column
        is_findable = False

        def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
            shield = shield_of(dialect)
            if value is None or value == {} or not shield.seals:
                return value
            return {_KEY: shield.seal(json.dumps(value), column)}

        def process_result_value(self, value: Any, dialect: Dialect) -> Any:
            if not isinstance(value, dict) or value.keys() != {_KEY}:
                return value
            return json.loads(shield_of(dialect).open(value[_KEY], column))

    return SealedJson


def same(session: Session, column: Any, text: str) -> ColumnElement[bool]:
    """Choose the rows whose findable column holds a text, however it is kept."""
    shield = shield_of(session.get_bind().dialect)
    where: str = col(column).type.where  # type: ignore[attr-defined]
    return type_coerce(col(column), String).in_(shield.forms(text, where))
