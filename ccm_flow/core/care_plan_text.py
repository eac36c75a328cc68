"""Reads a care plan from a file's values or a note's fields, and writes it back as plain values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from ccm_flow.core.care_plan import CONFIRM, TITLES, CarePlan, Goal, Intervention

_TEXTS: Final = ("outcome", "function", "caregiver", "environment")
_GOAL_PARTS: Final = ("goal", "measure", "target", "by")
_INTERVENTION_PARTS: Final = ("what", "who")


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """A plan, and everything in its source that could not be read."""

    plan: CarePlan
    problems: tuple[str, ...] = ()


class _UnreadableError(Exception):
    """One element cannot be read; the sentence says why."""


def read_plan(values: Mapping[str, object]) -> ReadPlan:
    """
    Read a plan from named elements.

    An element is a list, or a text with one item on each line (as in a note's field). The parts
    of a goal or an intervention are named, or stand between `|`: `Walk daily | steps | 4000 |
    by 2027-03-01`. What cannot be read is named and left out.
    """
    found: dict[str, object] = {}
    problems = [f"A care plan has no element '{name}'." for name in values if name not in TITLES]
    for name in TITLES:
        value = values.get(name)
        if value is None or value == "":
            continue
        try:
            found[name] = _READERS[name](value)
        except _UnreadableError as error:
            problems.append(f"'{TITLES[name]}' ({name}): {error}")
    return ReadPlan(replace(CarePlan(), **found), tuple(problems))  # type: ignore[arg-type]


def revise(old: CarePlan, values: Mapping[str, object]) -> ReadPlan:
    """Give the next version: what is given takes the place of the old, all else stays."""
    read = read_plan({name: value for name, value in values.items() if name in TITLES})
    given = {name: getattr(read.plan, name) for name in TITLES if getattr(read.plan, name)}
    return ReadPlan(replace(old, **given), read.problems)


def plain_plan(plan: CarePlan) -> dict[str, object]:
    """Write a plan as values that JSON and YAML have; `read_plan` reads them back."""
    return {name: _plain(getattr(plan, name)) for name in TITLES}


def draft_plan(conditions: Iterable[str], medicines: Iterable[str]) -> CarePlan:
    """Prefill a plan from what was imported; every line is marked to be confirmed."""
    return CarePlan(
        problems=tuple(f"{line} {CONFIRM}" for line in conditions),
        medicines=tuple(f"{line} {CONFIRM}" for line in medicines),
    )


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Goal):
        return {"goal": value.goal, "measure": value.measure, "target": value.target} | {
            "by": value.by.isoformat() if value.by else None
        }
    if isinstance(value, Intervention):
        return {"what": value.what, "who": value.who}
    return value.isoformat() if isinstance(value, date) else value


def _text(value: object) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise _UnreadableError("write a text.")
    return str(value).strip()


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise _UnreadableError(f"'{str(value)[:40]}' is not a date such as 2026-12-31.") from None


def _items(value: object) -> list[object]:
    if isinstance(value, str):
        return [line.strip(" -\t") for line in value.splitlines() if line.strip(" -\t")]
    if not isinstance(value, list | tuple):
        raise _UnreadableError("write a list, one item on each line.")
    return [item for item in value if not _is_blank(item)]


def _is_blank(item: object) -> bool:
    """Tell whether an item of a form was left empty."""
    if isinstance(item, Mapping):
        return not any(item.values())
    return item in (None, "")


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for text in map(_text, _items(value)) if text)


def _goals(value: object) -> tuple[Goal, ...]:
    return tuple(_goal(_parts(item, _GOAL_PARTS)) for item in _items(value))


def _goal(parts: Mapping[str, object]) -> Goal:
    by = parts.get("by")
    if isinstance(by, str):
        by = by.strip().removeprefix("by ").strip()
    return Goal(
        goal=_text(parts.get("goal", "")),
        measure=_text(parts.get("measure", "")),
        target=_text(parts.get("target", "")),
        by=_day(by) if by else None,
    )


def _interventions(value: object) -> tuple[Intervention, ...]:
    found = (_parts(item, _INTERVENTION_PARTS) for item in _items(value))
    return tuple(
        Intervention(_text(parts.get("what", "")), _text(parts.get("who", ""))) for parts in found
    )


def _parts(item: object, names: tuple[str, ...]) -> Mapping[str, object]:
    """Give an item's named parts, from a mapping or from a line with `|` between them."""
    if isinstance(item, str):
        pieces = [piece.strip() for piece in item.split("|")]
        if len(pieces) > len(names):
            raise _UnreadableError(f"'{item[:60]}' has more parts than {', '.join(names)}.")
        return dict(zip(names, pieces, strict=False))
    if not isinstance(item, Mapping):
        raise _UnreadableError(f"write the parts {', '.join(names)}.")
    unknown = [str(name) for name in item if name not in names]
    if unknown:
        raise _UnreadableError(f"'{unknown[0][:40]}' is not one of {', '.join(names)}.")
    if not item.get(names[0]):
        raise _UnreadableError(f"an item has no '{names[0]}'.")
    return {str(name): value for name, value in item.items() if value is not None}


_READERS: Mapping[str, Callable[[object], object]] = {
    name: _text if name in _TEXTS else _texts for name in TITLES
} | {"goals": _goals, "interventions": _interventions, "review_on": _day}
