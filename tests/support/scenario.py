"""
Scenario tables: what happens when, and what people then see.

A scenario is data. It runs on anything that is a `Runner`: the pure engine here, a Temporal
server elsewhere; both must show the same. All instants are whole minutes of the clinic's time.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Protocol
from zoneinfo import ZoneInfo

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.core.events import (
    AttemptMade,
    CyclePaused,
    CycleResumed,
    DeadlineExtended,
    FactsChanged,
    MonthClosed,
    PatientDied,
    PatientWithdrew,
    PersonEvent,
    PlanChanged,
    StepCompleted,
    StepReassigned,
    StepSkipped,
    Triggered,
    VersionRef,
)
from ccm_flow.core.facts import Facts, FactValue
from ccm_flow.core.ids import (
    ClinicId,
    CycleId,
    EnrollmentId,
    OutcomeId,
    PersonId,
    RoleId,
    StepKey,
)
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Channel, Plan, Trigger, Urgency
from ccm_flow.core.signing import Signature
from ccm_flow.core.state import CycleStart
from tests.support.plans import budget

TEAM: Mapping[str, str] = MappingProxyType(
    {"coordinator": "ann", "nurse": "nat", "practitioner": "pat", "biller": "bob", "lead": "lee"}
)
"""Who does what in a scenario, unless it says otherwise."""

# --- what people see ---


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One open step on somebody's list."""

    step: str
    person: str
    role: str
    due_at: datetime | None
    """None while the clocks stand still."""
    next_try: datetime | None = None
    """When the next attempt is planned."""


@dataclass(frozen=True, slots=True)
class Message:
    """One thing somebody was told."""

    kind: str
    """`remind`, `notify`, `reassign` (to this person) or `ask` (the program owner)."""
    person: str
    step: str

    def __str__(self) -> str:
        return f"{self.kind} {self.person}: {self.step}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A cycle as people see it at one instant."""

    open: tuple[OpenItem, ...]
    ended: Mapping[str, str]
    """How each step that is no longer open ended: its outcome, `skipped`, `expired as late`, ..."""
    tries: Mapping[str, tuple[str, ...]]
    """The attempts made at every step that had any: `phone no_answer`."""
    messages: tuple[Message, ...]
    """All since the cycle began, in order."""
    status: str
    ending: str | None
    """`ready`, or with its reason `not_ready: minutes`."""
    blockers: tuple[str, ...] | None
    """None before the first readiness check."""

    def item(self, step: str) -> OpenItem | None:
        """Find an open step."""
        return next((item for item in self.open if item.step == step), None)


class Runner(Protocol):
    """Something that runs a cycle: the pure engine or a Temporal server."""

    async def start(self, scenario: "Scenario") -> None:
        """Open the cycle at the scenario's first instant."""

    async def advance_to(self, instant: datetime) -> None:
        """Let time pass up to an instant, with everything that falls due until then and at it."""

    async def act(self, event: PersonEvent) -> str | None:
        """Let somebody do something now; give the code of the refusal if it is refused."""

    async def snapshot(self) -> Snapshot:
        """Look at the cycle now."""


# --- the tables ---


@dataclass(frozen=True, slots=True)
class Act:
    """Something somebody does, in words and as an event."""

    words: str
    event: Callable[[Snapshot], PersonEvent]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a scenario: when, what happens, and what is expected right after it."""

    when: str
    """Clinic time, e.g. `Dec 3 10:00`."""
    act: Act | None
    refused: str | None
    """The refusal's code; None when it must be taken."""
    open: Mapping[str, str] | None
    """
    Exactly the open steps: `ann until Dec 9 17:00` or `ann, clock stopped`, and after that
    `, late` and `, next try Dec 7 09:00`.
    """
    told: tuple[str, ...]
    """Exactly what people were told since the row before."""
    ended: Mapping[str, str]
    """How these steps ended, among others."""
    tries: Mapping[str, tuple[str, ...]]
    """The attempts at these steps."""
    status: str | None
    ending: str | None
    """How the cycle ended; None while it goes on."""
    blockers: tuple[str, ...] | None
    """What stops the month; not looked at when None."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A promise, and the table that shows it."""

    promise: str
    plan: Plan
    rows: tuple[Row, ...]
    month: Month
    team: Mapping[str, str]
    facts: Facts
    hours: ClinicHours
    opens: str
    """When the cycle starts, clinic time."""

    @property
    def start(self) -> CycleStart:
        """All that the cycle starts with."""
        return CycleStart(
            cycle=CycleId("care:e1:" + str(self.month)),
            clinic=ClinicId("c1"),
            enrollment=EnrollmentId("e1"),
            month=self.month,
            opens_at=self.instant(self.opens),
            team={RoleId(role): PersonId(person) for role, person in self.team.items()},
            facts=self.facts,
            calendar=month_calendar(self.hours, self.month, self.plan.kind),
            plan=self.plan,
        )

    def instant(self, text: str) -> datetime:
        """Read clinic time: `Dec 3 10:00`; months before the scenario's are next year's."""
        year = self.month.year
        local = datetime.strptime(f"{year} {text}", "%Y %b %d %H:%M")  # noqa: DTZ007 - zone below
        if local.month < self.month.number:
            local = local.replace(year=year + 1)
        return local.replace(tzinfo=ZoneInfo(self.hours.time_zone)).astimezone(UTC)

    def local(self, instant: datetime) -> str:
        """Write clinic time."""
        local = instant.astimezone(ZoneInfo(self.hours.time_zone))
        return f"{local:%b} {local.day} {local:%H:%M}"


def scenario(
    promise: str,
    plan: Plan,
    *rows: Row,
    month: str = "2026-12",
    team: Mapping[str, str] = TEAM,
    facts: Facts | None = None,
    zone: str = "America/New_York",
    closures: Iterable[str] = (),
    opens: str | None = None,
) -> Scenario:
    """Write down a scenario; the cycle opens at midnight on the month's first day."""
    parsed = Month.parse(month)
    return Scenario(
        promise=promise,
        plan=plan,
        rows=rows,
        month=parsed,
        team=team,
        facts=facts or {},
        hours=ClinicHours(zone, closures={date.fromisoformat(day): "closed" for day in closures}),
        opens=opens or f"{parsed.first_day:%b} 1 00:00",
    )


def at(
    when: str,
    act: Act | None = None,
    *,
    refused: str | None = None,
    open: Mapping[str, str] | None = None,  # noqa: A002 - it is what the column is called
    told: Iterable[str] = (),
    ended: Mapping[str, str] | None = None,
    tries: Mapping[str, tuple[str, ...]] | None = None,
    status: str | None = None,
    ending: str | None = None,
    blockers: Iterable[str] | None = None,
) -> Row:
    """Write one line of a scenario."""
    found = None if blockers is None else tuple(blockers)
    return Row(
        when, act, refused, open, tuple(told), ended or {}, tries or {}, status, ending, found
    )


async def play(scenario: Scenario, runner: Runner) -> None:
    """Run a scenario and compare every row with what people see."""
    await runner.start(scenario)
    told_before = 0
    for row in scenario.rows:
        now = scenario.instant(row.when)
        await runner.advance_to(now)
        refused = None
        if row.act is not None:
            refused = await runner.act(row.act.event(await runner.snapshot()))
        seen = await runner.snapshot()
        told = seen.messages[told_before:]
        told_before = len(seen.messages)
        assert _seen(scenario, row, seen, told=told, refused=refused, now=now) == _expected(row), (
            f"{scenario.promise}: after {row.when} {row.act.words if row.act else ''}"
        )


def _expected(row: Row) -> dict[str, object]:
    expected: dict[str, object] = {
        "refused": row.refused,
        "told": list(row.told),
        "ended": dict(row.ended),
        "tries": dict(row.tries),
        "ending": row.ending,
    }
    if row.open is not None:
        expected["open"] = dict(row.open)
    if row.status is not None:
        expected["status"] = row.status
    if row.blockers is not None:
        expected["blockers"] = row.blockers
    return expected


def _seen(
    scenario: Scenario,
    row: Row,
    seen: Snapshot,
    *,
    told: Iterable[Message],
    refused: str | None,
    now: datetime,
) -> dict[str, object]:
    found: dict[str, object] = {
        "refused": refused,
        "told": [str(message) for message in told],
        "ended": {step: seen.ended.get(step) for step in row.ended},
        "tries": {step: seen.tries.get(step) for step in row.tries},
        "ending": seen.ending,
    }
    if row.open is not None:
        found["open"] = {item.step: _in_words(scenario, item, now) for item in seen.open}
    if row.status is not None:
        found["status"] = seen.status
    if row.blockers is not None:
        found["blockers"] = seen.blockers
    return found


def _in_words(scenario: Scenario, item: OpenItem, now: datetime) -> str:
    if item.due_at is None:
        text = f"{item.person}, clock stopped"
    else:
        late = ", late" if now > item.due_at else ""
        text = f"{item.person} until {scenario.local(item.due_at)}{late}"
    if item.next_try is not None:
        text += f", next try {scenario.local(item.next_try)}"
    return text


# --- what somebody can do ---


def completed(
    step: str,
    outcome: str = "done",
    *,
    by: str | None = None,
    role: str | None = None,
    facts: Mapping[str, FactValue] | None = None,
) -> Act:
    """End a step; its owner does, unless somebody else is named."""

    def event(seen: Snapshot) -> StepCompleted:
        who, as_ = _actor(seen, step, by, role)
        return StepCompleted(StepKey(step), OutcomeId(outcome), who, as_, facts=facts)

    return Act(f"{step} completed: {outcome}", event)


def tried(
    step: str,
    result: str = "no_answer",
    *,
    channel: str | None = None,
    by: str | None = None,
    role: str | None = None,
) -> Act:
    """Try to make contact, in vain."""

    def event(seen: Snapshot) -> AttemptMade:
        who, as_ = _actor(seen, step, by, role)
        how = Channel(channel) if channel else None
        return AttemptMade(StepKey(step), OutcomeId(result), who, as_, how)

    return Act(f"{step} tried: {result}", event)


def skipped(
    step: str, because: str = "not needed", *, by: str | None = None, role: str | None = None
) -> Act:
    """Leave an optional step out."""

    def event(seen: Snapshot) -> StepSkipped:
        who, as_ = _actor(seen, step, by, role)
        return StepSkipped(StepKey(step), who, as_, because)

    return Act(f"{step} skipped: {because}", event)


def _actor(seen: Snapshot, step: str, by: str | None, role: str | None) -> tuple[PersonId, RoleId]:
    item = seen.item(step)
    owner = (item.person, item.role) if item else ("ann", "coordinator")
    return PersonId(by or owner[0]), RoleId(role or owner[1])


def reassigned(step: str, to: str, role: str, *, by: str = "lee") -> Act:
    """Hand a step over."""
    moved = StepReassigned(StepKey(step), PersonId(to), RoleId(role), PersonId(by), "day off")
    return Act(f"{step} given to {to}", lambda _seen: moved)


def extended(step: str, extra: str, *, by: str = "lee") -> Act:
    """Give a step more time, from now."""
    moved = DeadlineExtended(StepKey(step), PersonId(by), "asked for more time", budget(extra))
    return Act(f"{step} extended by {extra}", lambda _seen: moved)


def happened(
    trigger: str,
    *,
    urgency: str | None = None,
    to: str | None = None,
    because: str = "",
    facts: Mapping[str, FactValue] | None = None,
) -> Act:
    """Let something happen outside the playbook."""
    event = Triggered(
        Trigger(trigger),
        PersonId("ann"),
        because,
        Urgency(urgency) if urgency else None,
        RoleId(to) if to else None,
        facts,
    )
    return Act(f"{trigger} happened", lambda _seen: event)


def paused(because: str = "hospital") -> Act:
    """Stop the clocks."""
    return Act(f"paused: {because}", lambda _seen: CyclePaused(PersonId("ann"), because))


def resumed() -> Act:
    """Run the clocks again."""
    return Act("resumed", lambda _seen: CycleResumed(PersonId("ann")))


def withdrew(because: str = "moved_away") -> Act:
    """Let the patient leave the program."""
    return Act("patient withdrew", lambda _seen: PatientWithdrew(PersonId("ann"), because))


def died() -> Act:
    """Let the patient die."""
    return Act("patient died", lambda _seen: PatientDied(PersonId("ann")))


def facts_changed(**facts: FactValue) -> Act:
    """Change the care record."""
    return Act(f"record changed: {facts}", lambda _seen: FactsChanged(facts))


def plan_change(plan: Plan, was: Plan, *, by: str = "lee") -> PlanChanged:
    """Sign that a running month goes on by another version."""
    signed = Signature("Lee Lead", "I move this month.", datetime(2026, 11, 30, tzinfo=UTC))
    return PlanChanged(PersonId(by), signed, VersionRef(was.version, was.sha256), plan)


def moved_to(plan: Plan, was: Plan) -> Act:
    """Let the month go on by another version; `was` is the one that was looked at."""
    event = plan_change(plan, was)
    return Act(f"moved to version {plan.version}", lambda _seen: event)


def month_closed(**facts: FactValue) -> Act:
    """Close the month by hand."""
    return Act("month closed", lambda _seen: MonthClosed(PersonId("lee"), facts or None))
