"""Writing lines for people and data for programs; `tables` writes tables."""

import json
from typing import Any

import typer

from ccm_flow.core.plain_data import plain


def say(text: str = "") -> None:
    """Print a line; what a terminal would take as a command is left out."""
    typer.echo(clean(text))


def emit(data: Any) -> None:
    """Print data as JSON; the keys are those of `ccm_flow.app.views`."""
    typer.echo(json.dumps(plain(data), indent=2, ensure_ascii=False))


def clean(text: str) -> str:
    """Drop control characters: names and notes come from elsewhere."""
    return "".join(char for char in text if char.isprintable() or char == "\n")
