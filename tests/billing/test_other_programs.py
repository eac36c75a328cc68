"""
Rural clinics, discharges, monitoring.

Each row: a promise, its line of medicare-rules, the month, the codes, the blocked codes.
"""

import pytest

from ccm_flow.core.billing.model import BillingFacts, Place
from tests.support.billing import (
    BASE,
    HIGH,
    THEM,
    US,
    Row,
    assert_row,
    discharge,
    month,
    performed,
    readings,
    rows,
    service,
    work,
)

LIVE = frozenset({"live_contact"})


def rural(
    of: str, staff: str = "20:00", place: Place = Place.RHC, **changes: object
) -> BillingFacts:
    return month(staff, of=of, place=place, **changes)


def tcm(*discharges: object, of: str = "2025-03", **changes: object) -> BillingFacts:
    return month(of=of, programs=("TCM",), discharges=discharges, **changes)


def rpm(staff: str = "", *, of: str = "2026-03", **changes: object) -> BillingFacts:
    return month(staff, of=of, programs=("RPM",), **{"attested": LIVE, **changes})


ELSEWHERE: list[Row] = [
    (
        "in 2024 a rural clinic bills its bundle",
        "section 6, 2",
        rural("2024-05"),
        {"G0511": 1},
        {"99490"},
    ),
    (
        "so does a health center",
        "section 6, 2",
        rural("2024-05", place=Place.FQHC),
        {"G0511": 1},
        {"99490"},
    ),
    ("an office does not", "section 6, 2", rural("2024-05", place=Place.OFFICE), BASE, set()),
    (
        "several bundles in a month",
        "G0511 row: several/month in 2024",
        month(
            of="2024-05",
            place=Place.RHC,
            programs=("CCM", "BHI"),
            time=(
                work("20:00", at="2024-05-10T10:00"),
                work("20:00", at="2024-05-11T10:00", program="BHI"),
            ),
        ),
        {"G0511": 2},
        {"99490", "99484"},
    ),
    ("in 2025 it bills the better of the two", "section 6, 2", rural("2025-03"), BASE, set()),
    (
        "until September the bundle may be better",
        "section 6, 2",
        rural("2025-09", programs=("BHI",)),
        {"G0511": 1},
        set(),
    ),
    (
        "from October on there is only the code itself",
        "section 6, 2 [S23]",
        rural("2025-10", programs=("BHI",)),
        {"99484": 1},
        {"G0511"},
    ),
    ("and in 2026", "section 6, 2", rural("2026-02"), BASE, set()),
    (
        "seen within 14 days after a discharge",
        "99495 row",
        tcm(discharge("2025-03-03", "2025-03-17")),
        {"99495": 1},
        set(),
    ),
    ("15 days are too late", "99495 row", tcm(discharge("2025-03-03", "2025-03-18")), {}, set()),
    (
        "within 7 and complex",
        "99496 row",
        tcm(discharge("2025-03-03", "2025-03-10", HIGH)),
        {"99496": 1},
        set(),
    ),
    (
        "complex but on day 8",
        "99496 row",
        tcm(discharge("2025-03-03", "2025-03-11", HIGH)),
        {"99495": 1},
        set(),
    ),
    (
        "nobody called",
        "99495 row: contact",
        tcm(discharge("2025-03-03", "2025-03-10", in_time=False)),
        {},
        set(),
    ),
    ("not seen", "99495 row: visit", tcm(discharge("2025-03-03", "")), {}, set()),
    (
        "another billed for the same discharge",
        "99495 row: one practitioner",
        tcm(
            discharge("2025-03-03", "2025-03-10"),
            services=(service("99495", "2025-03-12", THEM, "2025-03-03"),),
        ),
        {},
        {"99495"},
    ),
    (
        "another discharge in its 30 days",
        "99495 row: 30 days",
        tcm(
            discharge("2025-03-20", "2025-03-25"),
            services=(service("99495", "2025-03-05", THEM, "2025-03-01"),),
        ),
        {},
        {"99495"},
    ),
    (
        "one after them",
        "99495 row: 30 days",
        tcm(
            discharge("2025-03-20", "2025-03-25"),
            services=(service("99495", "2025-02-20", THEM, "2025-02-17"),),
        ),
        {"99495": 1},
        set(),
    ),
    (
        "16 days with readings",
        "99454 row",
        rpm(device=readings(16, "2026-03-30")),
        {"99454": 1},
        set(),
    ),
    ("15 in 2026", "99445 row", rpm(device=readings(15, "2026-03-30")), {"99445": 1}, set()),
    (
        "15 before 2026",
        "99445 row: from 2026",
        rpm(of="2025-03", device=readings(15, "2025-03-30")),
        {},
        set(),
    ),
    ("one day is not enough", "99445 row: 2", rpm(device=readings(1, "2026-03-30")), {}, set()),
    (
        "a period that ends next month is not this month's",
        "99454 row: per 30 days",
        rpm(device=readings(20, "2026-04-02")),
        {},
        set(),
    ),
    ("20 minutes on readings", "99457 row", rpm("20:00"), {"99457": 1}, set()),
    ("10 in 2026", "99470 row", rpm("10:00"), {"99470": 1}, set()),
    ("10 before 2026", "99470 row: from 2026", rpm("10:00", of="2025-03"), {}, set()),
    ("60 minutes", "99458 row", rpm("60:00"), {"99457": 1, "99458": 2}, set()),
    (
        "without a live talk",
        "99457 row: live interaction",
        rpm("20:00", attested=frozenset()),
        {},
        {"99457", "99470"},
    ),
    (
        "set-up again is a warning",
        "99453 row: once per episode",
        rpm(
            performed=(performed("99453", "2026-03-02"),),
            services=(service("99453", "2025-06-01", US),),
        ),
        {"99453": 1},
        set(),
    ),
]


@pytest.mark.parametrize(("facts", "codes", "blocked"), rows(ELSEWHERE))
def test_a_month_is_billed(facts: BillingFacts, codes: dict[str, int], blocked: set[str]) -> None:
    assert_row(facts, codes, blocked)
