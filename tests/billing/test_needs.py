"""
What must be there.

Each row: a promise, its line of medicare-rules, the month, the codes, the blocked codes.
"""

from dataclasses import replace

import pytest

from ccm_flow.core.billing.model import BillingFacts, CarePlanFact
from tests.support.billing import (
    BASE,
    THEM,
    Row,
    assert_row,
    consent,
    day,
    month,
    rows,
    work,
)

WHOLE: set[str] = {"99490"}
NEEDS: list[Row] = [
    ("no consent, no bill", "section 2, consent", month("20:00", consent=None), {}, WHOLE),
    (
        "a declined one is none",
        "section 2, consent",
        month("20:00", consent=consent("2025-01-03T09:00", accepted=False)),
        {},
        WHOLE,
    ),
    (
        "one for another practitioner is none",
        "section 2, consent: unless practitioner changes",
        month("20:00", consent=consent("2025-01-03T09:00", THEM)),
        {},
        WHOLE,
    ),
    (
        "work before the consent does not count",
        "section 2: pre-consent outreach",
        month("20:00", consent=consent("2025-03-10T10:30")),
        {},
        set(),
    ),
    (
        "work after it does",
        "section 2: consent before service",
        month("20:00", consent=consent("2025-03-10T09:59")),
        BASE,
        set(),
    ),
    (
        "work from the very minute on counts",
        "section 2: consent before service",
        month("20:00", consent=consent("2025-03-10T10:00")),
        BASE,
        set(),
    ),
    (
        "only the work after it makes up the threshold",
        "section 2: pre-consent outreach",
        replace(
            month(consent=consent("2025-03-12T00:00")),
            time=(work("15:00"), work("19:00", at="2025-03-13T10:00")),
        ),
        {},
        set(),
    ),
    (
        "a month in which it was revoked is still billed",
        "section 2, consent: end of calendar month",
        month("20:00", consent=consent("2025-01-03T09:00", last="2025-03-31")),
        BASE,
        set(),
    ),
    (
        "the month after is not",
        "section 2, consent: end of calendar month",
        month("20:00", consent=consent("2025-01-03T09:00", last="2025-02-28")),
        {},
        WHOLE,
    ),
    ("no care plan, no bill", "section 2, care plan", month("20:00", care_plan=None), {}, WHOLE),
    (
        "a plan nobody got is not enough",
        "section 2, care plan: copy [S2]",
        month("20:00", care_plan=CarePlanFact(day("2025-01-03"))),
        {},
        WHOLE,
    ),
    (
        "a plan made after the month is none",
        "section 2, care plan",
        month("20:00", care_plan=CarePlanFact(day("2025-04-01"), day("2025-04-01"))),
        {},
        WHOLE,
    ),
    (
        "one condition is too few",
        "section 2, conditions",
        month("20:00", condition_groups=1),
        {},
        WHOLE,
    ),
    ("two are enough", "section 2, conditions", month("20:00", condition_groups=2), BASE, set()),
    (
        "no starting visit, no bill",
        "section 2, initiating visit",
        month("20:00", initiating_visit_on=None),
        {},
        WHOLE,
    ),
    (
        "a visit a year before enrolling is enough",
        "section 2: within 1 year",
        month("20:00", initiating_visit_on=day("2024-01-01")),
        BASE,
        set(),
    ),
    (
        "a day more is not",
        "section 2: within 1 year",
        month("20:00", initiating_visit_on=day("2023-12-31")),
        {},
        WHOLE,
    ),
    (
        "a visit after the work is not",
        "section 2, initiating visit",
        month("20:00", initiating_visit_on=day("2025-03-11")),
        {},
        WHOLE,
    ),
]


@pytest.mark.parametrize(("facts", "codes", "blocked"), rows(NEEDS))
def test_a_month_is_billed(facts: BillingFacts, codes: dict[str, int], blocked: set[str]) -> None:
    assert_row(facts, codes, blocked)
