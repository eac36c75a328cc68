"""Turns the reader's nodes into plain values and remembers where each came from."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ccm_flow.language.document import Document, Span
from ccm_flow.language.problems import Path

Found = tuple[str, Span, str, str]
"""A code, a place, a message and a hint."""

MAX_VALUES = 50_000
"""Values after repetitions (aliases) are written out."""
_MAX_DIGITS = 9
_MAX_DEPTH = 40
_WHOLE_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_NOTHING = frozenset(["", "~", "null"])


@dataclass(slots=True)
class Node:
    """A scalar (text), a sequence (items) or a mapping (pairs), and where it starts."""

    span: Span
    kind: str
    text: str = ""
    plain: bool = False
    items: Sequence["Node"] = ()


def to_document(
    root: Node, lines: Mapping[str, tuple[str, ...]]
) -> tuple[Document, tuple[Found, ...]]:
    """Give the values with their places, and what was wrong with single ones."""
    converter = _Converter()
    value = converter.convert(root, ())
    document = Document(value, converter.spans, converter.keys, lines)
    return document, tuple(converter.found)


class _Converter:
    def __init__(self) -> None:
        self.spans: dict[Path, Span] = {}
        self.keys: dict[Path, Span] = {}
        self.found: list[Found] = []
        self._full = False

    def convert(self, node: Node, path: Path) -> Any:
        """Convert a node; a depth cap of its own, since repetitions can nest in each other."""
        if len(self.spans) >= MAX_VALUES or len(path) > _MAX_DEPTH:
            self._refuse_bulk(node)
            return None
        self.spans[path] = node.span
        if node.kind == "text":
            return self._scalar(node)
        if node.kind == "list":
            return [self.convert(item, (*path, i)) for i, item in enumerate(node.items)]
        return self._mapping(node, path)

    def _mapping(self, node: Node, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in zip(node.items[::2], node.items[1::2], strict=True):
            name = self._key(key)
            if name is None:
                continue
            if name in values:
                self._duplicate(name, key, self.keys[(*path, name)])
                continue
            self.keys[(*path, name)] = key.span
            values[name] = self.convert(value, (*path, name))
        return values

    def _key(self, key: Node) -> str | None:
        if key.kind != "text" or not key.text:
            hint = "Write a single word in front of the ':'."
            self._add("PB109", key, "Only a plain word can stand in front of a ':'.", hint)
            return None
        if key.plain and key.text == "<<":
            hint = "Write the lines out where they are needed."
            self._add("PB108", key, "Merging with '<<' is not allowed.", hint)
            return None
        return key.text

    def _scalar(self, node: Node) -> Any:
        text = node.text
        if not node.plain:
            return text
        if text in _NOTHING:
            return None
        if text in ("true", "false"):
            return text == "true"
        if _WHOLE_NUMBER.fullmatch(text):
            return self._number(node)
        return text

    def _number(self, node: Node) -> int:
        if len(node.text.lstrip("+-")) > _MAX_DIGITS:
            hint = "Put it in quotes if it is a text."
            self._add("PB110", node, "This number is too large.", hint)
            return 1
        return int(node.text)

    def _duplicate(self, name: str, key: Node, first: Span) -> None:
        message = f"'{name[:60]}' is given twice; the first time in line {first.line}."
        self._add("PB105", key, message, "Keep one of the two.")

    def _refuse_bulk(self, node: Node) -> None:
        if not self._full:
            self._full = True
            hint = "Use fewer repetitions (`*name`)."
            message = f"Written out, the file holds more than {MAX_VALUES} values."
            self._add("PB103", node, message, hint)

    def _add(self, code: str, node: Node, message: str, hint: str) -> None:
        self.found.append((code, node.span, message, hint))
