"""What Medicare would allow for simulated months, by the dated billing rules alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from ccm_flow.core.billing.evaluate import evaluate
from ccm_flow.core.billing.model import (
    BillingFacts,
    CarePlanFact,
    ConsentFact,
    Practitioner,
    ProgramId,
    TimeFact,
    Worker,
)
from ccm_flow.core.billing.rules import RuleBook
from ccm_flow.core.billing.shelf import NoRulesError, RuleShelf
from ccm_flow.core.ids import PersonId
from ccm_flow.core.month import Month

_CENT: Final = Decimal("0.01")
_US: Final = PersonId("simulated")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a month's patients would bring, for each patient in the program."""

    amount: Decimal
    """Dollars that Medicare allows, patient's share included."""
    rules: str
    """The rule file."""
    assumed: bool
    """True when the file ends before the month and its amounts are taken to go on."""


def allowed_for(
    shelf: RuleShelf, program: str, month: Month, counted: Mapping[int, float]
) -> Allowed | None:
    """
    Weigh what is allowed for each number of minutes by how often it comes; None: not known.

    The months are taken to lack nothing but time: consent, care plan, two condition groups, an
    office, a physician, no other service beside them; all minutes are clinical staff's.
    """
    found = _book(shelf, month)
    if found is None:
        return None
    book, assumed = found
    which = book.last_month if assumed else month
    total = Decimal(0)
    for minutes, share in counted.items():
        amount = _amount(book, program, which, minutes)
        if amount is None:
            return None
        total += amount * Decimal(repr(share))
    return Allowed(total.quantize(_CENT), book.id, assumed)


def _book(shelf: RuleShelf, month: Month) -> tuple[RuleBook, bool] | None:
    try:
        return shelf.book(month), False
    except NoRulesError:
        latest = shelf.books[-1] if shelf.books else None
    if latest is None or month < latest.first_month:
        return None
    return latest, True


def _amount(book: RuleBook, program: str, month: Month, minutes: int) -> Decimal | None:
    return evaluate(book, _facts(program, month, minutes)).amount


def _facts(program: str, month: Month, minutes: int) -> BillingFacts:
    """Give a month that lacks nothing but what its minutes do not earn."""
    joined = month.previous.first_day
    taken = datetime.combine(joined, time(9), UTC)
    worked = datetime.combine(month.first_day + timedelta(days=9), time(10), UTC)
    entry = TimeFact("simulated", worked, minutes * 60, Worker.CLINICAL_STAFF, ProgramId(program))
    return BillingFacts(
        month=month,
        programs=frozenset([ProgramId(program)]),
        practitioner=Practitioner(_US),
        enrolled_on=joined,
        consent=ConsentFact(accepted=True, taken_at=taken, practitioner=_US),
        care_plan=CarePlanFact(joined, joined),
        time=(entry,),
        condition_groups=2,
        initiating_visit_on=joined,
    )
