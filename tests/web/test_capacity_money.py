"""Revenue and cost of the months ahead, as a sentence on the page of capacity."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ccm_flow.adapters.shipped import shipped
from ccm_flow.core.ids import RoleId
from ccm_flow.core.month import Month
from ccm_flow.rehearsal.capacity import CapacityForecast, MonthForecast, RoleForecast
from ccm_flow.web.capacity_page import WAGE, Slider, Sliders, balance_of

HOURS = {"nurse": 100, "scribe": 10, "idle": 0}
"""What each role needs; the idle one only has time kept for it."""


def said(revenues: Sequence[int | None], **wages: int) -> str:
    months = tuple(
        MonthForecast(Month(2026, number), 10, 9, 6600, amount, None, False, None)
        for number, one in enumerate(revenues, start=1)
        for amount in [None if one is None else Decimal(one)]
    )
    roles = tuple(
        RoleForecast(RoleId(role), role.title(), hours * 60, 900, None, None, 0)
        for role, hours in HOURS.items()
    )
    sliders = Sliders(
        patients=Slider("patients", "Patients", 0, 10, 10, 10),
        people=(),
        minutes=(),
        wages=tuple(Slider(f"{WAGE}{role}", role, 0, 300, 0, wage) for role, wage in wages.items()),
    )
    balance = balance_of(CapacityForecast((), months, roles, ()), sliders)
    environment = Environment(
        loader=FileSystemLoader(shipped("templates") / "web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    parts = environment.get_template("capacity_parts.html.j2").module
    return str(parts.balance_words(balance))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("revenues", "wages", "words"),
    [
        ([4000, 5000], {"nurse": 50, "scribe": 20}, "cost $5,200; $3,800 are left."),
        ([100, 100], {"nurse": 50, "scribe": 20}, "cost $5,200; $5,000 are missing."),
        ([4000, None], {"nurse": 50, "scribe": 20}, "not known. The hours cost $5,200."),
        ([None, None], {"nurse": 50, "scribe": 20}, "not known. The hours cost $5,200."),
        (
            [0, 0],
            {"nurse": 50, "scribe": 20},
            "allow $0. The hours cost $5,200; $5,200 are missing.",
        ),
        ([4000], {"nurse": 50, "scribe": 0}, "cost $5,000; 1 role has no wage yet."),
        ([4000], {}, "allow $4,000. What the hours cost is not known until wages are given."),
    ],
)
def test_a_difference_is_said_only_when_all_is_known(
    revenues: Sequence[int | None], wages: dict[str, int], words: str
) -> None:
    assert said(revenues, **wages).endswith(words)
