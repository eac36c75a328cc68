"""Copies of frozen dataclasses with some values changed, made quickly: the engine makes many."""

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def copier(kind: type[T]) -> Callable[..., T]:
    """
    Give what does for one slotted dataclass as `dataclasses.replace` does, in half the time.

    `replace` looks at every field's description each time, and `__init__` runs once more; here
    the slots are filled as they are. For classes without a `__post_init__`.
    """
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type] # a dataclass
    values_of, make = attrgetter(*names), object.__new__
    put = {name: getattr(kind, name).__set__ for name in names}
    fill = tuple(put.values())

    def changed(one: T, **changes: Any) -> T:
        made = make(kind)
        for put_value, value in zip(fill, values_of(one), strict=True):
            put_value(made, value)
        for name, value in changes.items():
            put[name](made, value)
        return made

    return changed
