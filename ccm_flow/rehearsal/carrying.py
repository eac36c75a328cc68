"""Which recorded acts belong to an opening of the draft, and when they would be done there."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.ids import RoleId, StepId, StepKey, step_key
from ccm_flow.core.plan import PlanStep, Reassign
from ccm_flow.core.state import StepState
from ccm_flow.rehearsal.assumptions import Assumption
from ccm_flow.rehearsal.recorded import Basis, Cause, Deed, Opening, RecordedMonth

StepMapping = Mapping[StepId, StepId | None]
"""Old steps with the new ones that take their place; None for one that is left out."""


@dataclass(slots=True)
class Carried:
    """What is known of one opening of the draft from the record."""

    opening: Opening
    owners: frozenset[RoleId] = frozenset()
    """The roles that had it."""
    deeds: deque[Deed] = field(default_factory=deque)
    renamed: bool = False


def carried_over(month: RecordedMonth, mapping: StepMapping) -> dict[StepKey, Carried]:
    """Give the recorded openings by the draft's keys; those left out are not among them."""
    found: dict[StepKey, Carried] = {}
    by_old_key: dict[StepKey, Carried] = {}
    for opening in month.openings:
        new = mapping.get(opening.step, opening.step)
        if new is None:
            continue
        key = step_key(new, _round(opening.key))
        carried = Carried(opening, _owners(opening), renamed=new != opening.step)
        found[key] = by_old_key[opening.key] = carried
    for deed in month.deeds:
        if deed.key is not None and deed.key in by_old_key:
            by_old_key[deed.key].deeds.append(deed)
    return found


def _owners(opening: Opening) -> frozenset[RoleId]:
    given = {act.role for act, _ in opening.prompts if isinstance(act, Reassign)}
    return frozenset({opening.role, *given})


def _round(key: StepKey) -> int:
    return int(key.partition("~")[2] or 1)


def rung_of(basis: Basis, spec: PlanStep) -> int | None:
    """Find the rung of the draft's ladder that does what prompted an act; None when it is gone."""
    nth = -1
    for number, rung in enumerate(spec.ladder):
        nth += rung.act == basis.act
        if rung.act == basis.act and nth == basis.nth:
            return number
    return None


def when_done(
    carried: Carried,
    state: StepState,
    spec: PlanStep,
    prompted: Mapping[int, datetime],
    calendar: WorkCalendar,
) -> tuple[datetime | None, Assumption]:
    """
    Say when the next recorded act at an opening is done, and what that takes for granted.

    `prompted` says when which rungs of its ladder fired. No instant where the act waits for one
    that may still fire, and where nobody would do it.
    """
    deed = carried.deeds[0]
    basis = deed.basis
    assert basis is not None  # noqa: S101 - every act at a step has one
    if basis.cause is Cause.PROMPTED:
        rung = rung_of(basis, spec)
        if rung is not None and rung in prompted:
            return moved(deed.at, basis, prompted[rung], calendar), Assumption.PROMPTED
        if rung is not None and rung >= state.rungs_passed:
            return None, Assumption.PROMPTED
        if isinstance(basis.act, Reassign) and rung is None:
            return None, Assumption.HANDOVER_GONE
        start = Basis(Cause.OPENED, carried.opening.opened_at)
        return moved(deed.at, start, state.opened_at, calendar), Assumption.PROMPT_GONE
    start_at = state.attempts[-1].at if state.attempts else state.opened_at
    if basis.planned and state.not_before is not None:
        start_at = state.not_before
    return moved(deed.at, basis, start_at, calendar), Assumption.CARRIED


def moved(at: datetime, basis: Basis, start: datetime, calendar: WorkCalendar) -> datetime | None:
    """Give the instant as long after `start` as `at` was after its basis, in open clinic time."""
    if start == basis.at:
        return at
    delay = calendar.working_time_between(basis.at, at)
    try:
        return calendar.add_working_time(start, max(delay, timedelta(seconds=1)))
    except CalendarTooShortError:
        return None
