"""
Conditions as data: nested tuples, parsed and type-checked by the language, evaluated here.

`minutes < 20 and days_left > 3` is
`("and", ("<", ("fact", "minutes"), 20), (">", ("fact", "days_left"), 3))`.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BeforeValidator

from ccm_flow.core.errors import PlanError
from ccm_flow.core.facts import Facts, FactValue


def _as_tuples(expr: Any) -> Any:
    """Make tuples of the lists that JSON gives back, so that plans compare and hash."""
    return tuple(_as_tuples(part) for part in expr) if isinstance(expr, (list, tuple)) else expr


Expr = Annotated[Any, BeforeValidator(_as_tuples)]
"""A literal, or a tuple of an operator and its operands."""

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
        "==": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
    }
)
ARITHMETIC: Mapping[str, Callable[[int, int], int]] = MappingProxyType(
    {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}
)
FUNCTIONS: Mapping[str, Callable[..., int]] = MappingProxyType({"min": min, "max": max, "abs": abs})


def holds(expr: Expr, facts: Facts) -> bool:
    """Evaluate a condition; its type was checked when the playbook was."""
    return bool(evaluate(expr, facts))


def evaluate(expr: Expr, facts: Facts) -> FactValue:
    """Give the value of an expression over facts."""
    if not isinstance(expr, tuple):
        value: FactValue = expr
        return value
    op = expr[0]
    if op == "fact":
        return facts[expr[1]]
    if op == "and":
        return all(evaluate(part, facts) for part in expr[1:])
    if op == "or":
        return any(evaluate(part, facts) for part in expr[1:])
    if op == "not":
        return not evaluate(expr[1], facts)
    compare = COMPARISONS.get(op)
    if compare is not None:
        return compare(evaluate(expr[1], facts), evaluate(expr[2], facts))
    return _rarer(op, expr[1:], facts)


def _rarer(op: str, operands: Sequence[Expr], facts: Facts) -> FactValue:
    if op == "in":
        return evaluate(operands[0], facts) in [evaluate(part, facts) for part in operands[1:]]
    values = [evaluate(part, facts) for part in operands]
    if op == "neg":
        return -int(values[0])
    if op in ARITHMETIC:
        return ARITHMETIC[op](int(values[0]), int(values[1]))
    if op in FUNCTIONS:
        return FUNCTIONS[op](*values)
    raise PlanError(f"The compiled playbook uses '{op}', which this version does not know.")


def facts_used(expr: Expr) -> frozenset[str]:
    """Name the facts an expression asks about."""
    if not isinstance(expr, tuple):
        return frozenset()
    if expr[0] == "fact":
        return frozenset([expr[1]])
    return frozenset().union(*(facts_used(part) for part in expr[1:]))
