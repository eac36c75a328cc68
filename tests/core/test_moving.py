"""Which open steps move: those whose owner may not have them, once, and to somebody who may."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.assignment import Absence, Candidate, ForWhom, Membership, Pool, Wanted, why_not
from ccm_flow.core.ids import (
    CycleId,
    EnrollmentId,
    OrganizationId,
    PersonId,
    RoleId,
    StepKey,
)
from ccm_flow.core.moving import Held, Lent, Move, MoveKind, Named, find_moves, find_new_names
from ccm_flow.core.responsibility import Agreed, Parties

DAY = date(2026, 12, 9)
CLINIC, VENDOR = OrganizationId("elm"), OrganizationId("carebridge")
COORDINATOR, LEAD = RoleId("coordinator"), RoleId("program_lead")
ALWAYS = date(2020, 1, 1)
OWNER = PersonId("lee")


def someone(name: str, organization: OrganizationId = CLINIC) -> Candidate:
    roles = (LEAD,) if name == OWNER else (COORDINATOR,)
    return Candidate(
        PersonId(name), name.title(), roles, memberships=(Membership(organization, ALWAYS),)
    )


def held(number: int, owner: str, lent: Lent | None = None) -> Held:
    wanted = Wanted(LEAD if owner == OWNER else COORDINATOR)
    return Held(
        CycleId(f"c{number}"),
        EnrollmentId(f"e{number}"),
        StepKey("outreach"),
        "Call",
        wanted,
        PersonId(owner),
        LEAD,
        ForWhom("en", f"c{number}"),
        lent,
    )


_DAYS = st.dates(date(2026, 12, 5), date(2026, 12, 12))
_PEOPLE = st.lists(
    st.builds(
        Candidate,
        person=st.sampled_from([PersonId(f"p{n}") for n in range(5)]),
        name=st.just("Somebody"),
        roles=st.sampled_from([(COORDINATOR,), ()]),
        memberships=st.sampled_from([(Membership(CLINIC, ALWAYS),), (Membership(VENDOR, ALWAYS),)]),
        absences=st.lists(st.builds(Absence, _DAYS, st.none() | _DAYS), max_size=1).map(tuple),
        load=st.just(3),
        limit=st.none() | st.integers(1, 6),
        until_day=st.none() | _DAYS,
    ),
    max_size=5,
    unique_by=lambda one: one.person,
)
_POOLS = st.builds(
    Pool,
    people=_PEOPLE.map(lambda people: (*people, someone(OWNER))),
    program_owner=st.just(OWNER),
    named=st.just({}),
    parties=st.just(Parties(CLINIC, VENDOR)),
    agreed=st.lists(
        st.builds(Agreed, _DAYS, st.sampled_from([CLINIC, VENDOR]), role=st.just(COORDINATOR)),
        max_size=1,
    ).map(tuple),
)
_HELD = st.lists(st.sampled_from([f"p{n}" for n in range(5)] + [OWNER]), max_size=6).map(
    lambda owners: [held(number, owner) for number, owner in enumerate(owners)]
)


@given(pool=_POOLS, steps=_HELD, day=_DAYS)
def test_what_may_stay_stays_and_the_rest_goes_to_somebody_who_may(
    pool: Pool, steps: list[Held], day: date
) -> None:
    moves = {move.held.cycle: move for move in find_moves(pool, steps, {}, day)}
    for step in steps:
        owner = pool.find(step.owner)
        may = owner is not None and why_not(pool, owner, step.wanted, day) is None
        move = moves.get(step.cycle)
        if may or step.owner == OWNER:
            assert move is None
            continue
        assert move is not None
        assert move.because
        if move.last_resort:
            assert (move.to, move.to_role) == (OWNER, LEAD)
            continue
        new = pool.find(move.to)
        assert new is not None
        assert why_not(pool, new, step.wanted, day) is None


@given(pool=_POOLS, steps=_HELD, day=_DAYS)
def test_moving_twice_moves_nothing_more(pool: Pool, steps: list[Held], day: date) -> None:
    moves = {move.held.cycle: move for move in find_moves(pool, steps, {}, day)}
    after = [_after(step, moves.get(step.cycle)) for step in steps]
    assert find_moves(pool, after, {}, day) == ()


def _after(step: Held, move: Move | None) -> Held:
    if move is None:
        return step
    return replace(step, owner=move.to, wanted=replace(step.wanted, role=move.to_role))


def test_a_limit_holds_while_many_steps_move() -> None:
    small = replace(someone("bob"), limit=2)
    pool = Pool((small, someone(OWNER)), OWNER, {}, Parties(CLINIC))
    moves = find_moves(pool, [held(n, "gone") for n in range(5)], {}, DAY)
    assert [move.to for move in moves].count(PersonId("bob")) == 2
    assert [move.last_resort for move in moves].count(True) == 3


def test_what_was_lent_comes_back_when_its_owner_does() -> None:
    lent = Lent(PersonId("ann"), COORDINATOR)
    pool = Pool((someone("ann"), someone("bob"), someone(OWNER)), OWNER, {}, Parties(CLINIC))
    (move,) = find_moves(pool, [held(1, "bob", lent)], {}, DAY)
    assert (move.to, move.kind, move.because) == ("ann", MoveKind.RETURN, "Ann is back")
    away = replace(someone("ann"), absences=(Absence(DAY, DAY),))
    pool = replace(pool, people=(away, someone("bob"), someone(OWNER)))
    assert find_moves(pool, [held(1, "bob", lent)], {}, DAY) == ()


def test_patients_are_shared_out_evenly_when_somebody_leaves() -> None:
    people = (someone("bob"), someone("cat"), someone(OWNER))
    pool = Pool(people, OWNER, {}, Parties(CLINIC))
    teams = [
        Named(EnrollmentId(f"e{n}"), {COORDINATOR: PersonId("ann")}, ForWhom("en", f"e{n}"))
        for n in range(10)
    ]
    names = find_new_names(pool, teams, [COORDINATOR, LEAD], LEAD, DAY)
    got = [new.to for new in names]
    assert (got.count(PersonId("bob")), got.count(PersonId("cat"))) == (5, 5)


def test_an_absence_takes_no_patient_from_anybody() -> None:
    away = replace(someone("ann"), absences=(Absence(DAY, None),))
    pool = Pool((away, someone("bob"), someone(OWNER)), OWNER, {}, Parties(CLINIC))
    team = [Named(EnrollmentId("e"), {COORDINATOR: PersonId("ann")}, ForWhom())]
    assert find_new_names(pool, team, [COORDINATOR], LEAD, DAY) == ()
