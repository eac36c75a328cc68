"""Which organization does what, from when; and which lines bring a clinic there."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.ids import OrganizationId, RoleId, StepId
from ccm_flow.core.responsibility import (
    Agreed,
    OperatingModel,
    Parties,
    lines_to_reach,
    preset,
    responsible,
)

CLINIC, VENDOR = OrganizationId("elm"), OrganizationId("carebridge")
ROLES = [RoleId(name) for name in ("biller", "coordinator", "nurse", "practitioner")]
LEAD = RoleId("program_lead")
OUTREACH = StepId("outreach")


def _day(number: int) -> date:
    return date(2026, 12, number)


@pytest.mark.parametrize(
    ("model", "vendors"),
    [
        (OperatingModel.IN_HOUSE, set()),
        (OperatingModel.HYBRID, {"coordinator"}),
        (OperatingModel.MANAGED, {"coordinator", "nurse"}),
    ],
)
def test_what_the_vendor_does_under_each_model(model: OperatingModel, vendors: set[str]) -> None:
    found = preset(model, [*ROLES, LEAD], Parties(CLINIC, VENDOR), LEAD)
    assert {role for role, who in found.items() if who == VENDOR} == vendors
    assert LEAD not in found, "the program owner is whom the clinic names"


@pytest.mark.parametrize(
    ("day", "step", "who"),
    [
        (1, None, None),
        (5, None, CLINIC),
        (9, None, VENDOR),
        (9, OUTREACH, CLINIC),
        (12, OUTREACH, VENDOR),
    ],
)
def test_a_later_line_takes_the_place_of_an_earlier_one_from_its_day(
    day: int, step: StepId | None, who: OrganizationId | None
) -> None:
    role = RoleId("coordinator")
    agreed = (
        Agreed(_day(8), VENDOR, role=role),
        Agreed(_day(4), CLINIC, role=role),
        Agreed(_day(6), CLINIC, step=OUTREACH),
        Agreed(_day(11), None, step=OUTREACH),
    )
    assert responsible(agreed, role, _day(day), step) == who


def test_of_two_lines_of_a_day_the_one_written_later_holds() -> None:
    role = RoleId("nurse")
    agreed = (Agreed(_day(4), VENDOR, role=role), Agreed(_day(4), CLINIC, role=role))
    assert responsible(agreed, role, _day(4)) == CLINIC


_WHO = st.sampled_from([None, CLINIC, VENDOR])
_DAYS = st.integers(1, 20).map(_day)
_LINES = st.lists(
    st.builds(Agreed, _DAYS, _WHO, role=st.sampled_from(ROLES))
    | st.builds(Agreed, _DAYS, _WHO, step=st.just(OUTREACH)),
    max_size=8,
)


@given(
    agreed=_LINES,
    wanted=st.fixed_dictionaries(dict.fromkeys(ROLES, _WHO)),
    of_step=_WHO,
    from_day=_DAYS,
    later=_DAYS,
)
def test_the_lines_bring_the_map_to_what_is_wanted_and_change_no_day_before(
    agreed: list[Agreed],
    wanted: dict[RoleId, OrganizationId | None],
    of_step: OrganizationId | None,
    from_day: date,
    later: date,
) -> None:
    lines = lines_to_reach(agreed, wanted, {OUTREACH: of_step}, from_day)
    after = (*agreed, *lines)
    for role in ROLES:
        for day in (from_day, max(from_day, later), _day(28)):
            assert responsible(after, role, day) == wanted[role]
            assert responsible(after, role, day, OUTREACH) == (of_step or wanted[role])
        if later < from_day:
            assert responsible(after, role, later) == responsible(agreed, role, later)
    assert lines_to_reach(after, wanted, {OUTREACH: of_step}, from_day) == ()
