"""What was forecast of a playbook, kept before it is approved and compared with what happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from pydantic import TypeAdapter

from ccm_flow.app.rehearse import ENOUGH, NothingRecordedError, RehearsalResult
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, DraftId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.rehearsal.comparing import Change
from ccm_flow.rehearsal.measures import Metric


class NoForecastError(CcmError):
    """A version was published without a rehearsal before that."""

    exit_code = 4
    hint = "Rehearse the next draft first: `ccm rehearse DRAFT --against MONTH`."

    def __init__(self, version: str) -> None:
        super().__init__(f"Nothing was forecast of {version} before it was published.")


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one rehearsal forecast of one text."""

    id: str
    clinic: ClinicId
    draft: DraftId | None
    """None for a file."""
    sha256: str
    against: Month
    """The recorded month it was replayed on."""
    by: PersonId | None
    """None from the command line, which knows nobody."""
    at: datetime
    patients: int
    is_thin: bool
    changes: tuple[Change, ...]
    figures: Mapping[str, Any]
    """Everything else of the result, as data; names no patient."""


class ForecastStore(Protocol):
    """Where forecasts are kept; they are only ever added."""

    def keep(self, forecast: Forecast) -> None:
        """Keep a forecast; a second time changes nothing."""
        ...

    def newest(self, clinic: ClinicId, sha256: str) -> Forecast | None:
        """Give the newest forecast of a text."""
        ...

    def published_on(self, clinic: ClinicId, sha256: str) -> Forecast | None:
        """
        Give the newest forecast that was made before the clinic first published a version.

        What is rehearsed later knows the months it would be compared with.
        """
        ...

    def of_draft(self, draft: DraftId) -> list[Forecast]:
        """Give all forecasts of a draft's texts, the newest first."""
        ...


@dataclass(frozen=True, slots=True)
class Compared:
    """One metric: what was recorded before, what was forecast, what happened."""

    metric: Metric
    before: float | None
    forecast: float | None
    low: float | None
    high: float | None
    """Between what it was to lie."""
    actual: float | None

    @property
    def is_inside(self) -> bool | None:
        """Tell whether it came out as forecast; None where nothing can be said."""
        if self.actual is None or self.low is None or self.high is None:
            return None
        return self.low - _ROUNDING <= self.actual <= self.high + _ROUNDING


_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class ForecastResult:
    """A forecast beside what happened."""

    forecast: Forecast
    month: Month
    patients: int
    still_open: int
    """Cycles of the month that have not ended: the figures are not complete before they have."""
    is_thin: bool
    lines: tuple[Compared, ...]
    left_out: int = 0
    """Months that went on by another version while they ran: what they show is neither's."""


class ActualMonths(Protocol):
    """The recorded months, and how many of a month still run."""

    def measured(
        self, clinic: ClinicId, month: Month, kind: PlaybookKind, sha256: str
    ) -> tuple[Mapping[Metric, float | None], int, int]:
        """Measure the closed cycles of one version; with their number and that of open ones."""
        ...

    def left_out(self, clinic: ClinicId, month: Month, kind: PlaybookKind) -> int:
        """Count the ended cycles that went on by another version while they ran."""
        ...


def compare_forecast(
    recorded: ActualMonths, forecast: Forecast, month: Month, kind: PlaybookKind
) -> ForecastResult:
    """
    Lay a forecast beside what happened in a month that ran on its version.

    Raises:
        NothingRecordedError: no cycle of the version has ended in that month.
    """
    actual, patients, still_open = recorded.measured(forecast.clinic, month, kind, forecast.sha256)
    if not patients:
        raise NothingRecordedError(kind, month)
    lines = tuple(
        Compared(
            one.metric,
            one.old,
            one.new,
            _moved(one.old, one.low),
            _moved(one.old, one.high),
            actual[one.metric],
        )
        for one in forecast.changes
    )
    left_out = recorded.left_out(forecast.clinic, month, kind)
    return ForecastResult(forecast, month, patients, still_open, patients < ENOUGH, lines, left_out)


def _moved(old: float | None, by: float | None) -> float | None:
    return None if old is None or by is None else old + by


def forecast_of(
    result: RehearsalResult,
    figures: Mapping[str, Any],
    *,
    id_: str,
    draft: DraftId | None,
    by: PersonId | None,
    at: datetime,
) -> Forecast:
    """Give what is kept of a result; `figures` is the result as data."""
    without = {"affected", "changes"}
    return Forecast(
        id=id_,
        clinic=result.clinic,
        draft=draft,
        sha256=result.sha256,
        against=result.against,
        by=by,
        at=at,
        patients=result.patients,
        is_thin=result.is_thin,
        changes=result.changes,
        figures={name: value for name, value in figures.items() if name not in without},
    )


def result_of(forecast: Forecast) -> RehearsalResult:
    """Give the result again that a forecast was kept of; without its patients."""
    known = {
        **forecast.figures,
        "against": forecast.against,
        "changes": forecast.changes,
        "affected": (),
    }
    return _RESULT.validate_python(known)


_RESULT: Final = TypeAdapter(RehearsalResult)
