"""Writing lines for people and data for programs; `tables` writes tables."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import typer

from ccm_flow.core.month import Month


def say(text: str = "") -> None:
    """Print a line; what a terminal would take as a command is left out."""
    typer.echo(clean(text))


def emit(data: Any) -> None:
    """Print data as JSON; the keys are those of `ccm_flow.app.views`."""
    typer.echo(json.dumps(plain(data), indent=2, ensure_ascii=False))


def plain(value: Any) -> Any:
    """Turn views into what JSON has: instants in ISO 8601 with offset, months as 2026-12."""
    if isinstance(value, Month):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value


def clean(text: str) -> str:
    """Drop control characters: names and notes come from elsewhere."""
    return "".join(char for char in text if char.isprintable() or char == "\n")
