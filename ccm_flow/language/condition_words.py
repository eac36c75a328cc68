"""Says conditions as people do: `minutes < 20` is `fewer than 20 minutes of work this month`."""

from collections.abc import Mapping
from types import MappingProxyType

from ccm_flow.core.expressions import Expr
from ccm_flow.core.facts import FACTS, FactType

_COUNTED: Mapping[str, str] = MappingProxyType(
    {
        "minutes": "minutes of work this month",
        "practitioner_minutes": "minutes of a practitioner's own work this month",
        "contacts": "contacts this month",
        "conditions": "chronic conditions on file",
        "unsigned_notes": "unsigned notes",
        "conflicts": "conflicting services",
        "days_left": "business days left in the month",
    }
)
_AMOUNTS: Mapping[str, str] = MappingProxyType(
    {
        "<": "fewer than {}",
        "<=": "at most {}",
        ">": "more than {}",
        ">=": "at least {}",
        "==": "exactly {}",
        "!=": "not exactly {}",
    }
)
_SAID: Mapping[str, str] = MappingProxyType(
    {
        "<": "is below",
        "<=": "is at most",
        ">": "is above",
        ">=": "is at least",
        "==": "is",
        "!=": "is not",
        "+": "plus",
        "-": "minus",
        "*": "times",
    }
)
_YES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "consent": ("consent is in force", "no consent is in force"),
        "care_plan": ("a care plan was shared", "no care plan was shared"),
        "initiating_visit": (
            "no initiating visit is needed any more",
            "an initiating visit is still needed",
        ),
        "coverage": ("Medicare Part B is in force", "Medicare Part B is not in force"),
    }
)


def condition_words(expr: Expr) -> str:
    """Say a condition."""
    if not isinstance(expr, tuple):
        return _literal(expr)
    op = expr[0]
    if op == "fact":
        return _fact(expr[1])
    if op in ("and", "or"):
        return f" {op} ".join(_within(part, op) for part in expr[1:])
    if op == "not":
        return _not(expr[1])
    if op == "in":
        choices = [condition_words(part) for part in expr[2:]]
        return f"{condition_words(expr[1])} is {' or '.join(choices)}"
    if op in _AMOUNTS and len(expr) == 3:
        return _compared(op, expr[1], expr[2])
    if op == "neg":
        return f"minus {condition_words(expr[1])}"
    if op in _SAID:
        return f"{condition_words(expr[1])} {_SAID[op]} {condition_words(expr[2])}"
    return f"the {op} of {', '.join(condition_words(part) for part in expr[1:])}"


def _compared(op: str, left: Expr, right: Expr) -> str:
    if isinstance(left, tuple) and left[0] == "fact" and isinstance(right, int):
        if isinstance(right, bool):
            wanted = right == (op == "==")
            return condition_words(left) if wanted else _not(left)
        if left[1] in _COUNTED:
            return f"{_AMOUNTS[op].format(right)} {_COUNTED[left[1]]}"
    return f"{condition_words(left)} {_SAID[op]} {condition_words(right)}"


def _within(part: Expr, op: str) -> str:
    """Bracket what would read differently without."""
    said = condition_words(part)
    mixed = isinstance(part, tuple) and part[0] in ("and", "or") and part[0] != op
    return f"({said})" if mixed else said


def _not(part: Expr) -> str:
    if isinstance(part, tuple) and part[0] == "fact" and part[1] in _YES:
        return _YES[part[1]][1]
    return f"not ({condition_words(part)})"


def _fact(name: str) -> str:
    if name in _YES:
        return _YES[name][0]
    spec = FACTS.get(name)
    if spec is not None and spec.type is FactType.YES_NO:
        return spec.meaning
    return f"the {name.replace('_', ' ')}"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
