"""What the pages of a rehearsal share: what can be asked for, and what was typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ccm_flow.adapters.db.forecast_store import SqlForecasts
from ccm_flow.adapters.db.views_rehearsal import ended_months
from ccm_flow.adapters.processes.replays import SqlRecordedClinic
from ccm_flow.app.care import NoPlaybookError
from ccm_flow.app.drafts import Draft
from ccm_flow.app.forecasts import forecast_of
from ccm_flow.app.publish_playbook import DraftHasErrorsError
from ccm_flow.app.rehearse import RehearsalResult, Wanted, must_fit, rehearse
from ccm_flow.core.errors import BadMonthError, CcmError
from ccm_flow.core.ids import StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plain_data import plain
from ccm_flow.core.plan import Plan
from ccm_flow.web.forms import BadFormError
from ccm_flow.web.playbook_desk import library_of, place_of
from ccm_flow.web.visit import Visit

LEFT_OUT: Final = "-"
"""Stands for a recorded step that the draft does without."""
FIELD: Final = "place_of_"
"""Begins the name of each field that says what takes a step's place."""


class NothingToReplayError(CcmError):
    """A clinic has no closed month of a draft's kind."""

    exit_code = 1
    hint = "A rehearsal is possible as soon as the first month is over."

    def __init__(self) -> None:
        super().__init__("No month is closed here yet, so there is nothing to replay.")


@dataclass(frozen=True)
class LostStep:
    """A recorded step that the draft does not have."""

    id: StepId
    title: str
    openings: int

    @property
    def field(self) -> str:
        """The name of its field in the form."""
        return f"{FIELD}{self.id}"


@dataclass(frozen=True)
class Offer:
    """What somebody can ask for."""

    plan: Plan
    months: Mapping[Month, int]
    """Closed months with their patients, the newest first."""
    against: Month
    lost: tuple[LostStep, ...]
    """Steps of that month that need a place in the draft."""
    free: Mapping[StepId, str]
    """Titles of the draft's steps that were not there then."""
    openings: Mapping[StepId, int]

    def wanted(self, draft: Draft, typed: Mapping[str, str]) -> Wanted:
        """
        Read the form.

        Raises:
            BadFormError: a step was given no place.
            CannotRehearseError: two steps were given the same place.
        """
        missing = [one for one in self.lost if not typed.get(one.field)]
        if missing:
            raise BadFormError(f"Say what takes the place of “{one.title}”." for one in missing)
        places = {one.id: typed[one.field] for one in self.lost}
        mapping = {old: None if new == LEFT_OUT else StepId(new) for old, new in places.items()}
        wanted = Wanted(draft.clinic, self.plan, self.against, mapping)
        must_fit(wanted, self.openings)
        return wanted


def offer_of(visit: Visit, draft: Draft, against: str) -> Offer:
    """
    Work out what a draft can be rehearsed on.

    Raises:
        DraftHasErrorsError: it has errors.
        NothingToReplayError: no month is closed.
        BadFormError: another month is asked for than those that are closed.
    """
    engine = visit.parts.base.engine
    found = library_of(visit).resolve(draft.clinic, draft.text)
    if found.plan is None:
        raise DraftHasErrorsError(len(found.errors))
    plan = found.plan
    running = place_of(visit, draft.clinic).running
    months = ended_months(engine, draft.clinic, plan.kind, before=running)
    if not months:
        raise NothingToReplayError
    month = _month(against) if against else next(iter(months))
    if month is None or month not in months:
        raise BadFormError([f"“{against}” is no closed month of this clinic."])
    recorded = SqlRecordedClinic(engine)
    openings = recorded.steps(recorded.closed(draft.clinic, month, plan.kind))
    titles = _titles(visit, draft, plan, month)
    lost = [step for step in openings if step not in plan.by_id]
    return Offer(
        plan=plan,
        months=months,
        against=month,
        lost=tuple(LostStep(one, titles.get(one, one), openings[one]) for one in sorted(lost)),
        free={step.id: step.title for step in plan.steps if step.id not in openings},
        openings=openings,
    )


def replay_of(visit: Visit, draft: Draft, wanted: Wanted, rehearsal: str) -> RehearsalResult:
    """Replay the month, which takes from a second to a minute, and keep what was forecast."""
    base = visit.parts.base
    result = rehearse(SqlRecordedClinic(base.engine), wanted)
    forecast = forecast_of(
        result,
        plain(result),
        id_=rehearsal,
        draft=draft.id,
        by=visit.visitor.person,
        at=base.clock.now(),
    )
    SqlForecasts(base.engine).keep(forecast)
    return result


def _month(text: str) -> Month | None:
    try:
        return Month.parse(text)
    except BadMonthError:
        return None


def _titles(visit: Visit, draft: Draft, plan: Plan, month: Month) -> dict[StepId, str]:
    """Give what steps were called in the recorded month."""
    try:
        then = visit.parts.base.record.plan_for(draft.clinic, plan.kind, month)
    except NoPlaybookError:
        return {}
    return {step.id: step.title for step in then.steps}
