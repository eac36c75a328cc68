"""
A clinic's working calendar as plain numbers.

The calendar is worked out once, outside (time zone, opening hours, federal holidays, closure
days), and travels with the cycle: the engine needs no time-zone data and a replay years later
reads the same days.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from ccm_flow.core.errors import CalendarTooShortError

CLOSED = 0


@dataclass(frozen=True)
class WorkCalendar:
    """
    Consecutive days of one clinic; day `i` is `first + i` in the clinic's own zone.

    All numbers are UTC epoch seconds, so days of 23 or 25 hours need no care here.
    """

    first: date
    midnights: tuple[int, ...]
    """When each day starts; one more than there are days, to end the last."""
    opens: tuple[int, ...]
    """When the clinic opens on each day; `CLOSED` when it does not."""
    closes: tuple[int, ...]
    """When the clinic closes on each day; `CLOSED` when it does not open."""

    @cached_property
    def _business(self) -> tuple[int, ...]:
        return tuple(i for i, opens in enumerate(self.opens) if opens != CLOSED)

    @cached_property
    def _dates(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=i) for i in range(len(self.opens)))

    @cached_property
    def _openings(self) -> tuple[datetime, ...]:
        days = zip(self.opens, self.midnights, strict=False)
        return tuple(_instant(opens or midnight) for opens, midnight in days)

    @cached_property
    def _closings(self) -> tuple[datetime, ...]:
        ends = zip(self.closes, self.midnights[1:], strict=True)
        return tuple(_instant(closes or midnight - 60) for closes, midnight in ends)

    @property
    def last(self) -> date:
        """The last day covered."""
        return self.first + timedelta(days=len(self.opens) - 1)

    def date_of(self, instant: datetime) -> date:
        """Give the clinic's date at an instant."""
        return self._dates[self._index_at(instant)]

    def is_business_day(self, day: date) -> bool:
        """Tell whether the clinic opens that day."""
        return self.opens[self._index(day)] != CLOSED

    def is_open(self, instant: datetime) -> bool:
        """Tell whether the clinic is open at an instant."""
        i = self._index_at(instant)
        return self.opens[i] <= instant.timestamp() < self.closes[i]

    def start_of(self, day: date) -> datetime:
        """Midnight at the clinic, when the day begins."""
        return _instant(self.midnights[self._index(day)])

    def at_minute(self, day: date, minute: int) -> datetime:
        """
        Give the instant `minute` minutes after midnight by the clock on the wall.

        Counted back from the day's end: clocks change at night, before anybody is called.
        """
        return _instant(self.midnights[self._index(day) + 1] - 60 * (24 * 60 - minute))

    def minute_of(self, instant: datetime) -> int:
        """Give the clock on the wall as minutes after midnight; the inverse of `at_minute`."""
        until_midnight = self.midnights[self._index_at(instant) + 1] - int(instant.timestamp())
        return max(0, 24 * 60 - -(-until_midnight // 60))

    def opening(self, day: date) -> datetime:
        """When the clinic opens that day; the day's start when it does not."""
        return self._openings[self._index(day)]

    def closing(self, day: date) -> datetime:
        """When the clinic closes that day; the day's last minute when it does not open."""
        return self._closings[self._index(day)]

    def opening_after(self, instant: datetime, count: int) -> datetime:
        """When the clinic opens on the `count`-th business day after an instant's day."""
        return self._openings[self._business_index(self._index_at(instant), count)]

    def closing_after(self, instant: datetime, count: int) -> datetime:
        """When the clinic closes on the `count`-th business day after an instant's day."""
        return self._closings[self._business_index(self._index_at(instant), count)]

    def business_day_after(self, day: date, count: int) -> date:
        """
        Give the `count`-th business day strictly after `day` (before it when negative).

        So from a Friday, 1 is Monday; from a Saturday, 1 is Monday too. With 0: the day itself
        when it is a business day, otherwise the next one.
        """
        return self._dates[self._business_index(self._index(day), count)]

    def _business_index(self, i: int, count: int) -> int:
        if count > 0:
            place = bisect_right(self._business, i) + count - 1
        elif count < 0:
            place = bisect_left(self._business, i) + count
        else:
            place = bisect_left(self._business, i)
        if not 0 <= place < len(self._business):
            raise CalendarTooShortError(self.first, self.last, count)
        return self._business[place]

    def business_days_between(self, after: date, until: date) -> int:
        """Count the business days after `after`, up to and with `until`; 0 when there are none."""
        low = bisect_right(self._business, self._index(after))
        return max(0, bisect_right(self._business, self._index(until)) - low)

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Measure the clinic's open time between two instants; zero when `end` is not later."""
        if end <= start:
            return timedelta(0)
        low, high = int(start.timestamp()), int(end.timestamp())
        first, last = self._index_at(start), self._index_at(end)
        total = 0
        for i in range(first, last + 1):
            if self.opens[i] != CLOSED:
                total += max(0, min(high, self.closes[i]) - max(low, self.opens[i]))
        return timedelta(seconds=total)

    def add_working_time(self, start: datetime, amount: timedelta) -> datetime:
        """Give the instant at which `amount` of open time has passed since `start`."""
        left = int(amount.total_seconds())
        at = int(start.timestamp())
        for i in range(self._index_at(start), len(self.opens)):
            if self.opens[i] == CLOSED:
                continue
            begin = max(at, self.opens[i])
            room = self.closes[i] - begin
            if room >= left and room > 0:
                return _instant(begin + left)
            left -= max(0, room)
        raise CalendarTooShortError(self.first, self.last, 1)

    def _index(self, day: date) -> int:
        i = (day - self.first).days
        if not 0 <= i < len(self.opens):
            raise CalendarTooShortError(self.first, self.last, i)
        return i

    def _index_at(self, instant: datetime) -> int:
        i = bisect_right(self.midnights, instant.timestamp()) - 1
        if not 0 <= i < len(self.opens):
            raise CalendarTooShortError(self.first, self.last, i)
        return i


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
