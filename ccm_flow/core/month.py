"""A calendar month."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from ccm_flow.core.errors import BadMonthError

_PATTERN = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One calendar month, written `2026-11`."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """
        Read `2026-11`.

        Raises:
            BadMonthError: the text is not a year and a month number.
        """
        match = _PATTERN.fullmatch(text.strip())
        if match is None:
            raise BadMonthError(text)
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> "Month":
        """Give the month that a day lies in."""
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        """The 1st."""
        return _days(self.year, self.number)[0]

    @property
    def last_day(self) -> date:
        """The 28th to 31st."""
        return _days(self.year, self.number)[1]

    @property
    def next(self) -> "Month":
        """The month after this one."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def previous(self) -> "Month":
        """The month before this one."""
        return Month.of(self.first_day - timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@lru_cache(maxsize=1024)
def _days(year: int, number: int) -> tuple[date, date]:
    """Give a month's first and last day; rules ask for the same few months again and again."""
    following = date(year + number // 12, number % 12 + 1, 1)
    return date(year, number, 1), following - timedelta(days=1)
