"""What stands in the API's addresses, and parts of lists."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Path, Query

Item = TypeVar("Item")
_ID = r"^[A-Za-z0-9:~_.-]+$"

Cycle = Annotated[
    str,
    Path(
        max_length=200,
        pattern=_ID,
        description="The pass, as the queue names it.",
        examples=["monthly:7f3a:2026-12"],
    ),
]
StepName = Annotated[
    str, Path(max_length=200, pattern=_ID, description="The step's key.", examples=["outreach"])
]
Enrollment = Annotated[
    str, Path(max_length=200, pattern=_ID, description="The enrollment's id.", examples=["7f3a"])
]
EntryId = Annotated[
    str, Path(max_length=200, pattern=_ID, description="The entry's id.", examples=["3fa29c01"])
]
MonthPath = Annotated[
    str,
    Path(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$",
        description="A calendar month.",
        examples=["2026-12"],
    ),
]
TokenId = Annotated[
    str, Path(max_length=64, pattern=r"^[0-9a-f]+$", description="The token's id, not its secret.")
]
Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="How many to leave out.")]


def part(items: Sequence[Item], limit: int, offset: int) -> tuple[Sequence[Item], int | None]:
    """Cut a part out of a list; the second value is where the next one begins."""
    end = offset + limit
    return items[offset:end], end if end < len(items) else None
