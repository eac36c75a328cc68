"""
Reads YAML text to plain values with their places. Built for hostile input.

It works on the parser's events, without recursion, so that depth, size and aliases are capped
before anything is built. Only whole numbers, `true`, `false` and nothing are not text: `17:00`,
`on`, `yes` and `2026-11` stay what the author typed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from ccm_flow.language.codes import CODES
from ccm_flow.language.document import Document, Span
from ccm_flow.language.plain_values import Node, to_document
from ccm_flow.language.problems import Problem
from ccm_flow.language.yaml_errors import explain

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 20
MAX_ALIASES = 20
MAX_LINE = 10_000
MAX_EVENTS = 60_000
"""Names, values and group borders; a playbook of two hundred steps has about 10,000."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff\U000e0000-\U000e007f]"
)


@dataclass(frozen=True, slots=True)
class ReadResult:
    """The document, unless it could not be read at all, and the problems found on the way."""

    document: Document | None
    problems: tuple[Problem, ...]


class _Stop(Exception):  # noqa: N818 - not an error: the reader's way out of its loop
    def __init__(self, code: str, span: Span, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.span, self.message, self.hint = code, span, message, hint


def read_yaml(text: str, file: str) -> ReadResult:
    """Read one YAML document; never raises, whatever the text."""
    text = text.removeprefix("\ufeff")
    lines = tuple(re.split("\r\n|\n|\r", text[:MAX_CHARACTERS]))
    try:
        _refuse_bad_text(text, file, lines)
        root = _Builder(file, lines).build(text)
    except _Stop as stop:
        return ReadResult(None, (_problem(stop.code, stop.span, stop.message, stop.hint, lines),))
    except yaml.YAMLError as error:
        span, message, hint = explain(error, file, lines)
        return ReadResult(None, (_problem("PB101", span, message, hint, lines),))
    document, found = to_document(root, {file: lines})
    problems = tuple(_problem(*item, lines) for item in found)
    return ReadResult(document, problems)


def _problem(code: str, span: Span, message: str, hint: str, lines: tuple[str, ...]) -> Problem:
    line = lines[span.line - 1][:200] if 0 < span.line <= len(lines) else ""
    severity = CODES[code].severity
    place = (span.file, span.line, span.column, span.end_column)
    return Problem(code, severity, message, hint, *place, (), line)


def _refuse_bad_text(text: str, file: str, lines: tuple[str, ...]) -> None:
    start = Span(file, 1, 1, 2)
    if len(text) > MAX_CHARACTERS:
        raise _Stop(
            "PB103",
            start,
            "The file is larger than a playbook can be (1 MB).",
            "Split it: a playbook of a hundred steps takes about 50 KB.",
        )
    suspect = _FORBIDDEN.search(text) is not None
    for number, line in enumerate(lines, start=1):
        if suspect and (found := _FORBIDDEN.search(line)):
            column = found.start() + 1
            raise _Stop(
                "PB102",
                Span(file, number, column, column + 1),
                f"There is an invisible or unreadable character here (U+{ord(found[0]):04X}).",
                "Delete it and type the text again; it often comes from copying out of a document.",
            )
        if len(line) > MAX_LINE:
            at = Span(file, number, 1, 2)
            raise _Stop("PB103", at, "This line is longer than 10,000 characters.", "Split it.")
    if not text.strip():
        raise _Stop("PB111", start, "The file is empty.", "Start with `playbook: my-playbook`.")


def _events(text: str) -> Iterator[Any]:
    """Give the parser's events; `yaml.parse` does the same, at twice the price per event."""
    loader = _LOADER(text)
    try:
        while not isinstance(event := loader.get_event(), yaml.StreamEndEvent):
            yield event
    finally:
        loader.dispose()


class _Builder:
    """Turns events into nodes with a stack of its own, so that depth costs nothing."""

    def __init__(self, file: str, lines: tuple[str, ...]) -> None:
        self._file, self._lines = file, lines
        self._open: list[tuple[Node, list[Node], str | None]] = []
        self._anchors: dict[str, Node] = {}
        self._aliases = 0
        self._root: Node | None = None

    def build(self, text: str) -> Node:
        for number, event in enumerate(_events(text)):
            if number > MAX_EVENTS:
                message = "The file holds more than a playbook can."
                raise _Stop("PB103", self._span(event), message, "Split it.")
            if isinstance(event, yaml.DocumentStartEvent) and self._root is not None:
                raise _Stop(
                    "PB111",
                    self._span(event),
                    "A second document starts here.",
                    "Keep one playbook per file; remove the '---'.",
                )
            self._take(event)
        if self._root is None:
            span = Span(self._file, 1, 1, 2)
            raise _Stop("PB111", span, "The file is empty.", "Start with `playbook: my-playbook`.")
        return self._root

    def _take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            if event.tag is not None:
                self._refuse_tag(event)
            node = Node(self._scalar_span(event), "text", event.value, not event.style)
            self._place(node, event.anchor)
        elif kind in (yaml.SequenceStartEvent, yaml.MappingStartEvent):
            self._enter(event)
        elif kind in (yaml.SequenceEndEvent, yaml.MappingEndEvent):
            node, items, anchor = self._open.pop()
            node.items = items
            self._place(node, anchor)
        elif kind is yaml.AliasEvent:
            self._place(self._aliased(event), None)

    def _enter(self, event: Any) -> None:
        self._refuse_tag(event)
        kind = "list" if isinstance(event, yaml.SequenceStartEvent) else "mapping"
        self._open.append((Node(self._span(event), kind), [], event.anchor))
        if len(self._open) > MAX_DEPTH:
            raise _Stop(
                "PB104",
                self._span(event),
                f"This is nested more than {MAX_DEPTH} levels deep.",
                "A playbook needs about five levels; look for a bracket that is not closed.",
            )

    def _place(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            # Known only once it is complete, so nothing can contain itself.
            self._anchors[anchor] = node
        if self._open:
            self._open[-1][1].append(node)
        else:
            self._root = node

    def _aliased(self, event: Any) -> Node:
        self._aliases += 1
        node = self._anchors.get(event.anchor)
        if node is None or self._aliases > MAX_ALIASES:
            what = "names nothing above" if node is None else f"is one of more than {MAX_ALIASES}"
            raise _Stop(
                "PB107",
                self._span(event),
                f"The repetition '*{event.anchor[:40]}' {what}.",
                "Write the text out where it is needed.",
            )
        return node

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            mark = event.tag.replace("tag:yaml.org,2002:", "!!")[:40]
            raise _Stop(
                "PB106",
                self._span(event),
                f"Type marks such as '{mark}' are not allowed.",
                "Remove the word that starts with '!'.",
            )

    def _span(self, event: Any) -> Span:
        mark = event.start_mark
        return Span(self._file, mark.line + 1, mark.column + 1, mark.column + 2)

    def _scalar_span(self, event: Any) -> Span:
        mark, end = event.start_mark, event.end_mark
        line, column, last = mark.line, mark.column + 1, end.column + 1
        if end.line != line:
            width = len(self._lines[line]) if line < len(self._lines) else 0
            return Span(self._file, line + 1, column, max(column + 1, width + 1))
        # Each character of the text stands for itself when nothing but quotes surrounds it.
        quotes = 2 if event.style else 0
        exact = last - column == len(event.value) + quotes
        verbatim = column + quotes // 2 if exact else None
        return Span(self._file, line + 1, column, max(column + 1, last), verbatim)
