"""Who gets a step: the named person, then their cover, then the pool, at last the program owner."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.assignment import (
    Absence,
    Candidate,
    ForWhom,
    Membership,
    Pool,
    Wanted,
    choose_owner,
    why_not,
)
from ccm_flow.core.ids import OrganizationId, PersonId, RoleId, StepId
from ccm_flow.core.responsibility import Agreed, Parties
from ccm_flow.core.words import Responsibility

DAY = date(2026, 12, 9)
CLINIC, VENDOR = OrganizationId("elm"), OrganizationId("carebridge")
COORDINATOR, LEAD = RoleId("coordinator"), RoleId("program_lead")
CALL = Wanted(COORDINATOR, StepId("outreach"), window=(9 * 60, 12 * 60))
ENGLISH, SPANISH = ForWhom("en", "c1"), ForWhom("es", "c1")


def someone(name: str, organization: OrganizationId = CLINIC, **more: object) -> Candidate:
    member = Membership(organization, date(2020, 1, 1))
    made = Candidate(PersonId(name), name.title(), (COORDINATOR,), memberships=(member,))
    return replace(made, **more)  # type: ignore[arg-type]


def pool(*people: Candidate, named: str | None = "ann", **more: object) -> Pool:
    lead = replace(someone("lee"), roles=(LEAD,))
    team = {} if named is None else {COORDINATOR: PersonId(named)}
    names = {CLINIC: "Elm Street", VENDOR: "CareBridge"}
    made = Pool((*people, lead), PersonId("lee"), team, Parties(CLINIC, VENDOR), (), names)
    return replace(made, **more)  # type: ignore[arg-type]


AWAY = (Absence(date(2026, 12, 7), date(2026, 12, 11), PersonId("bob")),)
AWAY_UNCOVERED = (Absence(date(2026, 12, 7), date(2026, 12, 11)),)
TO_VENDOR = (Agreed(date(2026, 12, 1), VENDOR, role=COORDINATOR),)


@pytest.mark.parametrize(
    ("there", "patient", "who", "because"),
    [
        pytest.param(
            pool(someone("ann", load=9), someone("bob")),
            ENGLISH,
            "ann",
            "named for this patient",
            id="the named person, whatever the load",
        ),
        pytest.param(
            pool(someone("ann", absences=AWAY), someone("bob", load=5), someone("cat")),
            ENGLISH,
            "bob",
            "Ann is away until 2026-12-11; Bob covers",
            id="the cover while they are away",
        ),
        pytest.param(
            pool(someone("ann", absences=AWAY_UNCOVERED), someone("bob", load=5), someone("cat")),
            ENGLISH,
            "cat",
            "Ann is away until 2026-12-11; Cat is coordinator and has 0 steps",
            id="the least loaded without a cover",
        ),
        pytest.param(
            pool(someone("ann", limit=4, load=4), someone("bob", limit=9, load=3)),
            ENGLISH,
            "bob",
            "Ann has 4 of 4 steps already; Bob is coordinator and has 3 of 9 steps",
            id="somebody with room when the named one is full",
        ),
        pytest.param(
            pool(
                someone("bob", languages=("en",)),
                someone("cat", languages=("en", "es"), load=7),
                named=None,
            ),
            SPANISH,
            "cat",
            "nobody is named for this patient; Cat is coordinator, speaks es and has 7 steps",
            id="the patient's language before the load",
        ),
        pytest.param(
            pool(
                someone("bob", works=(13 * 60, 17 * 60)),
                someone("cat", works=(8 * 60, 12 * 60), load=7),
                named=None,
            ),
            ENGLISH,
            "cat",
            "nobody is named for this patient; Cat is coordinator and has 7 steps",
            id="somebody who works while the patient is called",
        ),
        pytest.param(
            pool(someone("ann"), someone("bob", VENDOR), agreed=TO_VENDOR),
            ENGLISH,
            "bob",
            "CareBridge does this work, not Ann; Bob is coordinator and has 0 steps",
            id="the organization that does the role",
        ),
        pytest.param(
            pool(someone("ann", licensed_in=("NH",)), someone("bob"), patient_state="MA"),
            ENGLISH,
            "bob",
            "Ann has no licence in MA; Bob is coordinator and has 0 steps",
            id="somebody who is licensed where the patient lives",
        ),
        pytest.param(
            pool(someone("ann", until_day=date(2026, 12, 8)), someone("bob", limit=1, load=1)),
            ENGLISH,
            "lee",
            "Ann has left; nobody else has room, so the program owner has it",
            id="the program owner at last, rather than beyond a limit",
        ),
        pytest.param(
            pool(named="gone"),
            ENGLISH,
            "lee",
            "nobody is named for this patient; nobody else can do it as coordinator, "
            "so the program owner has it",
            id="the program owner where nobody has the role",
        ),
    ],
)
def test_who_gets_a_call(there: Pool, patient: ForWhom, who: str, because: str) -> None:
    found = choose_owner(there, CALL, patient, DAY)
    assert (found.person, found.because) == (who, because)
    assert found.last_resort is (who == "lee")


def test_the_playbook_says_whose_step_it_is_before_any_agreement() -> None:
    there = pool(someone("ann", VENDOR), someone("bob"), agreed=TO_VENDOR)
    own = replace(CALL, responsibility=Responsibility.CLINIC)
    assert choose_owner(there, own, ENGLISH, DAY).person == "bob"


def test_an_absence_ends_by_itself() -> None:
    there = pool(someone("ann", absences=AWAY), someone("bob"))
    assert choose_owner(there, CALL, ENGLISH, date(2026, 12, 12)).person == "ann"


def test_people_take_turns_where_nothing_else_decides() -> None:
    there = pool(*(someone(name) for name in ("ann", "bob", "cat")), named=None)
    got = [choose_owner(there, CALL, ForWhom("en", f"cycle{n}"), DAY).person for n in range(90)]
    assert all(got.count(PersonId(name)) > 15 for name in ("ann", "bob", "cat"))


_DAYS = st.dates(date(2026, 12, 1), date(2026, 12, 20))
_PEOPLE = st.builds(
    Candidate,
    person=st.sampled_from([PersonId(f"p{n}") for n in range(6)]),
    name=st.just("Somebody"),
    roles=st.sets(st.sampled_from([COORDINATOR, LEAD])).map(lambda some: tuple(sorted(some))),
    languages=st.sets(st.sampled_from(["en", "es"])).map(lambda some: tuple(sorted(some))),
    licensed_in=st.sets(st.sampled_from(["MA", "NH"])).map(lambda some: tuple(sorted(some))),
    memberships=st.lists(
        st.builds(Membership, st.sampled_from([CLINIC, VENDOR]), _DAYS, st.none() | _DAYS),
        max_size=2,
    ).map(tuple),
    absences=st.lists(st.builds(Absence, _DAYS, st.none() | _DAYS), max_size=2).map(tuple),
    load=st.integers(0, 5),
    limit=st.none() | st.integers(1, 5),
    until_day=st.none() | _DAYS,
)
_POOLS = st.builds(
    Pool,
    people=st.lists(_PEOPLE, max_size=5, unique_by=lambda one: one.person).map(tuple),
    program_owner=st.just(PersonId("owner")),
    named=st.dictionaries(
        st.just(COORDINATOR), st.sampled_from([PersonId(f"p{n}") for n in range(6)])
    ),
    parties=st.just(Parties(CLINIC, VENDOR)),
    agreed=st.lists(
        st.builds(
            Agreed, _DAYS, st.sampled_from([None, CLINIC, VENDOR]), role=st.just(COORDINATOR)
        ),
        max_size=2,
    ).map(tuple),
    patient_state=st.sampled_from(["", "MA"]),
)


@given(there=_POOLS, day=_DAYS, language=st.sampled_from(["en", "es"]))
def test_there_is_always_an_owner_who_may_have_it_and_a_reason(
    there: Pool, day: date, language: str
) -> None:
    found = choose_owner(there, CALL, ForWhom(language, "c"), day)
    assert found.because
    if found.last_resort:
        assert found.person == there.program_owner
        assert all(
            why_not(there, one, CALL, day) is not None or not one.has_room for one in there.people
        )
        return
    owner = there.find(found.person)
    assert owner is not None
    assert why_not(there, owner, CALL, day) is None
    assert owner.has_room
