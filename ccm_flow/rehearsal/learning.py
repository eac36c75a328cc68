"""
Behaviour estimated from recorded months.

A share is estimated as (n * seen + k * usual) / (n + k): what was seen n times weighs n, and what
is usual elsewhere weighs k, as if it had been seen k times before (a beta prior; for outcomes a
Dirichlet one). So a few cases move a figure a little, and many replace it. Amounts such as delays
and minutes are shrunk in the same way. The usual figures are those of a behaviour file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ccm_flow.core.behaviour import Behaviour
from ccm_flow.core.ids import OutcomeId, RoleId, StepId
from ccm_flow.core.plan import Channel, Plan
from ccm_flow.rehearsal.observing import Seen

STRENGTH: Final = 20
"""k: how many cases the usual figure counts for."""
HOURS: Final = (0, 11, 13, 16)
"""From which hours of the clinic's day reach is told apart, the first for all before."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, what was seen of it, and in how many cases."""

    value: float
    cases: int
    seen: float | None
    """None where nothing was seen: the value is the usual one."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What people do, as the record shows it."""

    months: int
    reached: Mapping[Channel, Estimate]
    reached_by_hour: Mapping[tuple[Channel, int], Estimate]
    left_message: Estimate
    delays: Mapping[RoleId, Estimate]
    """Open clinic hours."""
    late: Estimate
    forgotten: Estimate
    ordinary: Estimate
    outcomes: Mapping[StepId, Mapping[OutcomeId, Estimate]]
    minutes: Mapping[StepId, Estimate]


def learn(seen: Seen, usual: Behaviour, plan: Plan) -> Learned:
    """Estimate how people of a clinic act; `plan` says how long steps are expected to take."""
    return Learned(
        months=seen.months,
        reached=_reached(seen, usual),
        reached_by_hour=_by_hour(seen, usual),
        left_message=_left_message(seen, usual),
        delays={
            role: amount(
                one.delays.total, one.delays.count, _hours(usual.delays.get(role, usual.delay))
            )
            for role, one in sorted(seen.roles.items())
            if one.delays.count
        },
        late=_late(seen, usual),
        forgotten=share(
            sum(one.undone for one in seen.roles.values()),
            sum(one.openings for one in seen.roles.values()),
            usual.forgotten,
        ),
        ordinary=share(seen.first[True], seen.first.total(), usual.ordinary),
        outcomes={
            step: _outcomes(counts, usual.outcomes.get(step, {}))
            for step, counts in sorted(seen.outcomes.items())
            if step in plan.by_id and len(plan.by_id[step].outcomes) > 1
        },
        minutes={
            step: amount(one.total, one.count, plan.by_id[step].expected.total_seconds() / 60)
            for step, one in sorted(seen.minutes.items())
            if step in plan.by_id
        },
    )


def share(hits: int, cases: int, usual: float) -> Estimate:
    """Estimate how often something happens."""
    value = (hits + STRENGTH * usual) / (cases + STRENGTH)
    return Estimate(value, cases, hits / cases if cases else None)


def amount(total: float, cases: int, usual: float) -> Estimate:
    """Estimate the mean of an amount."""
    value = (total + STRENGTH * usual) / (cases + STRENGTH)
    return Estimate(value, cases, total / cases if cases else None)


def _reached(seen: Seen, usual: Behaviour) -> Mapping[Channel, Estimate]:
    tries: dict[Channel, list[int]] = {}
    for (channel, hour), count in seen.tries.items():
        found = tries.setdefault(channel, [0, 0])
        found[0] += seen.reached[channel, hour]
        found[1] += count
    return {
        channel: share(hits, count, _usual_reach(usual, channel, 12))
        for channel, (hits, count) in sorted(tries.items())
    }


def _by_hour(seen: Seen, usual: Behaviour) -> Mapping[tuple[Channel, int], Estimate]:
    """Tell apart the parts of the day; what is usual in a part is the channel's own figure."""
    own = _reached(seen, usual)
    tries: dict[tuple[Channel, int], list[int]] = {}
    for (channel, hour), count in seen.tries.items():
        part = max(begins for begins in HOURS if begins <= hour)
        found = tries.setdefault((channel, part), [0, 0])
        found[0] += seen.reached[channel, hour]
        found[1] += count
    return {
        (channel, part): share(hits, count, own[channel].value)
        for (channel, part), (hits, count) in sorted(tries.items())
    }


def _usual_reach(usual: Behaviour, channel: Channel, hour: int) -> float:
    named = usual.reach_by.get(channel)
    return usual.reach if named is None else named.at(hour * 60)


def _left_message(seen: Seen, usual: Behaviour) -> Estimate:
    cases = seen.failed.total()
    return share(seen.failed[OutcomeId("left_message")], cases, usual.left_message)


def _late(seen: Seen, usual: Behaviour) -> Estimate:
    late = sum(one.late for one in seen.roles.values())
    done = sum(one.openings - one.undone for one in seen.roles.values())
    return share(late, done, usual.late)


def _outcomes(
    counts: Mapping[OutcomeId, int], usual: Mapping[OutcomeId, float]
) -> Mapping[OutcomeId, Estimate]:
    """Estimate how a step ends: the usual weights count for `STRENGTH` cases in all."""
    cases, weight = sum(counts.values()), sum(usual.values())
    names = {**dict.fromkeys(usual), **dict.fromkeys(counts)}
    strength = STRENGTH if weight else 0
    return {
        name: Estimate(
            (counts.get(name, 0) + (strength * usual.get(name, 0) / weight if weight else 0))
            / (cases + strength),
            cases,
            counts.get(name, 0) / cases if cases else None,
        )
        for name in names
    }


def _hours(time: timedelta) -> float:
    return time.total_seconds() / 3600
