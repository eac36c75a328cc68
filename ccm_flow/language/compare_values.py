"""What changes between two versions of a playbook, as sentences, and how values are said."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, cast

from ccm_flow.core.deadlines import Anchor, Budget, DueRule, MonthDate, Unit, spoken
from ccm_flow.core.ids import RoleId, StepId
from ccm_flow.language.wording import date_words, due_words, joined, minutes_words, plain


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that will be different."""

    text: str
    """A plain sentence."""
    roles: tuple[RoleId, ...] = ()
    """Whom it concerns; everybody when empty."""
    step: StepId | None = None


def said(value: object) -> str:
    """Say any value of a plan."""
    match value:
        case None | () | "":
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case StrEnum() | str():
            return plain(value)
        case timedelta():
            return minutes_words(value)
        case Budget():
            return str(value)
        case MonthDate():
            return date_words(value)
        case Mapping():
            return joined([f"{plain(str(key))}: {said(item)}" for key, item in value.items()])
        case tuple() | list() | frozenset():
            return joined([said(item) for item in value])
    if is_dataclass(value) and not isinstance(value, type):
        shown = {field.name: getattr(value, field.name) for field in fields(value)}
        return ", ".join(f"{label(name)} {said(item)}" for name, item in shown.items() if item)
    return str(value)


def label(field: str) -> str:
    """Name a field of a plan inside a sentence: `from_` is `from`."""
    return plain(field.rstrip("_"))


def differing(old: object, new: object) -> list[str]:
    """Name the fields in which two values of one type differ."""
    names = [field.name for field in fields(cast(Any, new))]
    return [name for name in names if getattr(old, name) != getattr(new, name)]


def now_and_before(what: str, old: object, new: object) -> str:
    """Say a change of any value: `The phase of “X” is now outreach (was follow up).`."""
    return f"{what} is now {said(new)} (was {said(old)})."


def moved(subject: str, old: DueRule, new: DueRule) -> str:
    """Say that a deadline moves: `... is now due 1 business day earlier (was ...).`."""
    was, now = due_words(old), due_words(new)
    amount = _amount_moved(old, new)
    if amount is None:
        return f"{subject} is now due {now} (was {was})."
    count, unit = amount
    side = "later" if count > 0 else "earlier"
    was, now = was.removeprefix("by "), now.removeprefix("by ")
    return f"{subject} is now due {spoken(abs(count), unit)} {side} (was {was}, now {now})."


def _amount_moved(old: DueRule, new: DueRule) -> tuple[int, Unit] | None:
    """Give by how much a deadline moves, when both are counted alike."""
    if isinstance(old, Budget) and isinstance(new, Budget):
        return (new.count - old.count, new.unit) if old.unit is new.unit else None
    if not isinstance(old, MonthDate) or not isinstance(new, MonthDate):
        return None
    if old.anchor is not new.anchor:
        return None
    if old.number == new.number and _offset_unit(old, new) is not None:
        return new.offset - old.offset, _offset_unit(old, new) or new.offset_unit
    same_side = (old.number > 0) == (new.number > 0)
    if (old.offset, old.offset_unit) == (new.offset, new.offset_unit) and same_side:
        unit = Unit.BUSINESS_DAYS if new.anchor is Anchor.BUSINESS_DAY else Unit.DAYS
        return new.number - old.number, unit
    return None


def _offset_unit(old: MonthDate, new: MonthDate) -> Unit | None:
    units = {rule.offset_unit for rule in (old, new) if rule.offset}
    return units.pop() if len(units) == 1 and old.offset != new.offset else None
