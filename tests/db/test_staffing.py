"""Switching who does what, absences and leaving move open steps, and nothing else."""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlmodel import select

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.people_store import SqlPeople
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.staffing_store import SqlStaffing
from ccm_flow.adapters.db.tables import (
    CareTeamMemberRow,
    LedgerEventRow,
    MessageRow,
    PersonRow,
    PractitionerChangeRow,
    StepMoveRow,
    StepRow,
)
from ccm_flow.adapters.db.views_people import person_view
from ccm_flow.app.act import Desk, act
from ccm_flow.app.care import Click
from ccm_flow.app.clinic_diff import differences
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.new_calendar import keep_new_calendar, pass_on_calendar
from ccm_flow.app.staffing import Settled, look_ahead, settle, with_lines
from ccm_flow.app.staffing_day import settle_the_day
from ccm_flow.core.access import AccessRole, Grant
from ccm_flow.core.assignment import Absence
from ccm_flow.core.events import StepCompleted, StepReassigned
from ccm_flow.core.ids import (
    SYSTEM,
    ClickId,
    CycleId,
    OrganizationId,
    PersonId,
    RoleId,
    StepId,
    StepKey,
)
from ccm_flow.core.moving import MoveKind
from ccm_flow.core.responsibility import Agreed
from ccm_flow.core.state import StepStatus
from tests.support.engine_flow import EngineFlow
from tests.support.set_up import CLINIC, MONTH, MovableClock, person, set_up_clinic

BEGUN = datetime(2037, 12, 1, 15, tzinfo=UTC)
TODAY = date(2037, 12, 1)
VENDOR = OrganizationId("carebridge")
COORDINATOR = RoleId("coordinator")
VENDORS_OWN = PersonId("carebridge.vera")


STAFF: list[dict[str, object]] = [
    {"id": "ann", "name": "Ann", "roles": ["coordinator"], "credential": "ma"},
    {"id": "bea", "name": "Bea", "roles": ["coordinator"], "credential": "ma"},
    {"id": "nat", "name": "Nat", "roles": ["nurse"], "credential": "rn"},
    {"id": "pat", "name": "Pat", "roles": ["practitioner"], "credential": "physician"},
    {"id": "bob", "name": "Bob", "roles": ["biller"], "credential": "none"},
    {"id": "lee", "name": "Lee", "roles": ["program_lead"], "credential": "rn"},
    {
        "id": "vera",
        "name": "Vera",
        "roles": ["coordinator"],
        "credential": "ma",
        "organization": "carebridge",
    },
]


def clinic_file(**more: object) -> ClinicFile:
    said: dict[str, object] = {
        "clinic": CLINIC,
        "name": "Elm Street Clinic",
        "time_zone": "America/New_York",
        "program_owner": "lee",
        "vendor": {"id": "carebridge", "name": "CareBridge"},
        "staff": STAFF,
    }
    return ClinicFile.model_validate(said | more)


class Place:
    """A clinic with four running months, on the engine without a server."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = MovableClock()
        self.record = SqlStaffing(engine)
        self.flow = EngineFlow(engine, self.clock)
        self.desk = self.flow.desk = Desk(SqlCareRecord(engine), self.flow, self.clock)
        set_up_clinic(engine, 4)
        SqlClinicStore(engine).apply(clinic_file(), self.clock.now())

    async def open(self) -> None:
        await self.flow.open_month(CLINIC, MONTH)
        self.flow.move_to(BEGUN)

    async def settle(self, day: date = TODAY) -> Settled:
        return await settle(self.desk, self.record, CLINIC, day, by=person("lee"))

    def owners(self) -> Counter[str]:
        """Count the open steps of each person."""
        with reading(self.engine) as session:
            rows = session.exec(select(StepRow).where(StepRow.status == StepStatus.OPEN)).all()
            return Counter(row.owner_id for row in rows)

    def steps(self) -> Mapping[tuple[CycleId, StepKey], StepRow]:
        with reading(self.engine) as session:
            return {(row.cycle_id, row.key): row for row in session.exec(select(StepRow))}

    def agree(self, role: RoleId, organization: OrganizationId, day: date = TODAY) -> None:
        self.record.keep_lines(
            CLINIC,
            [Agreed(day, organization, role=role)],
            because="contract",
            by=person("lee"),
            now=self.clock.now(),
        )


@pytest.fixture
async def place(engine: Engine) -> Place:
    made = Place(engine)
    await made.open()
    return made


async def test_every_step_says_why_its_owner_has_it(place: Place) -> None:
    for step in place.steps().values():
        assert step.assigned == "named for this patient"
    with reading(place.engine) as session:
        opened = session.exec(
            select(LedgerEventRow).where(LedgerEventRow.kind == "open_step")
        ).all()
    assert opened
    assert all(row.detail["step"]["assigned"] for row in opened)


@pytest.mark.parametrize("most", [1, 2])
async def test_nobody_gets_more_than_they_can_hold_among_months_opened_at_once(
    engine: Engine, most: int
) -> None:
    place = Place(engine)
    limited = [dict(one, capacity=most) for one in STAFF if one["id"] in ("ann", "bea")]
    others = [one for one in STAFF if one["id"] not in ("ann", "bea", "vera")]
    SqlClinicStore(engine).apply(clinic_file(staff=[*limited, *others]), place.clock.now())
    await place.open()
    owners = place.owners()
    assert (owners[person("ann")], owners[person("bea")]) == (most, most)
    assert owners[person("lee")] == 4 - 2 * most


async def test_settling_when_nothing_changed_moves_nothing(place: Place) -> None:
    before = place.owners()
    done = await place.settle()
    assert (done.moved, done.preview.moves, place.owners()) == (0, (), before)


async def test_a_switch_to_the_vendor_moves_exactly_what_its_preview_says(place: Place) -> None:
    held = place.owners()[person("ann")] + place.owners()[person("bea")]
    staffing = place.record.staffing(CLINIC, place.clock.now())
    ahead = look_ahead(with_lines(staffing, [Agreed(TODAY, VENDOR, role=COORDINATOR)]), TODAY)
    place.agree(COORDINATOR, VENDOR)
    done = await place.settle()
    assert done.preview == ahead
    assert done.moved == held == place.owners()[VENDORS_OWN]
    assert {move.kind for move in ahead.moves} == {MoveKind.RESPONSIBILITY}
    assert all("CareBridge does this work" in move.because for move in ahead.moves)
    for move in ahead.moves:
        assert place.steps()[move.held.cycle, move.held.key].assigned == move.because
        state = await place.flow.state(move.held.cycle)
        assert state.steps[move.held.key].owner.person == VENDORS_OWN
    again = await place.settle()
    assert again.preview.is_nothing


async def test_both_sides_of_a_switch_stay_on_record(place: Place) -> None:
    place.agree(COORDINATOR, VENDOR)
    await place.settle()
    with reading(place.engine) as session:
        moves = session.exec(select(StepMoveRow)).all()
        handed = session.exec(
            select(LedgerEventRow).where(LedgerEventRow.kind == "move_owner")
        ).all()
        named = session.exec(
            select(LedgerEventRow).where(LedgerEventRow.kind == "team_changed")
        ).all()
    assert len(moves) == len(handed)
    assert {move.from_id for move in moves} <= {person("ann"), person("bea")}
    assert {move.to_id for move in moves} == {VENDORS_OWN}
    assert len(named) == 4


async def test_steps_that_open_after_a_switch_go_to_the_new_organization(place: Place) -> None:
    place.agree(COORDINATOR, VENDOR)
    await place.settle()
    (cycle, key), _ = next(iter(place.steps().items()))
    plan = place.desk.record.cycle(cycle).plan
    outcome = plan.by_id[StepId(key)].outcomes[0].id
    event = StepCompleted(key, outcome, VENDORS_OWN, COORDINATOR)
    await act(place.desk, Click(ClickId("c1"), cycle, VENDORS_OWN, event, key))
    opened = [row for row in place.steps().values() if row.cycle_id == cycle and row.key != key]
    assert {row.owner_id for row in opened if row.owner_role == COORDINATOR} == {VENDORS_OWN}


async def test_a_switch_that_keeps_the_practitioner_asks_for_no_new_consent(place: Place) -> None:
    place.agree(COORDINATOR, VENDOR)
    done = await place.settle()
    assert done.preview.new_consents == ()
    with reading(place.engine) as session:
        assert session.exec(select(PractitionerChangeRow)).all() == []


async def test_another_practitioner_asks_for_new_consent(place: Place) -> None:
    staff = [one.model_dump() for one in clinic_file().staff]
    staff.append(
        {"id": "quin", "name": "Quin", "roles": ["practitioner"], "credential": "physician"}
    )
    SqlClinicStore(place.engine).apply(clinic_file(staff=staff), place.clock.now())
    place.record.keep_leaving(CLINIC, person("pat"), TODAY - timedelta(days=1))
    done = await place.settle()
    assert len(done.preview.new_consents) == 4
    with reading(place.engine) as session:
        changes = session.exec(select(PractitionerChangeRow)).all()
        assert {change.practitioner_id for change in changes} == {person("quin")}


async def test_an_absence_lends_the_work_and_its_end_brings_it_back(place: Place) -> None:
    before = {key: row.owner_id for key, row in place.steps().items()}
    away = Absence(TODAY, TODAY + timedelta(days=2), person("bea"))
    place.record.keep_settled(CLINIC, "today")
    place.record.keep_absence(person("ann"), away, "flu", person("lee"), place.clock.now())
    assert place.record.settled_on(CLINIC) is None, "every clinic of hers is settled once more"
    lent = await place.settle()
    assert place.owners()[person("ann")] == 0
    assert {(move.kind, move.to) for move in lent.preview.moves} == {
        (MoveKind.ABSENCE, person("bea"))
    }
    with reading(place.engine) as session:
        team = session.exec(
            select(CareTeamMemberRow).where(CareTeamMemberRow.person_id == person("ann"))
        ).all()
    assert team, "an absence passes, so the patients keep their person"
    place.flow.move_to(BEGUN + timedelta(days=3))
    assert await settle_the_day(place.desk, place.record) == lent.moved
    assert {key: place.steps()[key].owner_id for key in before} == before
    assert await settle_the_day(place.desk, place.record) == 0, "once a day is enough"


async def test_who_leaves_leaves_no_step_and_no_patient_behind(place: Place) -> None:
    place.record.keep_leaving(CLINIC, person("ann"), TODAY - timedelta(days=1))
    await place.settle()
    assert place.owners()[person("ann")] == 0
    with reading(place.engine) as session:
        team = select(CareTeamMemberRow).where(CareTeamMemberRow.person_id == person("ann"))
        assert session.exec(team).all() == []
        assert session.get_one(PersonRow, person("ann")).active is False


@pytest.mark.parametrize(
    "grant",
    [
        Grant(AccessRole.VENDOR_MANAGER, organization=VENDOR),
        Grant(AccessRole.CLINIC_OWNER, organization=OrganizationId(CLINIC)),
        Grant(AccessRole.ADMINISTRATOR),
    ],
    ids=lambda grant: grant.role.value,
)
@pytest.mark.parametrize("by_file", [True, False], ids=["dropped", "left"])
def test_who_was_given_a_role_can_still_sign_in_after_the_work_here_ends(
    engine: Engine, grant: Grant, by_file: bool
) -> None:
    store, record, people = SqlClinicStore(engine), SqlStaffing(engine), SqlPeople(engine)
    store.apply(clinic_file(), BEGUN)
    people.grant(VENDORS_OWN, grant, BEGUN)

    def end() -> None:
        if by_file:
            staff = [one for one in clinic_file().staff if one.id != "vera"]
            store.apply(clinic_file(staff=staff), BEGUN)
        else:
            record.keep_leaving(CLINIC, VENDORS_OWN, TODAY - timedelta(days=1))
            record.end_those_who_left(CLINIC, TODAY)

    end()
    assert people.is_active(VENDORS_OWN)
    store.apply(clinic_file(), BEGUN)
    given = person_view(engine, VENDORS_OWN, BEGUN)
    assert given is not None
    people.grant(person("lee"), Grant(AccessRole.ADMINISTRATOR), BEGUN)
    people.withdraw(given.given[0].id, None, BEGUN)
    end()
    assert not people.is_active(VENDORS_OWN)


async def test_with_nobody_left_the_program_owner_has_it_and_is_told(place: Place) -> None:
    place.record.keep_leaving(CLINIC, person("nat"), TODAY - timedelta(days=1))
    for one in ("ann", "bea"):
        place.record.keep_leaving(CLINIC, person(one), TODAY - timedelta(days=1))
    place.agree(COORDINATOR, OrganizationId(CLINIC))
    done = await place.settle()
    assert done.moved
    assert all(move.last_resort and move.to == person("lee") for move in done.preview.moves)
    with reading(place.engine) as session:
        told = session.exec(select(MessageRow).where(MessageRow.to_person == person("lee"))).all()
    assert len(told) >= done.moved


async def test_while_the_server_is_away_moves_wait_and_count_once(place: Place) -> None:
    place.agree(COORDINATOR, VENDOR)
    place.flow.away = True
    waiting = await place.settle()
    assert (waiting.moved, waiting.waiting > 0) == (0, True)
    place.flow.away = False
    done = await place.settle()
    assert done.moved == place.owners()[VENDORS_OWN]
    with reading(place.engine) as session:
        assert len(session.exec(select(StepMoveRow)).all()) == done.moved


async def test_a_closure_day_moves_the_deadlines_it_should(place: Place) -> None:
    before = place.steps()
    closed = [{"day": "2037-12-02", "reason": "water damage"}]
    SqlClinicStore(place.engine).apply(clinic_file(closures=closed), place.clock.now())
    view = place.desk.record.clinic(CLINIC)
    clicks = keep_new_calendar(
        place.desk.record,
        place.record,
        view,
        month_calendar,
        by=SYSTEM,
        because="water damage",
        now=place.clock.now(),
    )
    done = await pass_on_calendar(place.desk, place.record, CLINIC, clicks)
    assert done.moved
    for one in done.moved:
        assert one.due_at > (one.step.due_at or BEGUN)
        assert place.steps()[one.step.cycle, one.step.key].due_at == one.due_at
    assert len(before) == len(place.steps())
    again = await pass_on_calendar(place.desk, place.record, CLINIC, clicks)
    assert again.moved == ()


async def test_a_change_of_hours_that_waited_does_not_undo_a_newer_one(place: Place) -> None:
    def change(closed: list[dict[str, str]], seconds: int) -> list[Click]:
        SqlClinicStore(place.engine).apply(clinic_file(closures=closed), place.clock.now())
        return keep_new_calendar(
            place.desk.record,
            place.record,
            place.desk.record.clinic(CLINIC),
            month_calendar,
            by=SYSTEM,
            because="water damage",
            now=place.clock.now() + timedelta(seconds=seconds),
        )

    waited = change([{"day": "2037-12-02", "reason": "water damage"}], 0)
    newer = change([], 1)
    before = place.steps()
    await pass_on_calendar(place.desk, place.record, CLINIC, newer)
    done = await pass_on_calendar(place.desk, place.record, CLINIC, waited)
    assert (done.moved, done.waiting) == ((), 0)
    assert {key: row.due_at for key, row in place.steps().items()} == {
        key: row.due_at for key, row in before.items()
    }


def test_the_map_of_responsibility_cannot_be_rewritten(engine: Engine) -> None:
    place = Place(engine)
    place.agree(COORDINATOR, VENDOR)
    with pytest.raises(Exception, match="append-only"), engine.begin() as connection:
        connection.execute(text("UPDATE responsibility SET because = 'other'"))


def test_a_clinic_that_was_applied_differs_in_nothing_from_its_file(engine: Engine) -> None:
    store, file = (
        SqlClinicStore(engine),
        clinic_file(closures=[{"day": "2037-12-24", "reason": "x"}]),
    )
    store.apply(file, BEGUN)
    stored = store.stored(CLINIC, TODAY)
    assert differences(stored, file) == ()
    store.apply(file, BEGUN)
    assert differences(store.stored(CLINIC, TODAY), file) == ()


def test_who_is_dropped_from_the_file_is_ended_and_nobody_else(engine: Engine) -> None:
    store, whole = SqlClinicStore(engine), clinic_file()
    store.apply(whole, BEGUN)
    staff = [one.model_dump() for one in whole.staff if one.id != "bea"]
    less = clinic_file(staff=staff)
    (gone,) = differences(store.stored(CLINIC, TODAY), less)
    assert (gone.what, gone.after) == ("staff elm.bea", None)
    assert store.dropped(less) == [person("bea")]
    store.apply(less, BEGUN)
    with reading(engine) as session:
        active = {row.id: row.active for row in session.exec(select(PersonRow))}
    assert [one for one, still in active.items() if not still] == [person("bea")]


NEXT_DAY = TODAY + timedelta(days=1)


async def _without_coordinators(engine: Engine) -> Place:
    """Open the months while every coordinator is away for the day: the lead has their steps."""
    place = Place(engine)
    for one in (person("ann"), person("bea"), VENDORS_OWN):
        away = Absence(date(2037, 11, 1), TODAY)
        place.record.keep_absence(one, away, "flu", person("lee"), place.clock.now())
    await place.open()
    assert place.owners()[person("lee")] == 4
    assert (await place.settle()).preview.is_nothing
    return place


async def test_what_opened_with_the_program_owner_goes_to_whoever_can_do_it(
    engine: Engine,
) -> None:
    place = await _without_coordinators(engine)
    place.flow.move_to(BEGUN + timedelta(days=1))
    done = await place.settle(NEXT_DAY)
    assert {move.kind for move in done.preview.moves} == {MoveKind.POSSIBLE}
    assert (done.moved, place.owners()[person("lee")]) == (4, 0)
    assert {row.owner_role for row in place.steps().values()} == {COORDINATOR}
    assert (await place.settle(NEXT_DAY)).preview.is_nothing


async def test_what_a_person_gave_the_program_owner_stays_there(engine: Engine) -> None:
    place = await _without_coordinators(engine)
    (cycle, key), *_ = place.steps()
    for number, (to, role) in enumerate([("ann", "coordinator"), ("lee", "program_lead")]):
        event = StepReassigned(key, person(to), RoleId(role), person("lee"), "it is difficult")
        await act(place.desk, Click(ClickId(f"c{number}"), cycle, person("lee"), event, key))
    await place.settle(NEXT_DAY)
    assert place.owners()[person("lee")] == 1
    assert place.steps()[cycle, key].owner_id == person("lee")


@pytest.mark.parametrize("leaves", [True, False])
async def test_a_last_resort_goes_back_from_the_next_program_owner_too(
    engine: Engine, leaves: bool
) -> None:
    place = await _without_coordinators(engine)
    staff = [one.model_dump() for one in clinic_file().staff]
    staff.append({"id": "max", "name": "Max", "roles": ["program_lead"], "credential": "rn"})
    file = clinic_file(staff=staff, program_owner="max")
    SqlClinicStore(engine).apply(file, place.clock.now())
    if leaves:
        place.record.keep_leaving(CLINIC, person("lee"), TODAY - timedelta(days=1))
    await place.settle()
    assert place.owners()[person("max" if leaves else "lee")] == 4
    place.flow.move_to(BEGUN + timedelta(days=1))
    await place.settle(NEXT_DAY)
    assert {row.owner_role for row in place.steps().values()} == {COORDINATOR}


async def test_names_chosen_twice_at_once_count_once(place: Place) -> None:
    place.agree(COORDINATOR, VENDOR)
    names = look_ahead(place.record.staffing(CLINIC, place.clock.now()), TODAY).names
    assert len(names) == 4

    def keep(_: int) -> None:
        place.record.keep_names(CLINIC, names, person("lee"), place.clock.now())

    with ThreadPoolExecutor(2) as both:
        list(both.map(keep, range(2)))
    with reading(place.engine) as session:
        query = select(LedgerEventRow).where(LedgerEventRow.kind == "team_changed")
        assert len(session.exec(query).all()) == 4


async def test_a_name_that_was_changed_meanwhile_stays(place: Place) -> None:
    place.agree(COORDINATOR, VENDOR)
    names = look_ahead(place.record.staffing(CLINIC, place.clock.now()), TODAY).names
    one = next(new for new in names if new.before is not None)
    other_id = person("bea") if one.before == person("ann") else person("ann")
    other = replace(one, to=other_id, because="asked for them")
    place.record.keep_names(CLINIC, [other], person("lee"), place.clock.now())
    place.record.keep_names(CLINIC, names, person("lee"), place.clock.now())
    with reading(place.engine) as session:
        row = session.get_one(CareTeamMemberRow, (one.enrollment, one.role))
        assert row.person_id == other_id
