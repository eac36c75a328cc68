"""A YAML file as plain values, with the place of each in the text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ccm_flow.language.problems import Path


class Span(NamedTuple):
    """A stretch of one line."""

    file: str
    line: int
    column: int
    end_column: int
    verbatim: int | None = None
    """The column at which a text's characters start one by one; None when they do not (block
    texts, escapes), so that a place inside the text can only point at its start."""

    def within(self, start: int, end: int) -> "Span":
        """Narrow to the characters `start` to `end` of the text."""
        if self.verbatim is None:
            return self
        column = self.verbatim + start
        return Span(self.file, self.line, column, max(column + 1, self.verbatim + end))


@dataclass(frozen=True)
class Document:
    """What the reader found."""

    value: Any
    spans: Mapping[Path, Span]
    """The place of each value."""
    keys: Mapping[Path, Span]
    """The place of the key in front of each value."""
    lines: Mapping[str, tuple[str, ...]]
    """The lines of each file that took part, for showing."""

    def locate(self, path: Path, *, key: bool = False) -> Span:
        """Give the place of a path, or of the nearest thing around it."""
        while True:
            found = (self.keys.get(path) if key else None) or self.spans.get(path)
            if found is not None or not path:
                return found or Span(next(iter(self.lines), ""), 1, 1, 2)
            path, key = path[:-1], False

    def line(self, span: Span) -> str:
        """Give the source line of a place; very long ones are cut."""
        lines = self.lines.get(span.file, ())
        return lines[span.line - 1][:200] if 0 < span.line <= len(lines) else ""

    def at(self, path: Path) -> Any:
        """Give the plain value at a path; None when there is none."""
        value = self.value
        for part in path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value
