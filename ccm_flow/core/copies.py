"""Frozen dataclasses made and copied quickly: the engine makes many."""

from collections.abc import Callable
from dataclasses import fields
from functools import cached_property
from typing import Any, TypeVar

T = TypeVar("T")


def copier(kind: type[T]) -> Callable[..., T]:
    """
    Give what does for one dataclass as `dataclasses.replace` does, in a tenth of the time.

    `replace` looks at every field's description each time, and `__init__` puts each value by
    itself; here all values are put at once. For classes without slots and without a
    `__post_init__`.

    What an instance works out once (`cached_property`) is left out of its copy, unless it is
    given like a value, by who knows it already.
    """
    derived = [name for name, value in vars(kind).items() if isinstance(value, cached_property)]
    names = frozenset([field.name for field in fields(kind)] + derived)  # type: ignore[arg-type]
    make = object.__new__

    def changed(one: T, **changes: Any) -> T:
        if not names.issuperset(changes):
            raise KeyError(*changes.keys() - names)
        made = make(kind)
        values = made.__dict__
        values.update(one.__dict__, **changes)
        for name in derived:
            if name not in changes:
                values.pop(name, None)
        return made

    return changed
