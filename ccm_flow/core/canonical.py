"""One way to write content as text, so that equal content has equal bytes and one hash."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from ccm_flow.core.month import Month

Plain = dict[str, Any]
"""Named values as JSON has them."""


def plain(value: Any) -> Any:
    """
    Turn a value into plain data: instants in UTC, amounts as text, sets in order.

    Raises:
        TypeError: something in it has no plain form.
    """
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, (date, Month)):
        return str(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    return _plain_group(value)


def _plain_group(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    raise TypeError(type(value).__name__)


def canonical(content: Any) -> str:
    """
    Write plain data as JSON: names in order, no spaces, every letter as itself.

    Raises:
        TypeError: something in it is not plain data.
    """
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def fingerprint(content: Any) -> str:
    """Give the SHA-256 of plain data, in hexadecimal."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def chain(before: str, content: Any) -> str:
    """
    Give a record's hash in a chain: over the hash of the record before it and its own content.

    So nothing can be taken out of the middle, put in or changed without every later hash changing.
    The first record follows the empty text.
    """
    return hashlib.sha256(f"{before}\n{canonical(content)}".encode()).hexdigest()
