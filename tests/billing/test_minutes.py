"""
From minutes to codes.

Each row: a promise, its line of medicare-rules, the month, the codes, the blocked codes.
"""

from dataclasses import replace

import pytest

from ccm_flow.core.billing.model import BillingFacts
from tests.support.billing import BASE, Row, assert_row, month, rows, work

MINUTES: list[Row] = [
    ("no work gives nothing", "99490 row", month(), {}, set()),
    ("19:59 is not 20 minutes", "99490 row: 20 min", month("19:59"), {}, set()),
    ("20:00 is", "99490 row: 20 min", month("20:00"), BASE, set()),
    ("20:01 is too", "99490 row", month("20:01"), BASE, set()),
    ("39:59 gives no add-on", "99439 row: each full +20", month("39:59"), BASE, set()),
    ("40:00 gives one", "99439 row: 40", month("40:00"), BASE | {"99439": 1}, set()),
    ("59:59 gives one", "99439 row: 60", month("59:59"), BASE | {"99439": 1}, set()),
    (
        "60:00 without complex decisions gives two",
        "99439 row: 60",
        month("60:00"),
        BASE | {"99439": 2},
        {"99487"},
    ),
    ("80:00 gives no third", "99439 row: max 2", month("80:00"), BASE | {"99439": 2}, {"99487"}),
    ("300:00 neither", "99439 row: max 2", month("300:00"), BASE | {"99439": 2}, {"99487"}),
    (
        "seconds of several entries are summed before flooring",
        "section 2, arithmetic",
        replace(month(), time=(work("9:59"), work("10:01", at="2025-03-11T10:00"))),
        BASE,
        set(),
    ),
    (
        "entries are not floored one by one",
        "section 2, arithmetic",
        replace(month(), time=tuple(work("6:40", at=f"2025-03-{d}T10:00") for d in (10, 11, 12))),
        BASE,
        set(),
    ),
    (
        "the same entry twice counts once",
        "section 2: any minute billed elsewhere",
        replace(month(), time=(work("10:00"), work("10:00"))),
        {},
        set(),
    ),
    (
        "an entry of no length counts nothing",
        "section 2, arithmetic",
        replace(month(), time=(work("20:00"), work("0:00", at="2025-03-01T10:00"))),
        BASE,
        set(),
    ),
    (
        "staff's and the practitioner's minutes add up to 20",
        "section 1 row 99490 [S4]",
        month("12:00", "8:00"),
        BASE,
        set(),
    ),
    ("the practitioner's own 20 suffice", "row 99490 [S4]", month("", "20:00"), BASE, set()),
    (
        "the last minute of the month counts for it, on the clinic's clock",
        "section 2: carried from another month",
        replace(month(), time=(work("20:00", at="2025-03-31T23:59"),)),
        BASE,
        set(),
    ),
    (
        "work of another month does not count",
        "section 2: carried from another month [S39]",
        replace(month(), time=(work("20:00", at="2025-04-01T00:00"),)),
        {},
        set(),
    ),
    (
        "nor that of the month before",
        "section 2: carried from another month [S39]",
        replace(month(), time=(work("10:00"), work("10:00", at="2025-02-28T23:00"))),
        {},
        set(),
    ),
    (
        "minutes of another program do not count",
        "section 2: any minute billed elsewhere",
        replace(month(), time=(work("12:00"), work("8:00", program="RPM"))),
        {},
        set(),
    ),
]


@pytest.mark.parametrize(("facts", "codes", "blocked"), rows(MINUTES))
def test_a_month_is_billed(facts: BillingFacts, codes: dict[str, int], blocked: set[str]) -> None:
    assert_row(facts, codes, blocked)
