"""
Advanced primary care.

Each row: a promise, its line of medicare-rules, the month, the codes, the blocked codes.
"""

from dataclasses import replace

import pytest

from ccm_flow.core.billing.model import BillingFacts
from tests.support.billing import (
    US,
    Row,
    assert_row,
    beside,
    day,
    month,
    performed,
    rows,
    service,
)

APCM = frozenset({"primary_care"})
WHOLE: set[str] = {"99490"}


def apcm(of: str = "2025-03", **changes: object) -> BillingFacts:
    return month(of=of, programs=("APCM",), attested=APCM, **changes)


PRIMARY: list[Row] = [
    (
        "one condition is the first level",
        "G0556 row",
        apcm(condition_groups=1),
        {"G0556": 1},
        set(),
    ),
    ("none too", "G0556 row", apcm(condition_groups=0), {"G0556": 1}, set()),
    ("two are the second", "G0557 row", apcm(condition_groups=2), {"G0557": 1}, set()),
    (
        "two and QMB are the third",
        "G0558 row",
        apcm(condition_groups=2, qmb=True),
        {"G0558": 1},
        set(),
    ),
    (
        "one and QMB are the first",
        "G0556 row",
        apcm(condition_groups=1, qmb=True),
        {"G0556": 1},
        set(),
    ),
    ("before 2025 there is none", "section 6, 3", apcm("2024-12"), {}, set()),
    ("from January 2025 there is", "section 6, 3", apcm("2025-01"), {"G0557": 1}, set()),
    (
        "a visit three years ago is enough",
        "APCM look-back [S12]",
        apcm(initiating_visit_on=day("2022-01-01")),
        {"G0557": 1},
        set(),
    ),
    (
        "a day more is not",
        "APCM look-back [S12]",
        apcm(initiating_visit_on=day("2021-12-31")),
        {},
        {"G0557"},
    ),
    (
        "all primary care must be stated",
        "APCM rows [S13v]",
        replace(apcm(), attested=frozenset()),
        {},
        {"G0557"},
    ),
    (
        "chronic care blocks it",
        "pairs: APCM + CCM [S11]",
        apcm(services=(service("99490", "2025-03-02"),)),
        {},
        {"G0557"},
    ),
    ("it blocks chronic care", "pairs: APCM + CCM [S11]", beside("G0557"), {}, WHOLE),
    (
        "a virtual check-in by us blocks it",
        "pairs: APCM [S11]",
        apcm(services=(service("98016", "2025-03-02", US),)),
        {},
        {"G0557"},
    ),
    (
        "a consultation by us too",
        "pairs: APCM [S11]",
        apcm(services=(service("99447", "2025-03-02", US),)),
        {},
        {"G0557"},
    ),
    (
        "monitoring does not",
        "pairs: APCM + RPM [S14v]",
        apcm(services=(service("99457", "2025-03-02", US),)),
        {"G0557": 1},
        set(),
    ),
    (
        "nor community health",
        "pairs: APCM + CHI [S12]",
        apcm(services=(service("G0019", "2025-03-02", US),)),
        {"G0557": 1},
        set(),
    ),
    (
        "in 2025 behavioral health does not",
        "pairs: APCM + 99484",
        apcm(services=(service("99484", "2025-03-02", US),)),
        {"G0557": 1},
        set(),
    ),
    (
        "care after a discharge that reaches into the month blocks it",
        "TCM overlap tests the 30-day window",
        apcm(services=(service("99495", "2025-02-20", US, "2025-02-10"),)),
        {},
        {"G0557"},
    ),
    (
        "one whose 30 days ended before does not",
        "TCM overlap tests the 30-day window",
        apcm(services=(service("99495", "2025-02-20", US, "2025-01-30"),)),
        {"G0557": 1},
        set(),
    ),
    (
        "the thirtieth day still counts",
        "TCM overlap tests the 30-day window",
        apcm(services=(service("99495", "2025-02-10", US, "2025-01-31"),)),
        {},
        {"G0557"},
    ),
    (
        "in 2026 its behavioral add-on goes with it",
        "G0568-70 row [S14v]",
        apcm("2026-03", performed=(performed("G0570", "2026-03-04"),)),
        {"G0557": 1, "G0570": 1},
        set(),
    ),
    (
        "which has no base without it",
        "pairs: add-on without base",
        replace(
            apcm("2026-03", performed=(performed("G0570", "2026-03-04"),)), attested=frozenset()
        ),
        {},
        {"G0557", "G0570"},
    ),
    (
        "and gives way to behavioral health that was billed",
        "pairs: APCM + 99484, 2026",
        apcm(
            "2026-03",
            performed=(performed("G0570", "2026-03-04"),),
            services=(service("99484", "2026-03-02", US),),
        ),
        {"G0557": 1},
        {"G0570"},
    ),
    (
        "behavioral health alone stands beside it in 2026",
        "pairs: APCM + 99484, 2026",
        apcm("2026-03", services=(service("99484", "2026-03-02", US),)),
        {"G0557": 1},
        set(),
    ),
    (
        "in 2025 there is no such add-on",
        "section 6, 4",
        apcm(performed=(performed("G0570", "2025-03-04"),)),
        {"G0557": 1},
        set(),
    ),
]


@pytest.mark.parametrize(("facts", "codes", "blocked"), rows(PRIMARY))
def test_a_month_is_billed(facts: BillingFacts, codes: dict[str, int], blocked: set[str]) -> None:
    assert_row(facts, codes, blocked)
