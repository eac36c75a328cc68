"""Long lists, a page at a time: no page of a large clinic gets too heavy to load."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Generic, TypeVar

from fastapi import Query

Row = TypeVar("Row")
Group = TypeVar("Group")
PAGE: Final = 100
"""Rows on one page."""
PageNumber = Annotated[int, Query(ge=1, le=100_000)]


@dataclass(frozen=True, slots=True)
class Paged(Generic[Row]):
    """One page of a list."""

    rows: Sequence[Row]
    found: int
    """Rows of the whole list."""
    page: int
    """Counted from 1; the last one for a number beyond it."""

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.found // PAGE))


def paged(rows: Sequence[Row], page: int) -> Paged[Row]:
    """Cut a page out of a list."""
    at = _within(len(rows), page)
    return Paged(rows[(at - 1) * PAGE : at * PAGE], len(rows), at)


def paged_groups(
    groups: Mapping[Group, Sequence[Row]], page: int
) -> Paged[tuple[Group, Sequence[Row]]]:
    """Cut a page out of a list in groups; a group may go on on the next page."""
    found = sum(len(rows) for rows in groups.values())
    at = _within(found, page)
    left_out, room = (at - 1) * PAGE, PAGE
    shown = []
    for group, rows in groups.items():
        part = rows[left_out : left_out + room]
        left_out, room = max(0, left_out - len(rows)), room - len(part)
        if part:
            shown.append((group, part))
    return Paged(shown, found, at)


def _within(found: int, page: int) -> int:
    return min(page, max(1, -(-found // PAGE)))
