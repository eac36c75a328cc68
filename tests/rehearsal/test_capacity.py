"""Capacity is arithmetic on simulated months: it adds up, and says what it rests on."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from ccm_flow.adapters.calendars import build_calendar, month_calendar
from ccm_flow.adapters.rule_files import load_shelf
from ccm_flow.adapters.simulation_files import default_behaviour
from ccm_flow.app.capacity import (
    Prepared,
    WhatIf,
    WhatIfError,
    as_changed,
    change,
    forecast,
    largest_panel,
)
from ccm_flow.app.capacity_record import (
    NoTeamError,
    expected_to_join,
    joined_lately,
    team_on_record,
)
from ccm_flow.app.simulate import Calendars, CannotSimulateError, Wanted, pose
from ccm_flow.core.funnel import ORDER, StageCount
from ccm_flow.core.ids import PersonId, RoleId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.rehearsal.capacity import CapacityForecast, Panel
from ccm_flow.rehearsal.profile import make_profile
from ccm_flow.rehearsal.revenue import Allowed, allowed_for
from tests.rehearsal.questions import FIRST, HOURS, in_house, monthly_plan, question

COORDINATOR = RoleId("coordinator")
CALENDARS = Calendars(month_calendar, build_calendar)


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    """Simulate a small sample of two months."""
    return Prepared(
        make_profile(question(40, months=2)),
        (Allowed(Decimal("70.00"), "some-rules", assumed=False), None),
    )


def asked(prepared: Prepared, patients: int, what_if: WhatIf | None = None) -> CapacityForecast:
    return forecast(prepared, Panel(patients, staff=in_house()), what_if or WhatIf())


def test_twice_the_patients_take_twice_the_minutes(prepared: Prepared) -> None:
    one, two = asked(prepared, 100), asked(prepared, 100, WhatIf(patients=200))
    assert two.months[0].minutes == pytest.approx(2 * one.months[0].minutes, abs=0.2)
    assert two.months[0].revenue == 2 * (one.months[0].revenue or 0) == Decimal(14_000)
    assert two.months[1].revenue is None
    assert ("Patients", "200", True) in [(i.name, i.value, i.assumed) for i in two.inputs]


def test_roles_and_days_add_up_to_the_months(prepared: Prepared) -> None:
    found = asked(prepared, 120)
    whole = sum(month.minutes for month in found.months)
    assert sum(role.needed for role in found.roles) == pytest.approx(whole, abs=5)
    assert sum(day.due for day in found.days) == pytest.approx(whole, abs=5)


def test_too_many_patients_fall_short_and_more_people_put_it_off(prepared: Prepared) -> None:
    few, many = asked(prepared, 20), asked(prepared, 300)
    assert few.shortfall is None
    assert many.shortfall is not None
    assert many.shortfall.role == COORDINATOR
    assert many.shortfall.shortfall is not None
    helped = asked(prepared, 300, WhatIf(added={COORDINATOR: 20}))
    (coordinators,) = (role for role in helped.roles if role.role == COORDINATOR)
    assert coordinators.shortfall is None


def test_longer_calls_take_longer_and_nothing_else_does(prepared: Prepared) -> None:
    usual = asked(prepared, 100)
    longer = asked(prepared, 100, WhatIf(minutes={StepId("outreach"): 24}))
    before, after = ({one.role: one.needed for one in found.roles} for found in (usual, longer))
    work = sum(
        minutes
        for month in prepared.profile.months
        for (step, role, _, _), minutes in month.work.items()
        if (step, role) == ("outreach", COORDINATOR)
    )
    assert after[COORDINATOR] - before[COORDINATOR] == pytest.approx(100 * work, rel=0.1)
    assert after[RoleId("practitioner")] == before[RoleId("practitioner")]


def test_who_leaves_is_gone_and_who_joins_is_there(prepared: Prepared) -> None:
    panel = Panel(100, (10.0, 10.0), in_house())
    first, second = forecast(prepared, panel, WhatIf()).months
    leaving = prepared.profile.months[0].leaving
    assert first.patients == 110
    assert second.patients == pytest.approx(110 * (1 - leaving) + 10, abs=0.1)


def test_cost_is_known_only_when_every_wage_of_the_role_is(prepared: Prepared) -> None:
    staff = in_house()
    paid = replace(
        staff, people=tuple(replace(one, cost_per_hour=Decimal(30)) for one in staff.people)
    )
    known = forecast(prepared, Panel(60, staff=paid), WhatIf()).months[0]
    assert known.cost is not None
    assert float(known.cost) == pytest.approx(known.minutes / 2, abs=0.5)
    some = replace(paid, people=(replace(paid.people[0], cost_per_hour=None), *paid.people[1:]))
    assert forecast(prepared, Panel(60, staff=some), WhatIf()).months[0].cost is None


@pytest.mark.parametrize(
    "what_if",
    [
        WhatIf(minutes={StepId("outrech"): 5}),
        WhatIf(added={RoleId("cook"): 1}),
        WhatIf(added={COORDINATOR: 0}),
    ],
)
def test_a_what_if_about_nothing_is_refused_with_a_sentence(what_if: WhatIf) -> None:
    with pytest.raises(WhatIfError) as refused:
        change(Panel(10, staff=in_house()), what_if, monthly_plan())
    assert refused.value.hint


def test_revenue_follows_the_dated_rules_and_says_when_they_are_taken_to_go_on() -> None:
    shelf, minutes = load_shelf(), {10: 0.25, 20: 0.5, 40: 0.25}
    december = allowed_for(shelf, "CCM", Month(2026, 12), minutes)
    later = allowed_for(shelf, "CCM", Month(2031, 5), minutes)
    assert december is not None
    assert (december.rules, december.assumed) == ("medicare-2026", False)
    assert december.amount > 0
    assert later == replace(december, assumed=True)
    assert allowed_for(shelf, "CCM", Month(2001, 1), minutes) is None


def stages(here: list[int], shares: list[float | None]) -> list[StageCount]:
    pairs = zip(ORDER, here, shares, strict=True)
    return [StageCount(stage, 9, count, 0, share, None) for stage, count, share in pairs]


@pytest.mark.parametrize(
    ("here", "shares", "expected"),
    [
        ([0, 0, 0, 0, 0, 9], [None, 1.0, 1.0, 1.0, 1.0, 1.0], 0.0),
        ([4, 0, 0, 0, 2, 9], [None, 0.5, 1.0, 1.0, 1.0, 0.5], 2.0),
        ([0, 4, 0, 0, 0, 9], [None, None, 0.5, 1.0, 1.0, 1.0], 2.0),
        ([4, 0, 0, 0, 0, 9], [None, 0.5, None, 1.0, 1.0, 1.0], None),
    ],
)
def test_those_on_the_way_join_by_the_shares_that_came_through(
    here: list[int], shares: list[float | None], expected: float | None
) -> None:
    assert expected_to_join(stages(here, shares)) == expected


@pytest.mark.parametrize(
    ("joined", "expected"),
    [
        ({}, None),
        ({"2026-11": 40}, None),
        ({"2026-10": 40}, 0.0),
        ({"2026-10": 40, "2026-11": 5}, 5.0),
        ({"2026-06": 40, "2026-08": 9, "2026-09": 1, "2026-10": 2, "2026-11": 4}, 2.3),
        ({"2026-06": 40, "2026-11": 6, "2026-12": 30}, 2.0),
    ],
)
def test_later_months_are_joined_as_whole_months_were_after_the_programs_first(
    joined: dict[str, int], expected: float | None
) -> None:
    months = [Month.parse(month) for month, count in joined.items() for _ in range(count)]
    found = joined_lately(months, Month(2026, 12))
    assert (None if found is None else found.a_month) == expected


def test_the_clinics_staff_keep_what_the_playbook_says_and_nothing_is_said_of_others() -> None:
    members = [
        (PersonId("ann"), "Ann", frozenset([COORDINATOR])),
        (PersonId("bob"), "Bob", frozenset([RoleId("biller")])),
    ]
    staff = team_on_record(monthly_plan(), members, HOURS)
    assert [(one.id, dict(one.protected)) for one in staff.people] == [("ann", {COORDINATOR: 120})]
    with pytest.raises(NoTeamError):
        team_on_record(monthly_plan(), members[1:], HOURS)


def wanted(**changes: object) -> Wanted:
    plain = Wanted(monthly_plan(), HOURS, FIRST, 1, 40, 1, default_behaviour(), in_house())
    return replace(plain, **changes)  # type: ignore[arg-type] # a test's own words


def test_the_largest_panel_is_the_largest_that_was_seen_to_work() -> None:
    tenth = replace(
        in_house(),
        people=tuple(
            replace(one, protected={role: -(-kept // 10) for role, kept in one.protected.items()})
            for one in in_house().people
        ),
    )
    found = largest_panel(wanted(staff=tenth), CALENDARS)
    assert found.goal == 0.95
    good = [size for size, on_time in found.tried if on_time >= 0.95 * found.unlimited]
    assert found.patients == max(good, default=0) < 64


def test_a_what_if_holds_for_the_search_too() -> None:
    changed = change(
        Panel(10, staff=in_house()), WhatIf(minutes={StepId("outreach"): 30}), monthly_plan()
    )
    work = as_changed(wanted(), changed).assumptions.behaviour.work[StepId("outreach")]
    assert work.mean == timedelta(minutes=30)


@pytest.mark.parametrize(
    "changes",
    [
        {"patients": 0},
        {"months": 0},
        {"months": 37},
        {"patients": 10**9},
        {"joining": -1},
        {"plan": replace(monthly_plan(), kind=PlaybookKind.EPISODE)},
    ],
)
def test_what_cannot_be_simulated_is_refused_with_a_sentence(changes: dict[str, object]) -> None:
    with pytest.raises(CannotSimulateError) as refused:
        pose(wanted(**changes), CALENDARS)
    assert refused.value.hint
