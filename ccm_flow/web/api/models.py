"""
What all that the API takes and gives is made of.

Instants have an offset, months are 2026-12, lengths are seconds.
"""

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from ccm_flow.core.month import Month

Item = TypeVar("Item")
TEXT = r"^[^\x00]*$"
"""Databases keep no NUL characters."""


def example(value: Any) -> dict[str, Any]:
    """Show a value in the documentation."""
    return {"examples": [value]}


ID = Annotated[str, Field(min_length=1, max_length=200, pattern=TEXT)]
Words = Annotated[str, Field(max_length=10_000, pattern=TEXT)]
Reason = Annotated[
    str,
    Field(
        min_length=1,
        max_length=500,
        pattern=TEXT,
        description="The reason, as others will read it.",
        json_schema_extra=example("She asked to be called next week."),
    ),
]
MonthText = Annotated[
    str,
    Field(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$",
        description="A calendar month.",
        json_schema_extra=example("2026-12"),
    ),
]


class In(BaseModel):
    """What is sent: names that are not known are refused."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """What is given, read from views."""

    model_config = ConfigDict(from_attributes=True)


class Problem(Out):
    """What is wrong, and what to do."""

    error: str = Field(
        description="A sentence for a person.",
        json_schema_extra=example("There is no such step."),
    )
    hint: str = Field(
        description="What to do about it; may be empty.",
        json_schema_extra=example("List the open steps with GET /queue."),
    )
    code: str = Field(
        description="The kind of problem, for programs; stays the same.",
        json_schema_extra=example("not_found"),
    )


class Page(Out, Generic[Item]):
    """A part of a list."""

    clinic: str = Field(description="The token's clinic.")
    as_of: datetime = Field(description="When it was read.")
    total: int = Field(description="How many there are in all.")
    next_offset: int | None = Field(description="Where the next part begins; null at the end.")
    items: list[Item] = Field(description="This part.")


def month_of(text: str) -> Month:
    """Read a month; raises `BadMonthError`."""
    return Month.parse(text)
