"""
Scenario tables about what happens outside the playbook, over months and without one.

A table runs on anything that is a `World`: the pure engine with a real record here, a Temporal
server elsewhere; both must show the same. Instants are the clinic's time in 2037.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.happening_store import SqlHappenings
from ccm_flow.adapters.db.tables import CycleRow, EnrollmentRow, StepRow
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.app.happen import Outside, carry_out, pass_on_happenings, tell
from ccm_flow.app.happenings import Happening
from ccm_flow.core.events import CyclePaused, CycleResumed
from ccm_flow.core.happening import HappeningKind
from ccm_flow.core.ids import ClickId, CycleId, EnrollmentId, HappeningId, PatientId
from ccm_flow.core.month import Month
from ccm_flow.core.state import StepStatus
from tests.support.set_up import CLINIC, MovableClock, person

ZONE = ZoneInfo("America/New_York")
YEAR = 2037


def instant(text: str) -> datetime:
    """Read clinic time: `Dec 3 10:00`; January is next year's."""
    local = datetime.strptime(f"{YEAR} {text}", "%Y %b %d %H:%M").replace(tzinfo=ZONE)
    return local.replace(year=YEAR + 1) if local.month == 1 else local


class World(Protocol):
    """A clinic with one patient, its running cycles and its clock."""

    outside: Outside
    enrollment: EnrollmentId
    patient: PatientId
    clock: MovableClock

    async def move_to(self, now: datetime) -> None:
        """Let time pass for everything that runs."""

    def take_away(self, *, away: bool) -> None:
        """Take the server away, or bring it back."""


@dataclass(frozen=True)
class Row:
    """When, what is done, and what is so right after it."""

    when: str
    act: "Act"
    said: str | None = None
    """A part of what the person is told; None when it is not looked at."""
    cycles: Mapping[str, str] | None = None
    """All of the patient's cycles by kind and month, and how each stands."""
    enrollment: str | None = None
    open: Mapping[str, str] = field(default_factory=dict)
    """When these open steps are due, or `clock stopped`."""


@dataclass(frozen=True)
class Scenario:
    """A promise, and the table that shows it."""

    promise: str
    rows: tuple[Row, ...]


class Act(Protocol):
    """Something that is done; returns what the person is told."""

    async def __call__(self, world: World) -> str:
        """Do it."""


@dataclass(frozen=True)
class Told:
    """Somebody tells something, by the command's own way: kept first, then carried out."""

    kind: str
    at: str | None = None
    id: str = ""
    voids: bool = False

    async def __call__(self, world: World) -> str:
        """Tell it; while the server is away it waits."""
        record = world.outside.told
        kind = HappeningKind(self.kind)
        now = world.clock.now()
        wrong = record.newest(world.patient, kind, None) if self.voids else None
        leaves = kind is HappeningKind.WITHDRAWAL
        told = Happening(
            id=HappeningId(self.id or f"{self.kind}@{now.isoformat()}"),
            clinic=CLINIC,
            patient=world.patient,
            kind=kind,
            at=instant(self.at) if self.at else now,
            told_by=person("ann"),
            enrollment=world.enrollment if leaves else None,
            detail="told by mistake" if self.voids else "",
            voids=wrong.id if wrong else None,
        )
        kept = tell(record, told, now)
        try:
            answer = await carry_out(world.outside, kept)
        except FlowUnavailableError:
            return "away"
        return " ".join(answer.said)


@dataclass(frozen=True)
class Opened:
    """The clinic's month is opened, as every night."""

    month: str

    async def __call__(self, world: World) -> str:
        """Open it."""
        started, _ = await world.outside.desk.flow.open_month(CLINIC, Month.parse(self.month))
        return f"{started} started"


@dataclass(frozen=True)
class ByHand:
    """A person pauses or resumes the month without telling what happened."""

    resume: bool

    async def __call__(self, world: World) -> str:
        """Do it."""
        ann = person("ann")
        event = CycleResumed(ann) if self.resume else CyclePaused(ann, "away")
        now = ClickId(f"click@{world.clock.now().isoformat()}")
        cycle = CycleId(f"monthly:{world.enrollment}:{YEAR}-12")
        await world.outside.desk.flow.click(cycle, now, event)
        return ""


async def passed_on(world: World) -> str:
    """Let the worker look for what still has to be passed on."""
    return str(await pass_on_happenings(world.outside, timedelta(0)))


async def nothing(world: World) -> str:
    """Let time pass."""
    return ""


async def goes_away(world: World) -> str:
    """Take the server away."""
    world.take_away(away=True)
    return ""


async def comes_back(world: World) -> str:
    """Bring the server back."""
    world.take_away(away=False)
    return ""


async def play(scenario: Scenario, world: World) -> None:
    """Run a table and compare every row with the record."""
    for row in scenario.rows:
        await world.move_to(instant(row.when))
        said = await row.act(world)
        await world.move_to(instant(row.when))
        where = f"{scenario.promise}: after {row.when}"
        if row.said is not None:
            assert row.said in said, f"{where}: {said}"
        if row.cycles is not None:
            assert cycles_of(world) == dict(row.cycles), where
        if row.enrollment is not None:
            assert _status(world) == row.enrollment, where
        seen = _open_steps(world)
        assert {step: seen.get(step) for step in row.open} == dict(row.open), where


def cycles_of(world: World) -> dict[str, str]:
    """Give each cycle by `monthly 12`, `episode 12~2`, and how it stands."""
    with reading(_engine(world)) as session:
        rows = session.exec(select(CycleRow).where(CycleRow.enrollment_id == world.enrollment))
        return {f"{row.kind} {row.id.rpartition('-')[2]}": _stands(row) for row in rows}


def _stands(row: CycleRow) -> str:
    if row.disposition is None:
        return row.status.value
    return row.disposition + (f": {row.because}" if row.because else "")


def _status(world: World) -> str:
    with reading(_engine(world)) as session:
        return session.get_one(EnrollmentRow, world.enrollment).status.value


def _open_steps(world: World) -> dict[str, str]:
    query = select(StepRow).where(StepRow.status == StepStatus.OPEN).order_by(col(StepRow.cycle_id))
    with reading(_engine(world)) as session:
        return {
            f"{row.cycle_id.partition(':')[0]}.{row.key}": (
                f"{row.due_at.astimezone(ZONE):%b %-d %H:%M}" if row.due_at else "clock stopped"
            )
            for row in session.exec(query)
        }


def _engine(world: World) -> Engine:
    assert isinstance(world.outside.told, SqlHappenings)
    return world.outside.told.engine
