"""
Complex care and own time.

Each row: a promise, its line of medicare-rules, the month, the codes, the blocked codes.
"""

from dataclasses import replace

import pytest

from ccm_flow.core.billing.evaluate import evaluate
from ccm_flow.core.billing.model import BillingFacts, CarePlanFact
from tests.support.billing import (
    BASE,
    HIGH,
    LOW,
    US,
    Row,
    assert_row,
    billed,
    complex_month,
    day,
    month,
    performed,
    rows,
    service,
    shelf,
)

COMPLEX: list[Row] = [
    (
        "at 60 the plain codes are better paid than the complex one",
        "99487 row",
        complex_month("60:00"),
        BASE | {"99439": 2},
        set(),
    ),
    (
        "whatever the decisions",
        "99487 row",
        complex_month("60:00", decisions=HIGH),
        BASE | {"99439": 2},
        set(),
    ),
    (
        "low decisions are not enough",
        "99487 row: moderate/high",
        complex_month("60:00", decisions=LOW),
        BASE | {"99439": 2},
        {"99487"},
    ),
    (
        "decisions that nobody recorded are not enough",
        "99487 row",
        complex_month("60:00", decisions=None),
        BASE | {"99439": 2},
        {"99487"},
    ),
    (
        "59:59 is not complex",
        "99487 row: 60 min",
        complex_month("59:59"),
        BASE | {"99439": 1},
        set(),
    ),
    (
        "so they are at 89:59, which is no complex add-on",
        "99489 row: 89 = 0",
        complex_month("89:59"),
        BASE | {"99439": 2},
        set(),
    ),
    ("90 gives one", "99489 row: 90", complex_month("90:00"), {"99487": 1, "99489": 1}, set()),
    ("119 still one", "99489 row: 120", complex_month("119:59"), {"99487": 1, "99489": 1}, set()),
    ("120 gives two", "99489 row: 120", complex_month("120:00"), {"99487": 1, "99489": 2}, set()),
    (
        "ten at most",
        "99489 row: MUE 10",
        complex_month("600:00"),
        {"99487": 1, "99489": 10},
        set(),
    ),
    (
        "a plan not touched this month is not complex care",
        "section 6, 5: default strict",
        month("60:00", decision_making=HIGH),
        BASE | {"99439": 2},
        {"99487"},
    ),
    (
        "a plan established this month is",
        "section 6, 5",
        month(
            "90:00",
            decision_making=HIGH,
            care_plan=CarePlanFact(day("2025-03-05"), day("2025-03-06")),
        ),
        {"99487": 1, "99489": 1},
        set(),
    ),
    (
        "a plan revised last month is not",
        "section 6, 5",
        month(
            "60:00",
            decision_making=HIGH,
            care_plan=CarePlanFact(day("2025-01-03"), day("2025-01-03"), day("2025-02-27")),
        ),
        BASE | {"99439": 2},
        {"99487"},
    ),
    (
        "the add-on never stands without its base",
        "pairs: add-on without base [S25]",
        complex_month("90:00", decisions=LOW),
        BASE | {"99439": 2},
        {"99487"},
    ),
]

OWN_TIME: list[Row] = [
    ("29:59 of one's own is staff's code", "99491 row: 30", month("", "29:59"), BASE, set()),
    ("30:00 is one's own code", "99491 row: 30", month("", "30:00"), {"99491": 1}, set()),
    (
        "59:59 is better paid by staff's codes, which it may count for",
        "99437 row: 60",
        month("", "59:59"),
        BASE | {"99439": 1},
        set(),
    ),
    ("so is 60", "99437 row: 60", month("", "60:00"), BASE | {"99439": 2}, set()),
    ("90 gives two", "99437 row: 90", month("", "90:00"), {"99491": 1, "99437": 2}, set()),
    (
        "150 gives no third",
        "99437 row: MUE 2",
        month("", "150:00"),
        {"99491": 1, "99437": 2},
        set(),
    ),
    (
        "staff's minutes never reach the practitioner's code",
        "section 2, arithmetic",
        month("25:00", "29:00"),
        BASE | {"99439": 1},
        set(),
    ),
    (
        "of two ways the better paid is taken",
        "pairs: families, pick one",
        month("20:00", "30:00"),
        BASE | {"99439": 1},
        set(),
    ),
    (
        "and it may be the practitioner's",
        "pairs: families, pick one",
        month("5:00", "30:00"),
        {"99491": 1},
        set(),
    ),
    (
        "an assessment stands beside the minutes",
        "G0506 row",
        month("20:00", performed=(performed("G0506", "2025-03-04"),)),
        BASE | {"G0506": 1},
        set(),
    ),
    (
        "and is paid once",
        "G0506 row: once",
        month(
            "20:00",
            performed=(performed("G0506", "2025-03-04"),),
            services=(service("G0506", "2024-02-01", US),),
        ),
        BASE,
        {"G0506"},
    ),
    (
        "twice in a month is one unit",
        "G0506 row: once",
        month(performed=(performed("G0506", "2025-03-04"), performed("G0506", "2025-03-05"))),
        {"G0506": 1},
        set(),
    ),
]


@pytest.mark.parametrize(("facts", "codes", "blocked"), rows([*COMPLEX, *OWN_TIME]))
def test_a_month_is_billed(facts: BillingFacts, codes: dict[str, int], blocked: set[str]) -> None:
    assert_row(facts, codes, blocked)


FAMILIES = [
    ("complex at 59:59", "99487 row", complex_month("59:59"), {}),
    ("complex at 60:00", "99487 row", complex_month("60:00"), {"99487": 1}),
    ("complex at 89:59", "99489 row: 89 = 0", complex_month("89:59"), {"99487": 1}),
    ("complex at 90:00", "99489 row", complex_month("90:00"), {"99487": 1, "99489": 1}),
    ("complex at 120:00", "99489 row", complex_month("120:00"), {"99487": 1, "99489": 2}),
    ("one's own at 29:59", "99491 row", month("", "29:59"), {}),
    ("one's own at 30:00", "99491 row", month("", "30:00"), {"99491": 1}),
    ("one's own at 59:59", "99437 row", month("", "59:59"), {"99491": 1}),
    ("one's own at 60:00", "99437 row", month("", "60:00"), {"99491": 1, "99437": 1}),
    ("one's own at 90:00", "99437 row", month("", "90:00"), {"99491": 1, "99437": 2}),
    ("one's own at 120:00", "99437 row: MUE 2", month("", "120:00"), {"99491": 1, "99437": 2}),
]


@pytest.mark.parametrize(("facts", "codes"), rows(FAMILIES))
def test_thresholds_where_the_better_paid_codes_are_not_there(
    facts: BillingFacts, codes: dict[str, int]
) -> None:
    book = shelf().book(facts.month)
    others = {code: rule for code, rule in book.codes.items() if code not in ("99490", "99439")}
    assert billed(evaluate(replace(book, codes=others), facts)) == codes
