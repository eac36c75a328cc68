"""Writes a merged playbook as YAML that this project's reader reads back the same."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ccm_flow.language.document import Span
from ccm_flow.language.overlay_tree import Tree

_PLAIN = re.compile(r"(?:[0-9]+ )?[A-Za-z][A-Za-z0-9 _./()<>=+'@-]*")
_NOT_PLAIN = frozenset(
    ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
)  # this reader takes only the first three for values; others that read the text take them all
_LONGEST_INLINE = 96
_STEP = "  "


@dataclass(frozen=True, slots=True)
class MergedLine:
    """One line of a merged playbook, and where it comes from."""

    text: str
    origin: Span | None = None
    """None for blank lines and comments."""


def write_tree(tree: Tree, header: str) -> tuple[MergedLine, ...]:
    """Give the lines of a playbook; of what is none, e.g. a word alone, only the header."""
    body = _group(tree, "", roomy=True) if tree.is_group else ()
    return (MergedLine(f"# {header}"), MergedLine(""), *body)


def _group(tree: Tree, indent: str, *, roomy: bool = False) -> Iterator[MergedLine]:
    for name, item in tree.value.items():
        if roomy and item.value and (item.is_group or item.is_list):
            yield MergedLine("")
        yield from _entry(f"{indent}{_name(name)}:", item, indent)


def _entry(start: str, item: Tree, indent: str) -> Iterator[MergedLine]:
    """Write `name: value`, with the value behind it when it fits and comes from one line."""
    inline = _inline(item)
    if inline is not None and len(start) + len(inline) < _LONGEST_INLINE:
        yield MergedLine(f"{start} {inline}".rstrip(), item.span)
        return
    yield MergedLine(start, item.key or item.span)
    if item.is_group:
        yield from _group(item, indent + _STEP)
    elif item.is_list:
        yield from _list(item, indent + _STEP)
    else:
        yield MergedLine(indent + _STEP + _scalar(item.value), item.span)


def _list(tree: Tree, indent: str) -> Iterator[MergedLine]:
    for number, item in enumerate(tree.value):
        if item.id is not None and number:
            yield MergedLine("")
        if item.is_group and item.value:
            lines = list(_group(item, indent + _STEP))
            first = lines[0].text[len(indent) + 2 :]
            yield MergedLine(f"{indent}- {first}", lines[0].origin)
            yield from lines[1:]
        else:
            yield MergedLine(f"{indent}- {_inline(item, always=True)}", item.span)


def _inline(tree: Tree, *, always: bool = False) -> str | None:
    """Give a value for the same line; None for groups whose parts come from several lines."""
    if tree.is_group:
        if not always and not _from_one_line(tree):
            return None
        parts = [_pair(name, item) for name, item in tree.value.items()]
        return "{" + ", ".join(parts) + "}"
    if tree.is_list:
        if not always and any(item.is_group for item in tree.value):
            return None
        return "[" + ", ".join(_inline(item, always=True) or "null" for item in tree.value) + "]"
    return _scalar(tree.value)


def _pair(name: str, item: Tree) -> str:
    return f"{_name(name)}: {_inline(item, always=True)}".rstrip()


def _from_one_line(tree: Tree) -> bool:
    places = {(item.span.file, item.span.line) for item in tree.value.values()}
    plain = all(not item.is_group for item in tree.value.values())
    same = not places or places == {(tree.span.file, tree.span.line)}
    return plain and same


def _scalar(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and not text.endswith(" ") and text.lower() not in _NOT_PLAIN:
        return text
    return _quoted(text)


def _name(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and not name.endswith(" ") else _quoted(name)


def _quoted(text: str) -> str:
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    return f"\\U{ord(char):08X}"
