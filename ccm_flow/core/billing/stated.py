"""
What people state about a patient's billing that nothing else on record says.

Statements are only ever added; the latest one counts, and `no` takes a word back.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, assert_never

from ccm_flow.core.billing.model import Code, DecisionMaking, DeviceDays, Performed
from ccm_flow.core.errors import CcmError
from ccm_flow.core.month import Month


class FactKind(StrEnum):
    """What may be stated."""

    DECISION_MAKING = "decision_making"
    """How complex the practitioner's medical decisions of the month were."""
    QMB = "qmb"
    """A qualified Medicare beneficiary, from a month on."""
    PRIMARY_CARE = "primary_care"
    """The practitioner is responsible for all primary care, from a month on (APCM)."""
    LIVE_CONTACT = "live_contact"
    """A live talk with the patient or caregiver took place in the month (RPM)."""
    PERFORMED = "performed"
    """An act that a code stands for, and its day, e.g. G0506 at the initiating visit."""
    DEVICE_DAYS = "device_days"
    """Days with readings, and the last day of the 30-day period."""


FROM_THEN_ON: Final = frozenset({FactKind.QMB, FactKind.PRIMARY_CARE})
"""Hold from their month on; all others hold for their month alone."""
PRACTITIONERS_WORD: Final = frozenset({FactKind.DECISION_MAKING, FactKind.PRIMARY_CARE})
"""Only the practitioner can state these."""
TAKEN_BACK: Final = "no"
_YES: Final = "yes"
_MOST_DAYS: Final = 30
_FORMS: Final = {
    FactKind.DECISION_MAKING: f"{', '.join(DecisionMaking)} or no",
    FactKind.QMB: "yes or no",
    FactKind.PRIMARY_CARE: "yes or no",
    FactKind.LIVE_CONTACT: "yes or no",
    FactKind.PERFORMED: "a code and its day, such as CODE@2026-12-04, or CODE@no",
    FactKind.DEVICE_DAYS: "days and the period's last day, such as 18@2026-12-30, or no",
}
_CODE: Final = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]")


class BadStatementError(CcmError):
    """A statement that means nothing."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing somebody stated."""

    kind: FactKind
    month: Month
    """The month it is about, or from which it holds."""
    value: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Stated:
    """What stands for a month, by the latest statements."""

    decision_making: DecisionMaking | None = None
    """None when nobody stated any."""
    qmb: bool | None = None
    """None when nobody said; then the insurance on record tells."""
    attested: frozenset[str] = frozenset()
    """The words that rule files ask for."""
    performed: tuple[Performed, ...] = ()
    device: DeviceDays | None = None


def read_statement(text: str, month: Month) -> tuple[FactKind, str]:
    """
    Read `KIND=VALUE` as people type it.

    Raises:
        BadStatementError: there is no such kind, or the value is none of this kind.
    """
    name, _, value = (part.strip() for part in text.partition("="))
    if name not in list(FactKind):
        raise BadStatementError(
            f"'{name}' is nothing that can be stated.", f"Choose one of {', '.join(FactKind)}."
        )
    kind = FactKind(name)
    if not _is_sound(kind, value, month):
        raise BadStatementError(
            f"'{value}' does not fit {kind} in {month}.", f"Give {_FORMS[kind]}; days lie in it."
        )
    return kind, value


def _is_sound(kind: FactKind, value: str, month: Month) -> bool:
    match kind:
        case FactKind.DECISION_MAKING:
            return value in (*DecisionMaking, TAKEN_BACK)
        case FactKind.QMB | FactKind.PRIMARY_CARE | FactKind.LIVE_CONTACT:
            return value in (_YES, TAKEN_BACK)
        case FactKind.PERFORMED:
            code, _, day = value.partition("@")
            return bool(_CODE.fullmatch(code)) and (day == TAKEN_BACK or _lies_in(day, month))
        case FactKind.DEVICE_DAYS:
            days, _, day = value.partition("@")
            counted = days.isascii() and days.isdecimal() and 0 < int(days) <= _MOST_DAYS
            return value == TAKEN_BACK or (counted and _lies_in(day, month))
        case _ as never:
            assert_never(never)


def _lies_in(text: str, month: Month) -> bool:
    try:
        return Month.of(date.fromisoformat(text)) == month
    except ValueError:
        return False


def stated_for(statements: Iterable[Statement], month: Month) -> Stated:
    """Give what stands for a month; of what was said twice the later word."""
    latest: dict[FactKind, str] = {}
    performed: dict[Code, str] = {}
    for one in sorted(statements, key=lambda one: (one.month, one.at)):
        holds = one.month <= month if one.kind in FROM_THEN_ON else one.month == month
        if not holds:
            continue
        if one.kind is FactKind.PERFORMED:
            code, _, day = one.value.partition("@")
            performed[Code(code)] = day
        else:
            latest[one.kind] = one.value
    level = latest.get(FactKind.DECISION_MAKING, TAKEN_BACK)
    qmb = latest.get(FactKind.QMB)
    words = (FactKind.PRIMARY_CARE, FactKind.LIVE_CONTACT)
    return Stated(
        decision_making=None if level == TAKEN_BACK else DecisionMaking(level),
        qmb=None if qmb is None else qmb == _YES,
        attested=frozenset(kind.value for kind in words if latest.get(kind) == _YES),
        performed=tuple(
            Performed(code, date.fromisoformat(day))
            for code, day in sorted(performed.items())
            if day != TAKEN_BACK
        ),
        device=_device(latest.get(FactKind.DEVICE_DAYS, TAKEN_BACK)),
    )


def _device(value: str) -> DeviceDays | None:
    if value == TAKEN_BACK:
        return None
    days, _, ends_on = value.partition("@")
    return DeviceDays(int(days), date.fromisoformat(ends_on))
