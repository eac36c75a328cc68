"""A forecast is answered by itself, once, when the first month on its version is over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from ccm_flow.app.flow import Clock
from ccm_flow.app.forecasts import ActualMonths, Forecast, ForecastResult, compare_forecast
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A published version of which something was forecast, and the first month that ran on it."""

    forecast: Forecast
    kind: PlaybookKind
    month: Month
    time_zone: str
    ended: int
    still_open: int
    is_closed: bool
    """Somebody closed the month."""

    def is_due(self, now: datetime) -> bool:
        """Tell whether the month is over and settled: all its cycles ended, or it was closed."""
        today = now.astimezone(ZoneInfo(self.time_zone)).date()
        is_over = today > self.month.last_day
        return is_over and self.ended > 0 and (self.is_closed or not self.still_open)


@dataclass(frozen=True, slots=True)
class Answer:
    """A forecast beside its first month, as it was when that was over."""

    result: ForecastResult
    at: datetime

    @property
    def otherwise(self) -> int:
        """Count the figures that came out otherwise than forecast."""
        return sum(one.is_inside is False for one in self.result.lines)


class AnswerStore(Protocol):
    """Where answers are kept; they are only ever added."""

    def unanswered(self) -> list[Unanswered]:
        """List published versions with a forecast, a month that ran on them and no answer."""
        ...

    def keep(self, answer: Answer) -> bool:
        """
        Keep an answer and tell who leads the program's operations and who published the version.

        Both or neither; False where another worker was first, who told them already.
        """
        ...

    def of(self, clinic: ClinicId, sha256: str) -> Answer | None:
        """Give the answer of a version."""
        ...


def answer_forecasts(store: AnswerStore, recorded: ActualMonths, clock: Clock) -> int:
    """Lay every forecast that is due beside its month; gives how many were answered just now."""
    done = 0
    for one in store.unanswered():
        if one.is_due(clock.now()):
            result = compare_forecast(recorded, one.forecast, one.month, one.kind)
            done += store.keep(Answer(result, clock.now()))
    return done
