"""A document as a tree whose every value knows its place, so that files can be merged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ccm_flow.language.document import Document, Span
from ccm_flow.language.problems import Path


@dataclass(slots=True)
class Tree:
    """A text, number or nothing; or a group or list of further trees."""

    value: Any
    """A plain value, `dict[str, Tree]` or `list[Tree]`."""
    span: Span
    key: Span | None = None
    """The place of the name in front of it."""

    @property
    def is_group(self) -> bool:
        """Tell whether it is a group of `name: value` lines."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Tell whether it is a list."""
        return isinstance(self.value, list)

    @property
    def id(self) -> str | None:
        """The `id` of a thing in a list; None when it has none."""
        found = self.value.get("id") if isinstance(self.value, dict) else None
        return found.value if found is not None and isinstance(found.value, str) else None

    @property
    def is_things(self) -> bool:
        """Tell whether it is a list of things that have ids."""
        return self.is_list and bool(self.value) and all(item.id is not None for item in self.value)

    def child(self, name: str) -> "Tree | None":
        """Give what stands below a name: of a group, a thing's id, or a word of a list."""
        if self.is_group:
            return self.value.get(name)  # type: ignore[no-any-return] # a group holds trees
        items = self.value if self.is_list else ()
        return next((item for item in items if name in (item.id, item.value)), None)

    def names(self) -> list[str]:
        """List the names that `child` knows."""
        if self.is_group:
            return list(self.value)
        items = self.value if self.is_list else ()
        found = (item.id or item.value for item in items)
        return [name for name in found if isinstance(name, str)]

    def drop(self, name: str) -> None:
        """Take out what `child` would give."""
        if self.is_group:
            del self.value[name]
        else:
            self.value.remove(self.child(name))

    def plain(self) -> Any:
        """Give the value without places."""
        if self.is_group:
            return {name: item.plain() for name, item in self.value.items()}
        return [item.plain() for item in self.value] if self.is_list else self.value


def to_tree(document: Document) -> Tree:
    """Give a document's values together with their places."""
    return _grow(document.value, (), document)


def _grow(value: Any, path: Path, document: Document) -> Tree:
    if isinstance(value, dict):
        value = {name: _grow(item, (*path, name), document) for name, item in value.items()}
    elif isinstance(value, list):
        value = [_grow(item, (*path, i), document) for i, item in enumerate(value)]
    return Tree(value, document.locate(path), document.keys.get(path))


def from_tree(tree: Tree, lines: Mapping[str, tuple[str, ...]]) -> Document:
    """Give a tree as a document; its places may lie in several files."""
    spans, keys = {}, {}
    for path, item in _walk(tree, ()):
        spans[path] = item.span
        if item.key is not None:
            keys[path] = item.key
    return Document(tree.plain(), spans, keys, lines)


def _walk(tree: Tree, path: Path) -> Iterator[tuple[Path, Tree]]:
    yield path, tree
    if tree.is_group:
        for name, item in tree.value.items():
            yield from _walk(item, (*path, name))
    elif tree.is_list:
        for i, item in enumerate(tree.value):
            yield from _walk(item, (*path, i))
