"""
What the care record knows while a month is replayed.

What an act brought (its minutes, its notes, what its outcome records) comes with the act, whenever
it is done now. All else became known at its own instant, whatever people did.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from ccm_flow.core.events import AttemptMade, StepCompleted
from ccm_flow.core.facts import DEFAULTS, Facts, FactValue
from ccm_flow.core.ids import StepId
from ccm_flow.core.plan import Outcome, Plan, Recorded
from ccm_flow.rehearsal.recorded import Deed

_ADDED = ("minutes", "practitioner_minutes", "unsigned_notes")
"""Facts that acts add to, or take from."""
_COUNTED_BY_FLOW = "contacts"
_WRITES: Mapping[Recorded, tuple[str, FactValue]] = MappingProxyType(
    {
        Recorded.CONSENT: ("consent", True),
        Recorded.REFUSAL: ("consent", False),
        Recorded.CARE_PLAN_SHARED: ("care_plan", True),
        Recorded.INITIATING_VISIT: ("initiating_visit", True),
        Recorded.SIGNATURE: ("unsigned_notes", 0),
    }
)
"""What an outcome makes the record say."""

Change = Mapping[str, FactValue]


class Learned:
    """What one act brought: amounts to add, and values to put."""

    __slots__ = ("added", "put")

    def __init__(self) -> None:
        self.added: dict[str, int] = {}
        self.put: dict[str, FactValue] = {}


def learned_of(
    plan: Plan, first: Facts, deeds: Iterable[Deed]
) -> tuple[dict[int, Learned], list[tuple[datetime, Learned]]]:
    """Give what each act brought, by its sequence, and what became known by itself, and when."""
    own: dict[int, Learned] = {}
    others: list[tuple[datetime, Learned]] = []
    last = dict(first)
    for deed in deeds:
        if deed.sequence == 1 or not deed.learned:
            continue
        mine, other = Learned(), Learned()
        writes = _writes(plan, deed)
        for name, value in deed.learned.items():
            if name == _COUNTED_BY_FLOW:
                continue
            takes = mine if writes is not None and (name in _ADDED or name in writes) else other
            _keep(takes, name, last.get(name, DEFAULTS[name]), value)
            last[name] = value
        own[deed.sequence] = mine
        if other.added or other.put:
            others.append((deed.at, other))
    return own, others


def _keep(learned: Learned, name: str, before: FactValue, value: FactValue) -> None:
    if name in _ADDED and value != 0:
        learned.added[name] = int(value) - int(before)
    else:
        learned.put[name] = value


def _writes(plan: Plan, deed: Deed) -> frozenset[str] | None:
    """Name the facts an act's outcome writes; None for what is no act."""
    event = deed.event
    if isinstance(event, AttemptMade):
        return frozenset()
    if not isinstance(event, StepCompleted):
        return None
    outcome = plan.by_id[StepId(event.step.partition("~")[0])].outcome(event.outcome)
    return frozenset(recorded(outcome))


def recorded(outcome: Outcome | None) -> dict[str, FactValue]:
    """Give what the record says once an outcome has written into it."""
    entries = outcome.records if outcome is not None else ()
    return dict(_WRITES[entry] for entry in entries if entry in _WRITES)


class Knowledge:
    """The record's facts at the instant that the replay has come to."""

    def __init__(self, first: Facts, others: list[tuple[datetime, Learned]]) -> None:
        self._facts: dict[str, FactValue] = {**DEFAULTS, **first}
        self._others = others
        self._place = 0
        self._told: dict[str, FactValue] = dict(self._facts)
        self._imagined = timedelta(0)
        self._imagined_own = timedelta(0)

    def bring(self, learned: Learned | None) -> None:
        """Take in what an act brings."""
        if learned is None:
            return
        for name, amount in learned.added.items():
            self._facts[name] = max(0, int(self._facts[name]) + amount)
        self._facts.update(learned.put)

    def imagine(self, time: timedelta, outcome: Outcome | None, *, practitioner: bool) -> None:
        """Take in an act that nobody did: its time counts as all time of its role does."""
        before, before_own = _minutes(self._imagined), _minutes(self._imagined_own)
        self._imagined += time
        self._imagined_own += time if practitioner else timedelta(0)
        self._add("minutes", _minutes(self._imagined) - before)
        self._add("practitioner_minutes", _minutes(self._imagined_own) - before_own)
        self._facts.update(recorded(outcome))

    def _add(self, name: str, amount: int) -> None:
        self._facts[name] = int(self._facts[name]) + amount

    def save(self, now: datetime) -> tuple[dict[str, FactValue], dict[str, FactValue]]:
        """Give what `put_back` takes if the act that is tried now is refused."""
        self._catch_up(now)
        return dict(self._facts), dict(self._told)

    def put_back(self, saved: tuple[dict[str, FactValue], dict[str, FactValue]]) -> None:
        """Forget what an act would have brought."""
        self._facts, self._told = saved

    def tell(self, now: datetime) -> Facts:
        """Give what has changed since this was last asked."""
        self._catch_up(now)
        told, facts = self._told, self._facts
        news = {name: value for name, value in facts.items() if told[name] != value}
        told.update(news)
        return news

    def _catch_up(self, now: datetime) -> None:
        while self._place < len(self._others) and self._others[self._place][0] <= now:
            self.bring(self._others[self._place][1])
            self._place += 1


def _minutes(time: timedelta) -> int:
    return int(time.total_seconds()) // 60
