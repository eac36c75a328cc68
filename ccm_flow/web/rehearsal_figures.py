"""A rehearsal's figures, laid out for its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ccm_flow.app.rehearse import Assumed, MovedDeadlines, RehearsalResult, StaffDay
from ccm_flow.core.ids import RoleId, StepId
from ccm_flow.core.plan import Plan, PlanRole
from ccm_flow.rehearsal.assumptions import MEANING
from ccm_flow.rehearsal.comparing import Effect
from ccm_flow.rehearsal.measures import SHARES
from ccm_flow.rehearsal.words import amount, ending, span, wording
from ccm_flow.web.words import month_name


@dataclass(frozen=True)
class Line:
    """One figure, in words."""

    title: str
    old: str
    new: str
    difference: str
    between: str
    differs: bool


@dataclass(frozen=True)
class Bar:
    """One share, in per cent, for the chart."""

    title: str
    old: float
    new: float


@dataclass(frozen=True)
class RoleDays:
    """One role's work by day: kept in seconds, rounded to minutes only where it is shown."""

    title: str
    days: tuple[tuple[date, int, int], ...]
    """The day, the seconds as they were, as they would be."""

    @property
    def minutes(self) -> tuple[tuple[date, int, int], ...]:
        """The days in minutes."""
        return tuple((day, _minutes(old), _minutes(new)) for day, old, new in self.days)

    @property
    def old(self) -> int:
        """All minutes as they were."""
        return _minutes(sum(old for _, old, _ in self.days))

    @property
    def new(self) -> int:
        """All minutes as they would be."""
        return _minutes(sum(new for _, _, new in self.days))

    @property
    def busiest(self) -> int:
        """The busiest day's seconds."""
        return max((max(old, new) for _, old, new in self.days), default=0)

    @property
    def most(self) -> int:
        """The busiest day's minutes."""
        return _minutes(self.busiest)


@dataclass(frozen=True)
class Taken:
    """One assumption with how often it was made, and where."""

    meaning: str
    count: int
    steps: str


@dataclass(frozen=True)
class Figures:
    """Everything that the page shows of a result, but names."""

    sentence: str
    counted: str
    lines: tuple[Line, ...]
    bars: tuple[Bar, ...]
    endings: tuple[tuple[str, int, int], ...]
    affected: tuple[tuple[str, str, str, str], ...]
    """The enrollment, what changes, how the month ended, how it would."""
    more_affected: int
    roles: tuple[RoleDays, ...]
    deadlines: tuple[tuple[str, MovedDeadlines], ...]
    assumed: tuple[Taken, ...]


def figures_of(result: RehearsalResult, plan: Plan | None) -> Figures:
    """Lay a result out; `plan` gives titles, None where the draft has errors by now."""
    steps = {step.id: step.title for step in plan.steps} if plan else {}
    shown, words = len(result.affected), wording(result.kind)
    return Figures(
        sentence=words.sentence(result.patients, result.effects, is_thin=result.is_thin),
        counted=words.counted(result.patients, month_name(result.against)),
        lines=tuple(
            Line(
                words.titles[one.metric],
                amount(one.metric, one.old),
                amount(one.metric, one.new),
                amount(one.metric, one.difference, sign=True),
                span(one),
                bool(one.difference),
            )
            for one in result.changes
        ),
        bars=tuple(
            Bar(words.titles[one.metric], 100 * (one.old or 0), 100 * (one.new or 0))
            for one in result.changes
            if one.metric in SHARES
        ),
        endings=tuple(
            (ending(one.disposition, one.because).capitalize(), one.old, one.new)
            for one in result.endings
        ),
        affected=tuple(
            (one.enrollment, words.effect(one.effect), ending(*one.was), ending(*one.becomes))
            for one in result.affected
        ),
        more_affected=sum(result.effects[effect] for effect in Effect) - shown,
        roles=_roles(result.staff, plan.roles if plan else ()),
        deadlines=tuple((steps.get(one.step, one.step), one) for one in result.deadlines),
        assumed=_assumed(result.assumed, steps),
    )


def _roles(staff: Sequence[StaffDay], roles: Sequence[PlanRole]) -> tuple[RoleDays, ...]:
    titles = {role.id: role.title for role in roles}
    axis = sorted({one.day for one in staff})
    seconds: dict[RoleId, dict[date, tuple[int, int]]] = {}
    for one in staff:
        seconds.setdefault(one.role, {})[one.day] = one.old, one.new
    known = {role.id: place for place, role in enumerate(roles)}
    ordered = sorted(seconds, key=lambda role: (known.get(role, len(known)), role))
    return tuple(
        RoleDays(
            titles.get(role, role.replace("_", " ").capitalize()),
            tuple((day, *seconds[role].get(day, (0, 0))) for day in axis),
        )
        for role in ordered
    )


def _minutes(seconds: int) -> int:
    return round(seconds / 60)


def _assumed(assumed: Sequence[Assumed], steps: Mapping[StepId, str]) -> tuple[Taken, ...]:
    found = []
    for assumption, meaning in MEANING.items():
        made = [one for one in assumed if one.assumption is assumption]
        if made:
            names = ", ".join(steps.get(one.step, one.step) for one in made if one.step)
            found.append(Taken(meaning, sum(one.count for one in made), names))
    return tuple(found)
