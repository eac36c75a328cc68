"""
Capacity: what the months ahead ask of each role, held against the time that is kept for them.

Closed arithmetic over a `Profile`; no simulation runs here. Each day's minutes go to what is there
and due first; a role falls short on the first day that ends with something due and not done.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from ccm_flow.core.ids import RoleId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.core.staffing import Staff
from ccm_flow.rehearsal.profile import MonthProfile, Profile
from ccm_flow.rehearsal.revenue import Allowed
from ccm_flow.rehearsal.workers import Worker

_CENT: Final = Decimal("0.01")
Demand = dict[tuple[RoleId, date, date], float]
"""Minutes by role, the day on which people would do them and the day they are due at the latest."""


@dataclass(frozen=True, slots=True)
class Input:
    """One thing the forecast rests on, and where it comes from."""

    name: str
    value: str
    source: str
    assumed: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """Who is to be looked after, by whom, and what is to be different from the record."""

    patients: int
    joining: tuple[float, ...] = ()
    """Patients who join with the first, second, ... month; none after the last."""
    staff: Staff | None = None
    """Nobody's time is limited when None, and no time of a role that nobody of the team holds."""
    minutes: Mapping[StepId, int] = field(default_factory=dict)
    """How long steps take, in place of what the profile has."""

    @property
    def limited(self) -> frozenset[RoleId]:
        """The roles whose time is limited."""
        people = self.staff.people if self.staff else ()
        return frozenset(role for one in people for role in one.protected)


@dataclass(frozen=True, slots=True)
class DayForecast:
    """One role on one day, in minutes."""

    day: date
    role: RoleId
    needed: float
    """By when people would do it."""
    due: float
    """By when it has to be done at the latest."""
    protected: int | None


@dataclass(frozen=True, slots=True)
class RoleForecast:
    """One role over the months ahead."""

    role: RoleId
    title: str
    needed: float
    protected: int | None
    used: float | None
    """Of what is kept for it; above 1 it cannot be done."""
    shortfall: date | None
    """The first day that ends with something due and not done."""
    short_by: float
    """The most minutes that are due and not done at the end of any day."""


@dataclass(frozen=True, slots=True)
class MonthForecast:
    """One month ahead."""

    month: Month
    patients: float
    ready: float
    """Months that can be billed, if the staff can do the work."""
    minutes: float
    revenue: Decimal | None
    """What Medicare would allow, in dollars; None when no rule file says it."""
    revenue_rules: str | None
    revenue_assumed: bool
    cost: Decimal | None
    """What the minutes cost, in dollars; None when an hourly cost is not given."""


@dataclass(frozen=True, slots=True)
class CapacityForecast:
    """All that the arithmetic says."""

    inputs: tuple[Input, ...]
    months: tuple[MonthForecast, ...]
    roles: tuple[RoleForecast, ...]
    days: tuple[DayForecast, ...]

    @property
    def shortfall(self) -> RoleForecast | None:
        """Give the role that falls short first; None when none does."""
        short = [one for one in self.roles if one.shortfall is not None]
        return min(short, key=lambda one: (str(one.shortfall), one.role), default=None)


def forecast(
    profile: Profile,
    panel: Panel,
    allowed: Sequence[Allowed | None],
    inputs: Iterable[Input] = (),
) -> CapacityForecast:
    """
    Work out the months ahead.

    Args:
        profile: what one patient's month takes.
        panel: how many patients, who looks after them.
        allowed: for each month, what Medicare allows for each patient; None when it is not known.
        inputs: what all this rests on, to be shown beside the figures.
    """
    patients = panel_by_month(profile, panel)
    demand = _demand(profile, panel, patients)
    days = _days(demand, _kept(profile, panel), panel.limited)
    numbered = enumerate(zip(patients, allowed, strict=True))
    plan = profile.question.plan
    return CapacityForecast(
        inputs=tuple(inputs),
        months=tuple(_month(profile, n, panel, *one) for n, one in numbered),
        roles=tuple(
            _role(plan, role.id, demand, days)
            for role in plan.roles
            if any(one.role == role.id for one in days)
        ),
        days=days,
    )


def panel_by_month(profile: Profile, panel: Panel) -> list[float]:
    """Say how many patients each month has: those who leave are gone, those who join are there."""
    found, patients = [], float(panel.patients)
    for number, month in enumerate(profile.months):
        patients += panel.joining[number] if number < len(panel.joining) else 0.0
        found.append(patients)
        patients *= 1 - month.leaving
    return found


def _scale(profile: Profile, panel: Panel, step: StepId) -> float:
    """Give how much longer a step takes than in the profile."""
    wanted = panel.minutes.get(step)
    if wanted is None:
        return 1.0
    work = profile.question.assumptions.behaviour.work.get(step)
    usual = work.mean if work is not None and work.mean is not None else None
    usual = profile.question.plan.by_id[step].expected if usual is None else usual
    return wanted / (usual.total_seconds() / 60) if usual else 1.0


def _demand(profile: Profile, panel: Panel, patients: list[float]) -> Demand:
    found: Demand = defaultdict(float)
    for month, count in zip(profile.months, patients, strict=True):
        scales = {step: _scale(profile, panel, step) for step in {key[0] for key in month.work}}
        for (step, role, began, due), minutes in month.work.items():
            found[role, began, due] += minutes * count * scales[step]
    return found


def _kept(profile: Profile, panel: Panel) -> Counter[tuple[RoleId, date]]:
    """Give the protected minutes by role and day, over all teams."""
    found: Counter[tuple[RoleId, date]] = Counter()
    if panel.staff is None:
        return found
    calendar, months = profile.question.calendar, profile.months
    first, last = months[0].month.first_day, _last_day(months)
    teams = panel.staff.teams(panel.patients)
    for person in panel.staff.people:
        for key, seconds in Worker(person, calendar).time_by_day(first, last, calendar).items():
            found[key] += teams * seconds // 60
    return found


def _last_day(months: tuple[MonthProfile, ...]) -> date:
    """Give the last day on which work of these months falls due."""
    days = (due for month in months for _, _, _, due in month.work)
    return max(days, default=months[-1].month.last_day)


def _days(
    demand: Demand, kept: Counter[tuple[RoleId, date]], limited: Collection[RoleId]
) -> tuple[DayForecast, ...]:
    needed: dict[tuple[RoleId, date], float] = defaultdict(float)
    due: dict[tuple[RoleId, date], float] = defaultdict(float)
    for (role, began, latest), minutes in demand.items():
        needed[role, began] += minutes
        due[role, latest] += minutes
    keys = sorted({*needed, *due, *kept}, key=lambda key: (key[1], key[0]))
    return tuple(
        DayForecast(
            day=day,
            role=role,
            needed=round(needed[role, day], 1),
            due=round(due[role, day], 1),
            protected=kept[role, day] if role in limited else None,
        )
        for role, day in keys
    )


def _role(plan: Plan, role: RoleId, demand: Demand, days: tuple[DayForecast, ...]) -> RoleForecast:
    mine = [one for one in days if one.role == role]
    needed = sum(one.needed for one in mine)
    limited = any(one.protected is not None for one in mine)
    kept = sum(one.protected or 0 for one in mine) if limited else None
    shortfall, short_by = _shortfall(role, demand, mine) if limited else (None, 0.0)
    return RoleForecast(
        role=role,
        title=next((one.title for one in plan.roles if one.id == role), role),
        needed=round(needed, 1),
        protected=kept,
        used=round(needed / kept, 4) if kept else None,
        shortfall=shortfall,
        short_by=short_by,
    )


def _shortfall(
    role: RoleId, demand: Demand, days: Sequence[DayForecast]
) -> tuple[date | None, float]:
    """Find the first day that ends with something due and not done, and the most on any day."""
    coming = sorted((began, due, left) for (one, began, due), left in demand.items() if one == role)
    waiting: list[tuple[date, float]] = []
    place, first, worst = 0, None, 0.0
    for day in days:
        while place < len(coming) and coming[place][0] <= day.day:
            heapq.heappush(waiting, coming[place][1:])
            place += 1
        _work_off(waiting, float(day.protected or 0))
        behind = sum(minutes for due, minutes in waiting if due <= day.day)
        if behind >= 1 and first is None:
            first = day.day
        worst = max(worst, behind)
    return first, round(worst, 1)


def _work_off(waiting: list[tuple[date, float]], minutes: float) -> None:
    """Give minutes to what is due first."""
    while waiting and minutes > 0:
        due, left = heapq.heappop(waiting)
        if left > minutes:
            heapq.heappush(waiting, (due, left - minutes))
        minutes -= left


def _month(
    profile: Profile, number: int, panel: Panel, patients: float, allowed: Allowed | None
) -> MonthForecast:
    month = profile.months[number]
    by_role: dict[RoleId, float] = defaultdict(float)
    for (step, role, _, _), minutes in month.work.items():
        by_role[role] += minutes * patients * _scale(profile, panel, step)
    revenue = None
    if allowed is not None:
        revenue = (allowed.amount * Decimal(repr(patients))).quantize(_CENT)
    return MonthForecast(
        month=month.month,
        patients=round(patients, 1),
        ready=round(month.ready * patients, 1),
        minutes=round(sum(by_role.values()), 1),
        revenue=revenue,
        revenue_rules=allowed.rules if allowed else None,
        revenue_assumed=allowed.assumed if allowed else False,
        cost=_cost(by_role, panel.staff),
    )


def _cost(by_role: Mapping[RoleId, float], staff: Staff | None) -> Decimal | None:
    """Price minutes at the mean hourly cost of those who hold the role; None when one lacks."""
    if staff is None:
        return None
    total = Decimal(0)
    for role, minutes in by_role.items():
        people = staff.with_role(role)
        costs = [one.cost_per_hour for one in people if one.cost_per_hour is not None]
        if not costs or len(costs) < len(people):
            return None
        mean = sum(costs, Decimal(0)) / len(costs)
        total += Decimal(repr(round(minutes, 3))) / 60 * mean
    return total.quantize(_CENT)
