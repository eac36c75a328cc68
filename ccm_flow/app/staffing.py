"""
Moving open steps to the people who are to have them: absence, leaving, another organization.

Everything is seen before it is done: a preview and the act itself come from the same rules.
"""

import asyncio
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Protocol

from ccm_flow.app.act import Desk, pass_on
from ccm_flow.app.care import Click
from ccm_flow.app.flow import ClickRefusedError, FlowUnavailableError, NoSuchCycleError
from ccm_flow.core.assignment import Absence, Pool
from ccm_flow.core.errors import CcmError
from ccm_flow.core.events import PersonEvent, StaffChanged, StepReassigned
from ccm_flow.core.ids import ClickId, ClinicId, CycleId, EnrollmentId, PersonId, RoleId, StepKey
from ccm_flow.core.moving import Held, Move, Named, NewName, find_moves, find_new_names
from ccm_flow.core.responsibility import PRACTITIONER, Agreed

_AT_ONCE: Final = 12
"""Cycles that are told at the same time."""


class NotAbsentError(CcmError):
    """There is no such absence."""

    exit_code = 4
    hint = "List them with `ccm absence list`."

    def __init__(self, id_: str) -> None:
        super().__init__(f"There is no absence '{id_}'.")


class BadAbsenceError(CcmError):
    """An absence cannot be as it was told."""

    exit_code = 2


class StillOwnerError(CcmError):
    """Somebody cannot leave while a clinic names them as its program owner."""

    exit_code = 4

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is the clinic's program owner.",
            "Name another program owner in the clinic's file and apply it first.",
        )


@dataclass(frozen=True, slots=True)
class AbsenceView:
    """An absence that stands."""

    id: str
    person: PersonId
    name: str
    from_day: date
    until_day: date | None
    cover: PersonId | None
    cover_name: str | None
    because: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a responsibility map, with who wrote it down."""

    agreed: Agreed
    because: str
    set_by: PersonId | None
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Staffing:
    """What decides at a clinic who has which step, as of an instant."""

    pool: Pool
    held: Sequence[Held]
    named: Mapping[EnrollmentId, Named]
    roles: frozenset[RoleId]
    """Of the playbooks in force."""
    owner_role: RoleId
    patients: Mapping[PersonId, int]
    """For how many patients each person is named."""


class StaffRecord(Protocol):
    """The record of who may have what."""

    def staffing(self, clinic: ClinicId, now: datetime) -> Staffing:
        """Give everything that decides who has which step at a clinic."""
        ...

    def lines(self, clinic: ClinicId) -> list[Line]:
        """Give a clinic's responsibility map, in the order in which it was written down."""
        ...

    def keep_lines(
        self,
        clinic: ClinicId,
        lines: Sequence[Agreed],
        *,
        because: str,
        by: PersonId | None,
        now: datetime,
    ) -> None:
        """Add lines to a clinic's responsibility map."""
        ...

    def keep_absence(
        self, person: PersonId, absence: Absence, because: str, by: PersonId, now: datetime
    ) -> str:
        """Keep an absence; gives its id."""
        ...

    def end_absence(self, id_: str, last_day: date, by: PersonId, now: datetime) -> AbsenceView:
        """Let an absence end on a day, or take it back when that is before its first day."""
        ...

    def absences(self, clinic: ClinicId) -> list[AbsenceView]:
        """List the absences of a clinic's staff that stand."""
        ...

    def keep_leaving(self, clinic: ClinicId, person: PersonId, last_day: date) -> None:
        """Let somebody's work at a clinic end with a day."""
        ...

    def end_those_who_left(self, clinic: ClinicId, today: date) -> None:
        """Take the roles from those whose last day has passed."""
        ...

    def keep_names(
        self, clinic: ClinicId, names: Sequence[NewName], by: PersonId, now: datetime
    ) -> None:
        """Name other people for patients; another billing practitioner needs new consent."""
        ...

    def keep_move(
        self, clinic: ClinicId, id_: ClickId, move: Move, by: PersonId, at: datetime
    ) -> None:
        """Keep that a step is moved; it counts once its click is taken."""
        ...

    def running(self, clinic: ClinicId) -> list[CycleId]:
        """List the cycles that have begun and not ended."""
        ...


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change leads to."""

    moves: tuple[Move, ...]
    names: tuple[NewName, ...]

    @property
    def new_consents(self) -> tuple[NewName, ...]:
        """The patients whose billing practitioner changes: they are asked for consent again."""
        return tuple(new for new in self.names if new.role == PRACTITIONER and new.to is not None)

    @property
    def is_nothing(self) -> bool:
        """Whether everything stays as it is."""
        return not self.moves and not self.names


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the moves."""

    preview: Preview
    moved: int
    refused: tuple[str, ...]
    """Sentences about steps that were done or closed meanwhile."""
    waiting: int
    """Kept, and passed on as soon as the server answers."""


def look_ahead(staffing: Staffing, day: date) -> Preview:
    """Say what moves on a day; changes nothing."""
    by_patients = replace(
        staffing.pool,
        people=tuple(
            replace(one, load=staffing.patients.get(one.person, 0)) for one in staffing.pool.people
        ),
    )
    names = find_new_names(
        by_patients, staffing.named.values(), staffing.roles, staffing.owner_role, day
    )
    named = _renamed(staffing.named, names)
    return Preview(find_moves(staffing.pool, staffing.held, named, day), names)


def with_lines(staffing: Staffing, lines: Iterable[Agreed]) -> Staffing:
    """Give what would be with more lines in the responsibility map."""
    agreed = (*staffing.pool.agreed, *lines)
    return replace(staffing, pool=replace(staffing.pool, agreed=agreed))


def with_absence(staffing: Staffing, person: PersonId, absence: Absence) -> Staffing:
    """Give what would be with somebody away."""
    people = tuple(
        replace(one, absences=(*one.absences, absence)) if one.person == person else one
        for one in staffing.pool.people
    )
    return replace(staffing, pool=replace(staffing.pool, people=people))


def with_leaving(staffing: Staffing, person: PersonId, last_day: date) -> Staffing:
    """Give what would be with somebody gone after a day."""
    people = tuple(
        replace(one, until_day=last_day) if one.person == person else one
        for one in staffing.pool.people
    )
    return replace(staffing, pool=replace(staffing.pool, people=people))


def check_absence(staffing: Staffing, person: PersonId, absence: Absence) -> None:
    """
    Refuse an absence that ends before it begins, or whose cover cannot cover.

    Raises:
        BadAbsenceError: it cannot be so.
    """
    if absence.until_day is not None and absence.until_day < absence.from_day:
        raise BadAbsenceError("The absence ends before it begins.", "Check --from and --until.")
    if absence.cover is None:
        return
    if absence.cover == person:
        raise BadAbsenceError("Nobody covers for themselves.", "Choose somebody else.")
    away, cover = staffing.pool.find(person), staffing.pool.find(absence.cover)
    if away is None or cover is None or not set(away.roles) & set(cover.roles):
        raise BadAbsenceError(
            f"{staffing.pool.name(absence.cover)} has none of the roles of "
            f"{staffing.pool.name(person)}.",
            "Choose somebody who has one, or leave --cover out: the pool takes the steps then.",
        )


async def settle(
    desk: Desk,
    record: StaffRecord,
    clinic: ClinicId,
    day: date,
    *,
    by: PersonId,
    because: str | None = None,
) -> Settled:
    """
    Give every open step of a clinic to whoever may have it on a day; what may stay, stays.

    Safe to do again: what moved has moved. Each move is kept before the running month is told,
    and counts once. With `because`, months without a move are told too that the staff changed.
    """
    now = desk.clock.now()
    await asyncio.to_thread(record.end_those_who_left, clinic, day)
    staffing = await asyncio.to_thread(record.staffing, clinic, now)
    preview = look_ahead(staffing, day)
    if preview.names:
        await asyncio.to_thread(record.keep_names, clinic, preview.names, by, now)
    clicks = [_click(move, by) for move in preview.moves]
    for click, move in zip(clicks, preview.moves, strict=True):
        await asyncio.to_thread(record.keep_move, clinic, click.id, move, by, now)
        await asyncio.to_thread(desk.record.keep, click, now)
    if because is not None or not preview.is_nothing:
        moved = {click.cycle for click in clicks}
        told = StaffChanged(by, because or "the staff changed")
        for cycle in await asyncio.to_thread(record.running, clinic):
            if cycle not in moved:
                click = _news(cycle, told, now)
                await asyncio.to_thread(desk.record.keep, click, now)
                clicks.append(click)
    answers = await send(desk, clicks)
    steps = [said for click, said in zip(clicks, answers, strict=True) if click.step is not None]
    return Settled(
        preview,
        moved=steps.count(""),
        refused=tuple(said for said in steps if said),
        waiting=answers.count(None),
    )


async def send(desk: Desk, clicks: Sequence[Click]) -> list[str | None]:
    """Pass clicks on; an empty text for each that was taken, None for one that waits."""
    some = asyncio.Semaphore(_AT_ONCE)
    away = asyncio.Event()

    async def one(click: Click) -> str | None:
        async with some:
            if away.is_set():
                return None
            try:
                await pass_on(desk, click)
            except FlowUnavailableError:
                away.set()
                return None
            except ClickRefusedError as refused:
                return str(refused)
            except NoSuchCycleError as lost:
                await asyncio.to_thread(desk.record.settle, click.id, str(lost))
                return str(lost)
        return ""

    return list(await asyncio.gather(*(one(click) for click in clicks)))


def _click(move: Move, by: PersonId) -> Click:
    held = move.held
    text = f"{held.cycle}/{held.key}/{held.moves}/{held.owner}/{move.to}"
    event: PersonEvent = StepReassigned(held.key, move.to, move.to_role, by, move.because)
    return Click(_id(text), held.cycle, by, event, StepKey(held.key))


def _news(cycle: CycleId, told: StaffChanged, now: datetime) -> Click:
    return Click(_id(f"{cycle}/staff/{now.isoformat()}"), cycle, told.by, told)


def _id(text: str) -> ClickId:
    return ClickId(uuid.uuid5(uuid.NAMESPACE_OID, f"move/{text}").hex)


def _renamed(
    named: Mapping[EnrollmentId, Named], names: Iterable[NewName]
) -> dict[EnrollmentId, Named]:
    found = dict(named)
    for new in names:
        one = found[new.enrollment]
        team = {role: who for role, who in one.team.items() if role != new.role}
        if new.to is not None:
            team[new.role] = new.to
        found[new.enrollment] = replace(one, team=team)
    return found
