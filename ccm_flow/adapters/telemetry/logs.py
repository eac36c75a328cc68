"""
Logs as lines of JSON, for those who collect them; without the setting they stay as they are.

An error is told by its kind and the places it came through. Its text is left out: it may hold
what a person typed.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Final, TextIO

_IDS: Final = ("clinic", "cycle")
"""What a line may carry beside its text, given as `extra`."""


class JsonLines(logging.Formatter):
    """One object for each line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": record.getMessage(),
        }
        line |= {name: str(getattr(record, name)) for name in _IDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _error(error: BaseException) -> dict[str, Any]:
    places = traceback.extract_tb(error.__traceback__)
    return {
        "kind": f"{type(error).__module__}.{type(error).__qualname__}",
        "places": [f"{place.filename}:{place.lineno} {place.name}" for place in places],
    }


def set_up_logs(*, as_json: bool, out: TextIO | None = None) -> None:
    """Have every logger of the process write lines of JSON to stderr, when that is wanted."""
    if not as_json:
        return
    handler = logging.StreamHandler(out or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
