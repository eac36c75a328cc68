"""Compiled conditions: every operator, and that all survive being written as JSON."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from ccm_flow.core.errors import PlanError
from ccm_flow.core.expressions import Expr, evaluate, facts_used, holds
from ccm_flow.core.facts import FactValue

JSON: TypeAdapter[Any] = TypeAdapter(Expr)
FACTS: dict[str, FactValue] = {"minutes": 14, "days_left": 3, "consent": True, "risk": "high"}
MINUTES, DAYS, RISK = ("fact", "minutes"), ("fact", "days_left"), ("fact", "risk")


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (True, True),
        (MINUTES, 14),
        (("<", MINUTES, 14), False),
        (("<=", MINUTES, 14), True),
        ((">", MINUTES, 13), True),
        ((">=", MINUTES, 15), False),
        (("==", RISK, "high"), True),
        (("!=", RISK, "high"), False),
        (("not", ("fact", "consent")), False),
        (("and", ("<", MINUTES, 20), (">", DAYS, 2)), True),
        (("and", ("<", MINUTES, 20), (">", DAYS, 3)), False),
        (("or", ("<", MINUTES, 10), (">", DAYS, 2)), True),
        (("or", ("<", MINUTES, 10), (">", DAYS, 3)), False),
        (("in", RISK, "high", "standard"), True),
        (("in", RISK, "standard"), False),
        (("+", MINUTES, 6), 20),
        (("-", 20, MINUTES), 6),
        (("*", DAYS, 2), 6),
        (("neg", DAYS), -3),
        (("min", MINUTES, DAYS), 3),
        (("max", MINUTES, DAYS, 99), 99),
        (("abs", ("neg", DAYS)), 3),
        ((">=", ("+", MINUTES, ("*", DAYS, 2)), 20), True),
    ],
)
def test_a_condition_means_what_it_says(expr: Any, expected: object) -> None:
    """The same before and after it travelled as JSON."""
    assert evaluate(expr, FACTS) == expected
    carried = JSON.validate_json(JSON.dump_json(expr))
    assert carried == expr
    assert evaluate(carried, FACTS) == expected
    assert holds(expr, FACTS) is bool(expected)


def test_the_facts_a_condition_asks_about_are_named() -> None:
    """So that the record knows what to bring along."""
    expr = ("and", ("<", MINUTES, 20), ("not", ("in", RISK, "high")), True)
    assert facts_used(expr) == {"minutes", "risk"}


def test_an_operator_of_a_later_version_is_refused() -> None:
    """It is never taken for true, nor for false."""
    with pytest.raises(PlanError, match="'xor', which this version does not know"):
        evaluate(("xor", True, False), FACTS)
