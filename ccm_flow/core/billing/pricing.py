"""What Medicare allows for a code on a day, and who pays which part of it."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from ccm_flow.core.billing.model import Basis, BillingFacts, LocalityId, Place
from ccm_flow.core.billing.rules import CodeRule, Payment, Rate, RuleBook

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Price:
    """The amount for one unit, or why there is none."""

    each: Decimal | None
    approximate: bool
    basis: Basis | None
    sentence: str


def price(rule: CodeRule, on: date, facts: BillingFacts, book: RuleBook) -> Price:
    """Find the amount for one unit; an amount that no source gives stays unknown."""
    flat = facts.place in book.payment.flat_places
    if facts.locality is not None and not flat:
        found = _local(rule, on, facts.place, book, facts.locality)
        return _reduced(found, facts, book.payment)
    rate = next((rate for rate in reversed(rule.rates) if rate.first_day <= on), None)
    if rate is None:
        return _unknown(rule, "the rules give no amount for that day")
    found = _national(rule, rate, facts, book.payment)
    return found if flat else _reduced(found, facts, book.payment)


def _local(rule: CodeRule, on: date, place: Place, book: RuleBook, locality: LocalityId) -> Price:
    local = book.locality(locality, on)
    if local is None:
        return _unknown(rule, f"there are no amounts for locality {locality}")
    amount = local.amounts.get(rule.code)
    if amount is None or place is not Place.OFFICE:
        return _unknown(rule, f"the amounts of locality {locality} do not have it")
    return _known(rule, amount, local.basis, f" in {local.title}")


def _national(rule: CodeRule, rate: Rate, facts: BillingFacts, payment: Payment) -> Price:
    if facts.practitioner.qualifying and not payment.covers_qualifying:
        return _unknown(
            rule, "the rules have no amounts for qualifying participants", payment.qualifying
        )
    in_facility = facts.place is Place.FACILITY
    amount = rate.facility if in_facility else rate.amount
    if amount is None:
        where = "in a facility" if in_facility else f"from {rate.first_day} on"
        return _unknown(rule, f"no source gives one {where}", rate.basis)
    return _known(rule, amount, rate.basis, "", approximate=rate.approximate)


def _known(
    rule: CodeRule, amount: Decimal, basis: Basis, where: str, *, approximate: bool = False
) -> Price:
    about = "about " if approximate else ""
    sentence = f"Medicare allows {about}${amount} for one {rule.code}{where} {basis}"
    return Price(amount, approximate, basis, sentence)


def _unknown(rule: CodeRule, why: str, basis: Basis | None = None) -> Price:
    shown = f" {basis}" if basis else ""
    return Price(None, False, basis, f"The amount of {rule.code} is not known: {why}{shown}")


def _reduced(found: Price, facts: BillingFacts, payment: Payment) -> Price:
    kind = facts.practitioner.kind
    if found.each is None or kind not in payment.reduced_kinds:
        return found
    each = _cents(found.each * payment.reduced_percent / 100)
    who = kind.replace("_", " ")
    sentence = (
        f"{found.sentence}; {payment.reduced_percent} % of it, ${each}, as a {who} bills it "
        f"{payment.reduction}"
    )
    return Price(each, found.approximate, found.basis, sentence)


def split(amount: Decimal, payment: Payment) -> tuple[Decimal, Decimal]:
    """Give Medicare's part, after sequestration, and the patient's or supplement's part."""
    medicare = amount * payment.medicare_percent / 100
    patient = _cents(amount - medicare)
    return _cents(medicare * (100 - payment.sequestration_percent) / 100), patient


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)
