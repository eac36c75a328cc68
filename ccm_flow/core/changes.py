"""What is different between two pictures of the same patient's month, in plain words."""

from collections.abc import Mapping
from typing import Any

from ccm_flow.core.canonical import Plain, canonical

_TITLES: Mapping[str, str] = {
    "care_plan": "care plan",
    "condition_groups": "chronic condition groups",
    "conditions": "chronic condition groups",
    "consent": "consent",
    "coverage": "Medicare Part B in force",
    "decision_making": "medical decision making",
    "discharges": "discharges",
    "enrolled_on": "first day in the program",
    "initiating_visit": "initiating visit",
    "initiating_visit_on": "initiating visit",
    "minutes": "minutes",
    "qmb": "qualified Medicare beneficiary",
    "services": "services billed elsewhere",
    "time": "counted time",
    "unsigned_notes": "unsigned notes",
}
_YES_NO = {True: "yes", False: "no", None: "none"}
_SHOWN = 3
"""How many rows of a list are named; the others are counted."""


def differences(before: Plain, after: Plain) -> tuple[str, ...]:
    """
    Say what changed from one picture to the other; empty when nothing did.

    Both are plain data, as `canonical.plain` makes it.
    """
    found: list[str] = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if canonical(old) != canonical(new):
            found += _difference(name, old, new)
    return tuple(dict.fromkeys(found))


def _difference(name: str, old: Any, new: Any) -> list[str]:
    title = _TITLES.get(name, name.replace("_", " "))
    if name == "time":
        return [_time(old or [], new or [])]
    if isinstance(old, list) and isinstance(new, list):
        return _rows(title, old, new)
    if isinstance(old, dict) and isinstance(new, dict):
        return [f"{title}, {part}" for part in differences(old, new)]
    return [f"{title}: was {_said(old)}, is {_said(new)} now"]


def _time(old: list[Plain], new: list[Plain]) -> str:
    """Say how the counted time moved: late entries and corrections show here."""
    before, after = ({row["id"]: row for row in rows} for rows in (old, new))
    added, gone = len(after.keys() - before.keys()), len(before.keys() - after.keys())
    both = before.keys() & after.keys()
    altered = sum(canonical(before[id_]) != canonical(after[id_]) for id_ in both)
    counts = [(added, "added"), (gone, "no longer counted"), (altered, "changed")]
    what = ", ".join(f"{count} {word}" for count, word in counts if count)
    return f"counted time: was {_minutes(old)}, is {_minutes(new)} now (entries: {what})"


def _minutes(rows: list[Plain]) -> str:
    seconds = sum(row["seconds"] for row in rows)
    return f"{seconds // 60} min {seconds % 60:02d} s"


def _rows(title: str, old: list[Any], new: list[Any]) -> list[str]:
    before, after = {canonical(row) for row in old}, {canonical(row) for row in new}
    found = [(row, "added") for row in new if canonical(row) not in before]
    found += [(row, "gone") for row in old if canonical(row) not in after]
    said = [f"{title}: {_said(row)} {what}" for row, what in found[:_SHOWN]]
    rest = len(found) - _SHOWN
    return [*said, f"{title}: {rest} more"] if rest > 0 else said


def _said(value: Any) -> str:
    """Say a value in words."""
    if value is None or isinstance(value, bool):
        return _YES_NO[value]
    if isinstance(value, dict):
        parts = (f"{name.replace('_', ' ')} {_said(item)}" for name, item in value.items() if item)
        return " ".join(parts) or "empty"
    if isinstance(value, list):
        return ", ".join(_said(item) for item in value) or "none"
    return str(value)
